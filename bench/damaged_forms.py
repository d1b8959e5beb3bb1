"""Real edits written in the other forms of reply, with what models get wrong in them."""

import difflib
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bench.damage import Case, text_of

_COMMENTS = {
    "py": "# ... existing code ...",
    "js": "// ... existing code ...",
    "md": "<!-- ... existing content ... -->",
}
_HEADS = {"py": "(?:class|def|async def) ", "js": "(?:class|function) ", "md": "#+ "}
Form = Callable[[Case, random.Random], Case | None]


def changed(case: Case) -> Iterator[tuple[str, list[str], list[str]]]:
    """The files that change, with their lines before and after; nothing when the case is not plain."""
    for path, after in case.expected.items():
        before = case.base.get(path)
        if before is None or "\r" in before or not before.endswith("\n") or not after.endswith("\n"):
            continue
        if before != after:
            yield path, before.split("\n")[:-1], after.split("\n")[:-1]


def form(render: Callable[[str, list[str], list[str], random.Random], str | None]) -> Form:
    """A reply that gives the change of every file in one form; None when a file cannot be given so."""

    def derive(case: Case, rng: random.Random) -> Case | None:
        files = list(changed(case))
        n_changed = sum(case.base.get(path) != text for path, text in case.expected.items())
        parts = [render(path, before, after, rng) for path, before, after in files]
        if not parts or None in parts or len(parts) != n_changed:
            return None
        return replace(case, reply="Here is the change:\n\n" + "\n".join(part or "" for part in parts))

    return derive


def diff_of(before: Sequence[str], after: Sequence[str], path: str, n_context: int = 3) -> list[str]:
    return list(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="", n=n_context))


def diff(
    change: Callable[[list[str], random.Random], Sequence[str]], *, n_context: int = 3, fence: str = "```diff"
) -> Form:
    """A unified diff whose lines, the names of files among them, are changed."""

    def render(path: str, before: list[str], after: list[str], rng: random.Random) -> str:
        body = text_of(change(diff_of(before, after, path, n_context), rng))
        return f"{fence}\n{body}```\n" if fence else body

    return form(render)


def headers(new: str) -> Callable[[list[str], random.Random], list[str]]:
    return lambda lines, _: [new if line.startswith("@@") else line for line in lines]


def unmarked(lines: list[str], rng: random.Random) -> list[str]:
    """Context lines without the blank in front of them."""
    return [line[1:] if line[:1] == " " and line.strip() else line for line in lines]


def unmarked_blanks(lines: list[str], _: random.Random) -> list[str]:
    return ["" if line == " " else line for line in lines]


def wrong_counts(lines: list[str], _: random.Random) -> list[str]:
    return [re.sub(r",(\d+)", lambda m: f",{int(m[1]) + 2}", x) if x.startswith("@@") else x for x in lines]


def wrong_numbers(lines: list[str], rng: random.Random) -> list[str]:
    return [re.sub(r"-\d+", f"-{rng.randrange(1, 900)}", x) if x.startswith("@@") else x for x in lines]


def no_names(lines: list[str], _: random.Random) -> list[str]:
    return lines[2:]


def plain_names(lines: list[str], _: random.Random) -> list[str]:
    return [f"{lines[0][:4]}{lines[0][6:]}", f"{lines[1][:4]}{lines[1][6:]}", *lines[2:]]


def git_names(lines: list[str], _: random.Random) -> list[str]:
    return [f"diff --git {lines[0][4:]} {lines[1][4:]}", "index 83db48f..bf269f4 100644", *lines]


def dated_names(lines: list[str], _: random.Random) -> list[str]:
    return [f"{lines[0]}\t2024-05-01 10:00:00", f"{lines[1]}\t2024-05-01 10:01:00", *lines[2:]]


def no_newline(lines: list[str], _: random.Random) -> list[str]:
    return [*lines, "\\ No newline at end of file"]


def hunks_reversed(lines: list[str], _: random.Random) -> list[str]:
    starts = [n for n, line in enumerate(lines) if line.startswith("@@")]
    pieces = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [*lines[:2], *(line for piece in reversed(pieces) for line in piece)]


def shifted(lines: list[str], _: random.Random) -> list[str]:
    return [*lines[:2], *(f"{x[0]}    {x[1:]}" if x[1:].strip() and not x.startswith("@@") else x for x in lines[2:])]


def dedented(lines: list[str], _: random.Random) -> list[str] | tuple[str, ...]:
    body = [line for line in lines[2:] if not line.startswith("@@") and line[1:].strip()]
    n = min(len(line) - 1 - len(line[1:].lstrip(" ")) for line in body)
    return [*lines[:2], *(x if x.startswith("@@") or not x[1:].strip() else x[0] + x[1 + n :] for x in lines[2:])]


def tabs(lines: list[str], _: random.Random) -> list[str]:
    def tabbed(x: str) -> str:
        width = len(x[1:]) - len(x[1:].lstrip(" "))
        return x[0] + "\t" * (width // 4) + " " * (width % 4) + x[1 + width :]

    return [*lines[:2], *(x if x.startswith("@@") else tabbed(x) if x[1:].strip() else x for x in lines[2:])]


def patch(change: Callable[[str], str], anchors: bool = False, n_context: int = 3) -> Form:
    """The `*** Begin Patch` form, changed as a whole."""

    def render(path: str, before: list[str], after: list[str], rng: random.Random) -> str:
        lines = diff_of(before, after, path, n_context)[2:]
        body = [
            anchor(line, before) if line.startswith("@@") and anchors else re.sub("^@@.*", "@@", line) for line in lines
        ]
        return change(f"*** Begin Patch\n*** Update File: {path}\n{text_of(body)}*** End Patch\n")

    return form(render)


def anchor(header: str, before: list[str]) -> str:
    """A header that names the class or function above the hunk."""
    start = int(header[4:].split(",", maxsplit=1)[0].split(" ", maxsplit=1)[0]) - 1
    heads = [x.strip() for x in before[:start] if re.match(r"\s*(?:class|def) ", x)]
    return f"@@ {heads[-1]}" if heads else "@@"


def json_edits(wrap: Callable[[list[dict[str, object]], str], str], n_context: int = 3) -> Form:
    """Every hunk as an object with old and new text."""

    def render(path: str, before: list[str], after: list[str], _: random.Random) -> str:
        hunks: list[dict[str, object]] = []
        for line in diff_of(before, after, path, n_context)[2:]:
            if line.startswith("@@"):
                hunks.append({"path": path, "old_string": "", "new_string": ""})
            else:
                for key, signs in (("old_string", " -"), ("new_string", " +")):
                    hunks[-1][key] = f"{hunks[-1][key]}{line[1:]}\n" if line[0] in signs else hunks[-1][key]
        return wrap(hunks, path)

    return form(render)


def json_ranges(path: str, before: list[str], after: list[str], _: random.Random) -> str:
    codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    edits = [
        {"start_line": i1 + 1, "end_line": i2, "new_text": text_of(after[j1:j2])}
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]
    return json.dumps({"path": path, "edits": edits})


def whole(shape: Callable[[str, str], str]) -> Form:
    return form(lambda path, before, after, rng: shape(path, text_of(after)))


def lazy(path: str, before: list[str], after: list[str], _: random.Random) -> str | None:
    """The file with long unchanged stretches between declarations at the margin left out.

    What is left out is unchanged with the blank lines above it, since no reader could tell how many there were.
    """
    comment = _COMMENTS.get(path.rsplit(".", 1)[-1])
    if comment is None:
        return None
    lines: list[str] = []
    done = 0
    for run in difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        first = next((n for n in range(run.b, run.b + run.size) if after[n].strip()), run.b) + (0 < run.b)
        heads = [
            n for n in range(first, run.b + run.size) if re.match(_HEADS.get(path.rsplit(".", 1)[-1], "$"), after[n])
        ]
        if len(heads) < 2 or heads[-1] - heads[0] < 8:
            continue
        lines += [*after[done : heads[0]], comment, "", *[""] * path.endswith(".py")]
        done = heads[-1]
    return f"{path}\n```\n{text_of([*lines, *after[done:]])}```\n" if lines else None


def numbered(path: str, text: str) -> str:
    return f"{path}\n```\n" + "".join(f"{n:4} | {x}\n" for n, x in enumerate(text.split("\n")[:-1], 1)) + "```\n"


def fence_for(text: str) -> str:
    return "`" * (max((len(m) for m in re.findall(r"`{3,}", text)), default=2) + 1)


FORMS: dict[str, Form] = {
    "diff: as it should be": diff(lambda lines, _: lines),
    "diff: not fenced": diff(lambda lines, _: lines, fence=""),
    "diff: fenced as code": diff(lambda lines, _: lines, fence="```python"),
    "diff: headers @@ ... @@": diff(headers("@@ ... @@")),
    "diff: headers @@": diff(headers("@@")),
    "diff: headers @@ @@": diff(headers("@@ @@")),
    "diff: wrong numbers": diff(wrong_numbers),
    "diff: wrong counts": diff(wrong_counts),
    "diff: marks of context lost": diff(unmarked),
    "diff: marks of blank lines lost": diff(unmarked_blanks),
    "diff: names without a/ and b/": diff(plain_names),
    "diff: names of git": diff(git_names),
    "diff: names with dates": diff(dated_names),
    "diff: no newline note": diff(no_newline),
    "diff: hunks in another order": diff(hunks_reversed),
    "diff: shifted by 4": diff(shifted),
    "diff: dedented": diff(dedented),
    "diff: in tabs": diff(tabs),
    "diff: ten lines of context": diff(lambda lines, _: lines, n_context=10),
    "patch: as it should be": patch(lambda text: text),
    "patch: fenced": patch(lambda text: f"```\n{text}```\n"),
    "patch: heredoc": patch(lambda text: f"apply_patch <<'EOF'\n{text}EOF\n"),
    "patch: anchors": patch(lambda text: text, anchors=True),
    "patch: without @@": patch(lambda text: text.replace("\n@@\n", "\n", 1)),
    "patch: no begin and end": patch(lambda text: text.replace("*** Begin Patch\n", "").replace("*** End Patch\n", "")),
    "patch: quoted name": patch(lambda text: re.sub(r"(File: )(.+)", r"\1`\2`", text)),
    "patch: absolute name": patch(lambda text: text.replace("File: ", "File: /repo/")),
    "patch: CRLF": patch(lambda text: text.replace("\n", "\r\n")),
    "json: a list": json_edits(lambda edits, _: json.dumps(edits)),
    "json: one a line": json_edits(lambda edits, _: "".join(json.dumps(edit) + "\n" for edit in edits)),
    "json: fenced": json_edits(lambda edits, _: f"```json\n{json.dumps(edits, indent=2)}\n```\n"),
    "json: under edits": json_edits(lambda edits, path: json.dumps({"path": path, "edits": edits}, indent=1)),
    "json: trailing commas": json_edits(lambda edits, _: json.dumps(edits, indent=1).replace('"\n  }', '",\n  }')),
    "json: by numbers": form(json_ranges),
    "whole: fenced": whole(lambda path, text: f"{path}\n{fence_for(text)}\n{text}{fence_for(text)}\n"),
    "whole: short fence": whole(lambda path, text: f"{path}\n```python\n{text}```\n"),
    "whole: tildes": whole(lambda path, text: f"**{path}**\n\n~~~~\n{text}~~~~\n"),
    "whole: not named": whole(lambda path, text: f"{fence_for(text)}\n{text}{fence_for(text)}\n"),
    "whole: not fenced": whole(lambda path, text: text),
    "whole: named in a comment": whole(lambda path, text: f"{fence_for(text)}\n# {path}\n{text}{fence_for(text)}\n"),
    "whole: numbered": whole(numbered),
    "whole: CRLF": whole(lambda path, text: f"{path}\n````\n{text}````\n".replace("\n", "\r\n")),
    "whole: one more blank line": whole(lambda path, text: f"{path}\n{fence_for(text)}\n{text}\n{fence_for(text)}\n"),
    "whole: parts left out": form(lazy),
}
HARD_FORMS: dict[str, Form] = {
    "diff: without names": diff(no_names),
    "diff: one line of context": diff(lambda lines, _: lines, n_context=1),
    "diff: no context": diff(headers("@@"), n_context=0),
    "diff: one line of context, no numbers": diff(headers("@@"), n_context=1),
    "patch: one line of context": patch(lambda text: text, n_context=1),
    "patch: no end": patch(lambda text: text.replace("*** End Patch\n", "")),
    "json: one line of context": json_edits(lambda edits, _: json.dumps(edits), n_context=1),
}
