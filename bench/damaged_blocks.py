"""What models do to search/replace blocks: damage to the lines quoted and given, to markers, names and the reply.

Every kind takes a real case and gives the reply, the files and what they should become; None where it has no hold.
"""

import difflib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

BLOCK = re.compile(
    r"^(<{5,9} SEARCH>?[ \t]*\n)(.*?)(^={5,9}[ \t]*\n)(.*?)(^>{5,9} REPLACE[ \t]*$)", re.DOTALL | re.MULTILINE
)
Lines = list[str]
Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A reply, the files it was written for, the files as they are now, and what they should become."""

    name: str
    reply: str
    base: Files
    current: Files
    expected: Files


Damage = Callable[[Case, random.Random], Case | None]
SidesDamage = Callable[[Lines, Lines, random.Random], tuple[Lines, Lines] | None]


def on_blocks(change: SidesDamage) -> Damage:
    """Damage to the quoted and the new lines of every block that quotes something."""

    def damage(case: Case, rng: random.Random) -> Case | None:
        n_changed = 0

        def changed(match: re.Match[str]) -> str:
            nonlocal n_changed
            old, new = match[2].split("\n")[:-1], match[4].split("\n")[:-1]
            result = change(old, new, rng) if _is_plain(old, new) else None
            if result is None or result == (old, new):
                return match[0]
            n_changed += 1
            return match[1] + text_of(result[0]) + match[3] + text_of(result[1]) + match[5]

        reply = BLOCK.sub(changed, case.reply)
        return replace(case, reply=reply) if n_changed else None

    return damage


def _is_plain(old: Lines, new: Lines) -> bool:
    """Whether a block quotes something, and white space that is not seen is no part of what it changes."""
    return any(line.strip() for line in old) and not any(line != line.rstrip() for line in [*old, *new])


def on_reply(change: Callable[[str], str]) -> Damage:
    """Damage to the reply as a whole."""

    def damage(case: Case, _: random.Random) -> Case | None:
        reply = change(case.reply)
        return replace(case, reply=reply) if reply != case.reply else None

    return damage


def on_files(change: Callable[[str], str]) -> Damage:
    """Documents of another shape than the reply supposes."""

    def damage(case: Case, _: random.Random) -> Case | None:
        files = [case.base, case.current, case.expected]
        changed = [{path: change(text) for path, text in one.items()} for one in files]
        is_changed = all(
            text != old[path] for old, new in zip(files, changed, strict=True) for path, text in new.items()
        )
        return replace(case, base=changed[0], current=changed[1], expected=changed[2]) if is_changed else None

    return damage


def both(change: Callable[[str], str]) -> SidesDamage:
    """The same damage to every line that is not blank."""
    return lambda old, new, _: (
        [change(x) if x.strip() else x for x in old],
        [change(x) if x.strip() else x for x in new],
    )


def shown(change: Callable[[str], str]) -> SidesDamage:
    """The same damage to both sides, where the quote shows it."""
    return lambda old, new, _: ([*map(change, old)], [*map(change, new)]) if [*map(change, old)] != old else None


def quoted(change: Callable[[str], str]) -> SidesDamage:
    """Damage to the quoted lines alone."""
    return lambda old, new, _: ([change(x) if x.strip() else x for x in old], new)


def text_of(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def to_tabs(line: str, step: int = 4) -> str:
    width = len(indentation(line).expandtabs(step))
    return "\t" * (width // step) + " " * (width % step) + line.lstrip(" \t")


def tabbed(text: str) -> str:
    return "\n".join(to_tabs(line) if line.strip() else line for line in text.split("\n"))


def two_columns(line: str) -> str:
    own = indentation(line)
    return " " * (len(own.expandtabs(4)) // 2) + line[len(own) :]


def in_steps_of_two(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    """Both sides in steps of two columns, where the quote shows that it has steps of four."""
    widths = [len(indentation(line)) for line in [*old, *new] if line.strip()]
    if any(width % 4 for width in widths) or not any(indentation(line) for line in old):
        return None
    return [two_columns(x) if x.strip() else x for x in old], [two_columns(x) if x.strip() else x for x in new]


def quote_in_steps_of_two(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    both_sides = in_steps_of_two(old, new, rng)
    return (both_sides[0], new) if both_sides else None


def halved(text: str) -> str:
    """A document indented by two columns a level, where the reply supposes four; only where all are even."""
    lines = text.split("\n")
    if any("\t" in indentation(line) or len(indentation(line)) % 2 for line in lines):
        return text
    return "\n".join(two_columns(line) if line.strip() else line for line in lines)


def dedented(lines: Lines, n: int) -> Lines:
    return [line[n:] if line.strip() else line for line in lines]


def margin(lines: Lines) -> int:
    return min((len(indentation(line)) for line in lines if line.strip()), default=0)


def dedent_both(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    n = min(margin(old), margin(new)) if any(line.strip() for line in new) else margin(old)
    return dedented(old, n), dedented(new, n)


def dedent_quote(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    return dedented(old, margin(old)), new


def shift_quote(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    return [f"    {line}" if line.strip() else line for line in old], new


def bare_first(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    if not new or not indentation(old[0]) or len(old) < 2 or indentation(old[0]) != indentation(new[0]):
        return None
    return [old[0].lstrip(), *old[1:]], [new[0].lstrip(), *new[1:]]


def slipped(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    shown = [n for n, line in enumerate(old) if line.strip()]
    if len(shown) < 4:
        return None
    at = rng.choice(shown)
    return [f" {line}" if n == at else line for n, line in enumerate(old)], new


def in_shared(change: Callable[[Lines], Lines], *, is_quote_only: bool = False) -> SidesDamage:
    """The same damage to the runs of lines that both sides share, on both sides or only in the quote."""

    def damage(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
        runs = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        done_old: Lines = []
        done_new: Lines = []
        at = new_at = 0
        for run in runs:
            shared = change(old[run.a : run.a + run.size])
            done_old += old[at : run.a] + shared
            done_new += new[new_at : run.b] + (new[run.b : run.b + run.size] if is_quote_only else shared)
            at, new_at = run.a + run.size, run.b + run.size
        return done_old, done_new

    return damage


def no_blanks(lines: Lines) -> Lines:
    """Without blank lines inside."""
    return [line for n, line in enumerate(lines) if line.strip() or n in (0, len(lines) - 1)]


def more_blanks(lines: Lines) -> Lines:
    """With every blank line inside twice."""
    last = len(lines) - 1
    return [x for n, line in enumerate(lines) for x in ((line,) if line.strip() or n in (0, last) else (line, line))]


def blanks_around(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    return (["", *old, ""], ["", *new, ""]) if _has_full_edges(old, new) else None


def blanks_around_quote(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    """More blank lines around the quote than any file has."""
    return (["", "", "", "", *old, "", "", "", ""], new) if _has_full_edges(old, new) else None


def _has_full_edges(old: Lines, new: Lines) -> bool:
    return bool(new) and all(line.strip() for line in (old[0], old[-1], new[0], new[-1]))


def bare_edges(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    """Blank lines at the edges of the block lost on both sides."""
    if not any(line.strip() for line in new):
        return None
    while old and new and not old[0].strip() and not new[0].strip():
        old, new = old[1:], new[1:]
    while old and new and not old[-1].strip() and not new[-1].strip():
        old, new = old[:-1], new[:-1]
    return old, new


def white_ends(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
    return [line + " " * rng.randint(0, 3) if line.strip() else "   " for line in old], new


def numbered(mark: str, width: int = 0) -> SidesDamage:
    def number(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        first = rng.randrange(1, 900)
        return (
            [f"{first + n:{width}}{mark}{line}" for n, line in enumerate(old)],
            [f"{first + n:{width}}{mark}{line}" for n, line in enumerate(new)],
        )

    return number


def numbered_quote(mark: str) -> SidesDamage:
    def number(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        first = rng.randrange(1, 900)
        return [f"{first + n}{mark}{line}" for n, line in enumerate(old)], new

    return number


def sprinkled(sign: str, place: str, share: float) -> SidesDamage:
    """A sign that is not seen, here and there in the quote."""

    def sprinkle(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        return [re.sub(place, lambda m: m[0] if share < rng.random() else sign, x) for x in old], new

    return sprinkle


def entities(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def smart(line: str) -> str:
    return re.sub(r'"([^"]*)"', "\u201c\\1\u201d", line).replace("'", "\u2019")


def dashes(line: str) -> str:
    return line.replace("--", "\u2014").replace("-", "\u2013")


def full_width(line: str) -> str:
    return line.translate(str.maketrans("(),:;!?", "\uff08\uff09\uff0c\uff1a\uff1b\uff01\uff1f"))


def escaped_quotes(line: str) -> str:
    return line.replace('"', '\\"').replace("'", "\\'")


def double_backslashes(line: str) -> str:
    return line.replace("\\", "\\\\")


def marked(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    return [f"-{line}" for line in old], [f"+{line}" for line in new]


def marked_as_context(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    """Lines that stay have a blank in front, the others a sign, as in a diff."""
    shared, given = set(new), set(old)
    return (
        [f" {x}" if x in shared else f"-{x}" for x in old],
        [f" {x}" if x in given else f"+{x}" for x in new],
    )


def misremembered(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A word of one line of context written otherwise, on both sides."""
    shared = [x for x in old if x in new and old.count(x) == new.count(x) == 1 and re.search(r"[a-z]{4}", x)]
    if not shared:
        return None
    line = rng.choice(shared)
    wrong = re.sub(r"([a-z]{4})", r"\1ed", line, count=1)
    return [wrong if x == line else x for x in old], [wrong if x == line else x for x in new]


def misquoted(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A word of one line quoted otherwise than it is."""
    at = [n for n, line in enumerate(old) if re.search(r"[a-z]{4}", line)]
    if not at:
        return None
    n = rng.choice(at)
    return [*old[:n], re.sub(r"([a-z]{4})", r"\1ed", old[n], count=1), *old[n + 1 :]], new


def comment_changed(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    at = [n for n, line in enumerate(old) if re.search(r"# \w", line)]
    if not at:
        return None
    n = rng.choice(at)
    return [*old[:n], re.sub(r"# .*", "# Does what is needed", old[n]), *old[n + 1 :]], new


def case_changed(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    return misremembered(old, new, rng) and ([x.upper() if n == 0 else x for n, x in enumerate(old)], new)


def end_cut(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    """The last line of the quote written by half."""
    if len(old) < 3 or len(old[-1].strip()) < 8:
        return None
    return [*old[:-1], old[-1][: -len(old[-1].strip()) // 2]], new


def line_dropped(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A line in the middle of the quote forgotten, on both sides."""
    inner = [x for x in old[1:-1] if x in new[1:-1] and old.count(x) == new.count(x) == 1 and x.strip()]
    if not inner:
        return None
    line = rng.choice(inner)
    return [x for x in old if x != line], [x for x in new if x != line]


def line_dropped_in_quote(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    inner = [n for n, line in enumerate(old) if 0 < n < len(old) - 1 and line.strip()]
    if not inner:
        return None
    n = rng.choice(inner)
    return old[:n] + old[n + 1 :], new


SIDES: dict[str, SidesDamage] = {
    "shifted by 2": both(lambda line: f"  {line}"),
    "shifted by 8": both(lambda line: f"        {line}"),
    "shifted by 1": both(lambda line: f" {line}"),
    "shifted by a tab": both(lambda line: f"\t{line}"),
    "dedented": dedent_both,
    "quote dedented": dedent_quote,
    "quote shifted": shift_quote,
    "first line bare": bare_first,
    "one line slipped": slipped,
    "reply in tabs": both(to_tabs),
    "quote in tabs": quoted(to_tabs),
    "reply in steps of two": in_steps_of_two,
    "quote in steps of two": quote_in_steps_of_two,
    "blank lines lost": in_shared(no_blanks),
    "blank lines lost in the quote": in_shared(no_blanks, is_quote_only=True),
    "blank lines doubled": in_shared(more_blanks),
    "blank lines doubled in the quote": in_shared(more_blanks, is_quote_only=True),
    "blank lines around": blanks_around,
    "blank lines around the quote": blanks_around_quote,
    "blank lines at the edges lost": bare_edges,
    "white space at ends and in blank lines": white_ends,
    "numbers: 12 | line": numbered(" | ", 4),
    "numbers: 12| line": numbered("| "),
    "numbers: 12: line": numbered(": "),
    "numbers: 12:line": numbered(":"),
    "numbers: 12, tab, line": numbered("\t", 6),
    "numbers: 12 arrow line": numbered("\u2192", 6),
    "numbers in the quote": numbered_quote(" | "),
    "numbers in the quote, colon": numbered_quote(": "),
    "no-break spaces": sprinkled("\u00a0", " ", 0.3),
    "zero-width spaces": sprinkled("\u200b", r"(?<=\w)(?=\w)", 0.05),
    "zero-width at the start": quoted(lambda line: f"\ufeff{line}"),
    "entities": shown(entities),
    "entities in the quote": quoted(entities),
    "smart quotes on both sides": shown(smart),
    "dashes": quoted(dashes),
    "ellipsis signs": quoted(lambda line: line.replace("...", "\u2026")),
    "full-width signs": quoted(full_width),
    "escaped quotes": shown(escaped_quotes),
    "escaped quotes in the quote": quoted(escaped_quotes),
    "double backslashes": shown(double_backslashes),
    "double backslashes in the quote": quoted(double_backslashes),
    "quote marks of mail": both(lambda line: f"> {line}"),
    "minus and plus in front": marked,
    "minus, plus and blanks in front": marked_as_context,
}
HARD_SIDES: dict[str, SidesDamage] = {
    "a line of context misremembered": misremembered,
    "a line misquoted": misquoted,
    "comment changed in the quote": comment_changed,
    "capitals in the quote": case_changed,
    "end of the quote cut": end_cut,
    "a line of context forgotten": line_dropped,
    "a line forgotten in the quote": line_dropped_in_quote,
}
"""Damage after which it may not be clear what was meant; refusing is right, guessing is not."""
