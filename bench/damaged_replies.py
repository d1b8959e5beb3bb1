"""What models do around search/replace blocks: names of files, fences, markers, order, reasoning, several forms."""

import difflib
import random
import re
from dataclasses import replace

from bench.damage import BLOCK, Case, Damage, on_files, on_reply
from bench.damaged_space import halved, tabbed

_NAMED = re.compile(r"^(?P<path>[^\n`]*?)\n(?P<fence>`{3,})(?P<info>[^\n]*)\n(?=<{5,9} SEARCH)", re.MULTILINE)


def named(form: str) -> Damage:
    """The name of the file above a block written in another way; `{path}`, `{fence}` and `{info}` stand in the form."""
    return on_reply(
        lambda reply: _NAMED.sub(
            lambda m: (
                form.format(path=m["path"], fence=m["fence"], info=m["info"]) + "\n" if m["path"].strip() else m[0]
            ),
            reply,
        )
    )


def backslashed(reply: str) -> str:
    return _NAMED.sub(lambda m: m[0].replace(m["path"], m["path"].replace("/", "\\")), reply)


def upper(reply: str) -> str:
    return _NAMED.sub(lambda m: m[0].replace(m["path"], m["path"].capitalize()), reply)


def base_name(reply: str) -> str:
    return _NAMED.sub(lambda m: m[0].replace(m["path"], m["path"].rsplit("/", 1)[-1]), reply)


def path_after_fence(reply: str) -> str:
    return _NAMED.sub(lambda m: f"{m['fence']}{m['info']}\n{m['path']}\n", reply)


def markers(begin: str, divider: str, end: str) -> Damage:
    return on_reply(lambda reply: BLOCK.sub(lambda m: f"{begin}\n{m[2]}{divider}\n{m[4]}{end}", reply))


def fence(mark: str) -> Damage:
    """Other fences around the blocks; none for an empty mark."""

    def change(reply: str) -> str:
        bare = re.sub(r"^`{3,}[^\n]*\n(?=<{5,9} SEARCH)", f"{mark}python\n" if mark else "", reply, flags=re.MULTILINE)
        return re.sub(r"(^>{5,9} REPLACE[ \t]*\n)`{3,}[ \t]*$", lambda m: m[1] + mark, bare, flags=re.MULTILINE)

    return on_reply(change)


def fence_inside(reply: str) -> str:
    return BLOCK.sub(
        lambda m: f"{m[1]}```python\n{m[2]}```\n{m[3]}```python\n{m[4]}```\n{m[5]}" if m[2].strip() else m[0], reply
    )


def blocks_of(reply: str) -> list[re.Match[str]]:
    return list(BLOCK.finditer(reply))


def reversed_blocks(case: Case, _: random.Random) -> Case | None:
    """The blocks in another order; only where each has its own name and fence."""
    pieces = list(
        re.finditer(
            r"^[^\n`]+\n```[^\n]*\n<{5,9} SEARCH.*?^>{5,9} REPLACE[ \t]*\n```[ \t]*$",
            case.reply,
            re.DOTALL | re.MULTILINE,
        )
    )
    if len(pieces) < 2 or len(pieces) != len(blocks_of(case.reply)):
        return None
    reply = "\n\n".join(piece[0] for piece in reversed(pieces))
    return replace(case, reply=reply + "\n")


def repeated(case: Case, _: random.Random) -> Case | None:
    """The whole reply given twice, as when a model starts over."""
    return replace(case, reply=case.reply + "\n\nHere it is once more:\n\n" + case.reply)


def no_change_besides(case: Case, _: random.Random) -> Case | None:
    """A block besides that replaces lines by themselves."""
    path, text = next(iter(case.base.items()), ("", ""))
    lines = [line for line in text.split("\n") if line.strip() and text.split("\n").count(line) == 1]
    if not lines or len(case.base) > 1:
        return None
    line = lines[len(lines) // 2]
    return replace(
        case, reply=f"{case.reply}\n\n{path}\n```\n<<<<<<< SEARCH\n{line}\n=======\n{line}\n>>>>>>> REPLACE\n```\n"
    )


def reasoning(form: str) -> Damage:
    """The same reply, with other changes, thought about before."""

    def change(case: Case, _: random.Random) -> Case | None:
        draft = BLOCK.sub(lambda m: f"{m[1]}{m[2]}{m[3]}draft = 1\n{m[5]}", case.reply)
        return replace(case, reply=form.format(draft=draft, reply=case.reply))

    return change


def half_as_diff(case: Case, rng: random.Random) -> Case | None:
    """One file's blocks, and another file's change as a unified diff."""
    diff = "\n".join(difflib.unified_diff(["x = 1"], ["x = 2"], "a/other_file.py", "b/other_file.py", lineterm=""))
    files = {"other_file.py": "x = 1\n"}
    return replace(
        case,
        reply=f"{case.reply}\n\n```diff\n{diff}\n```\n",
        base={**case.base, **files},
        current={**case.current, **files},
        expected={**case.expected, "other_file.py": "x = 2\n"},
    )


def half_as_whole(case: Case, rng: random.Random) -> Case | None:
    """Blocks, and a new file besides that is given whole."""
    reply = f"{case.reply}\n\nsome/new_file.py\n```python\nx = 2\n```\n"
    return replace(case, reply=reply, expected={**case.expected, "some/new_file.py": "x = 2\n"})


def applied_already(case: Case, _: random.Random) -> Case | None:
    """The files have the change already; nothing may be done to them."""
    if any("<<<" in text for text in case.expected.values()) or set(case.base) != set(case.expected):
        return None
    return replace(case, base=case.expected, current=case.expected)


def cut(case: Case, rng: random.Random) -> Case | None:
    """The reply ends inside a block; nothing may be done."""
    last = blocks_of(case.reply)[-1]
    end = rng.randrange(last.start() + 8, last.end() - 2)
    return replace(case, reply=case.reply[:end], expected=case.current)


def no_end_marker(case: Case, _: random.Random) -> Case | None:
    last = blocks_of(case.reply)[-1]
    return replace(case, reply=case.reply[: last.start(5)] + case.reply[last.end(5) :], expected=case.current)


def other_file_besides(case: Case, _: random.Random) -> Case | None:
    """A copy of every file under another name among those known."""
    copies = {f"copy/{path}": text for path, text in case.base.items()}
    return replace(
        case, base={**case.base, **copies}, current={**case.current, **copies}, expected={**case.expected, **copies}
    )


def bulleted(reply: str) -> str:
    return "\n".join(f"   {line}" if line else line for line in reply.split("\n"))


def without_final_break(text: str) -> str:
    return text.removesuffix("\n")


def in_halved_documents(case: Case, rng: random.Random) -> Case | None:
    """Documents in steps of two columns, where every quote shows that the reply supposes another step.

    A block that quotes nothing indented says nothing of it, and its new lines go in to the letter.
    """
    sides = [(block[2], block[4]) for block in BLOCK.finditer(case.reply)]
    if any(_is_indented(new) and not _is_indented(old) for old, new in sides):
        return None
    return on_files(halved)(case, rng)


def _is_indented(text: str) -> bool:
    return re.search(r"^[ \t]+\S", text, re.MULTILINE) is not None


REPLIES: dict[str, Damage] = {
    "path with ./": named("./{path}\n{fence}{info}"),
    "path with a/": named("a/{path}\n{fence}{info}"),
    "absolute path": named("/home/me/project/{path}\n{fence}{info}"),
    "path with backslashes": on_reply(backslashed),
    "path in capitals": on_reply(upper),
    "only the name of the file": on_reply(base_name),
    "path in backticks": named("`{path}`\n{fence}{info}"),
    "path in quotation marks": named('"{path}"\n{fence}{info}'),
    "path with a colon": named("{path}:\n{fence}{info}"),
    "path as a heading": named("### {path}\n\n{fence}{info}"),
    "path in bold": named("**{path}**\n\n{fence}{info}"),
    "path as an item": named("1. `{path}`:\n{fence}{info}"),
    "path after File:": named("File: {path}\n{fence}{info}"),
    "path in a sentence": named("Now we change `{path}` as follows:\n\n{fence}{info}"),
    "path as a comment": named("{fence}{info}\n# {path}"),
    "path after the fence": on_reply(path_after_fence),
    "path on the fence": named("{fence}{info} {path}"),
    "path on the fence, colon": named("{fence}{info}:{path}"),
    "path on the fence, title": named('{fence}{info} title="{path}"'),
    "copies of the files besides": other_file_besides,
    "four backticks": fence("````"),
    "tildes": fence("~~~"),
    "no fence": fence(""),
    "fences inside the block": on_reply(fence_inside),
    "markers of nine": markers("<<<<<<<<< SEARCH", "=========", ">>>>>>>>> REPLACE"),
    "markers of five": markers("<<<<< SEARCH", "=====", ">>>>> REPLACE"),
    "markers with white space": markers("<<<<<<< SEARCH  ", "=======  ", ">>>>>>> REPLACE  "),
    "markers of git": markers("<<<<<<< HEAD", "=======", ">>>>>>> updated"),
    "markers of original and updated": markers("<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"),
    "dashes and pluses": markers("------- SEARCH", "=======", "+++++++ REPLACE"),
    "line hint, wrong": markers("<<<<<<< SEARCH\n:start_line:3\n:end_line:9\n-------", "=======", ">>>>>>> REPLACE"),
    "reply with CRLF": on_reply(lambda reply: reply.replace("\n", "\r\n")),
    "reply with CR": on_reply(lambda reply: reply.replace("\n", "\r")),
    "reply with a byte-order mark": on_reply(lambda reply: f"\ufeff{reply}"),
    "reply indented": on_reply(bulleted),
    "reasoning in tags": reasoning("<think>\n{draft}\n</think>\n\n{reply}"),
    "reasoning, only its end": reasoning("I think about it.\n</think>\n\n{reply}"),
    "reasoning in other tags": reasoning("<thinking>{draft}</thinking>{reply}"),
    "blocks in another order": reversed_blocks,
    "reply given twice": repeated,
    "a block that changes nothing": no_change_besides,
    "a diff besides": half_as_diff,
    "a whole file besides": half_as_whole,
    "documents with CRLF and reply too": on_files(
        lambda text: text.replace("\n", "\r\n") if "\r" not in text else text
    ),
    "documents with CR": on_files(lambda text: text.replace("\n", "\r") if "\r" not in text else text),
    "documents with a byte-order mark": on_files(lambda text: f"\ufeff{text}"),
    "documents without a last break": on_files(without_final_break),
    "documents in tabs": on_files(tabbed),
    "documents in steps of two": in_halved_documents,
}
HARD_REPLIES: dict[str, Damage] = {
    "applied already": applied_already,
    "reply cut": cut,
    "end marker missing": no_end_marker,
}


def stale(case: Case, rng: random.Random) -> Case | None:
    """The user's newer text: some lines that no change touches edited, some added; None where there are none."""
    current, expected = dict(case.current), dict(case.expected)
    n_changed = 0
    for path, text in case.current.items():
        old, new = text.split("\n"), expected.get(path, "").split("\n")
        kept = [m for m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks() if m.size > 2]
        places = [
            (m.a + n, m.b + n)
            for m in kept
            for n in range(1, m.size - 1)
            if old.count(old[m.a + n]) == new.count(old[m.a + n]) == 1
        ]
        for at, new_at in sorted(rng.sample(places, min(2, len(places))), reverse=True):
            old[at : at + 1] = new[new_at : new_at + 1] = [f"{old[at]} and_mine", "mine = 1"]
            n_changed += 1
        current[path], expected[path] = "\n".join(old), "\n".join(new)
    return replace(case, current=current, expected=expected) if n_changed else None
