"""Edits of real source files, written as a model would write them, and what goes wrong on the way.

Everything follows from a seed, so a failing case can be run again.
"""

import difflib
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tierwise.edits.indentation import shared_indentation

SOURCES = sorted(
    path
    for path in Path(os.__file__).parent.glob("*.py")
    if 3_000 < path.stat().st_size < 60_000 and b"<<<<<<" not in path.read_bytes()
)
Lines = list[str]
Damage = Callable[[Lines, Lines, random.Random], tuple[Lines, Lines] | None]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, what it should become, and the lines a model would quote and give."""

    path: str
    before: str
    after: str
    quote: tuple[str, ...]
    new: tuple[str, ...]


def make_case(rng: random.Random) -> Case:
    """A few lines of a real file with one or two changes in them; the first and last line stay."""
    path = rng.choice(SOURCES)
    lines = path.read_text(encoding="utf-8", errors="replace").replace("\f", "").split("\n")[:-1]
    while True:
        start = rng.randrange(0, len(lines) - 22)
        quote = lines[start : start + rng.randint(5, 22)]
        inner = [n for n in range(1, len(quote) - 1) if quote[n].strip()]
        if quote[0].strip() and quote[-1].strip() and len(inner) > 2:
            break
    new = list(quote)
    at = rng.choice(inner)
    margin = indentation(quote[at])
    match rng.choice(["replace", "insert", "delete", "wrap"]):
        case "replace":
            new[at] = f'{margin}changed_{rng.randrange(1000)} = compute("x", -1)  # it\'s'
        case "insert":
            new[at:at] = [f"{margin}added = {rng.randrange(1000)}", f"{margin}if added:", f'{margin}    call("a-b")']
        case "delete":
            del new[at]
        case "wrap":
            new[at] = f"    {new[at]}"
            new.insert(at, f"{margin}if wrapped_{rng.randrange(1000)}:")
    after = [*lines[:start], *new, *lines[start + len(quote) :]]
    return Case(path.name, text_of(lines), text_of(after), tuple(quote), tuple(new))


def text_of(lines: Lines) -> str:
    return "".join(f"{line}\n" for line in lines)


def indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def each(change: Callable[[str], str]) -> Damage:
    """The same damage to every line that is not blank, in the quote and in the new lines."""
    return lambda old, new, _: (
        [change(x) if x.strip() else x for x in old],
        [change(x) if x.strip() else x for x in new],
    )


def quoted(change: Callable[[str, random.Random], str]) -> Damage:
    """Damage to the quote alone."""
    return lambda old, new, rng: ([change(x, rng) if x.strip() else x for x in old], new)


def to_tabs(line: str) -> str:
    width = len(indentation(line))
    return "\t" * (width // 4) + " " * (width % 4) + line[width:]


def margin_of(lines: Lines) -> int:
    return len(shared_indentation(lines) or "")


def dedent(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    n = min(margin_of(old), margin_of(new))
    return [line[n:] if line.strip() else line for line in old], [line[n:] if line.strip() else line for line in new]


def dedent_quote(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    n = margin_of(old)
    return [line[n:] if line.strip() else line for line in old], new


def bare_first(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    if len({indentation(line) for line in old[1:] if line.strip()}) < 2:
        return None
    return [old[0].lstrip(), *old[1:]], [new[0].lstrip(), *new[1:]]


def one_slip(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
    at = rng.choice([n for n, line in enumerate(old) if line.strip()])
    return [" " + line if n == at else line for n, line in enumerate(old)], new


def double_blanks(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    return [x for line in old for x in ([line] if line.strip() else [line, line])], [
        x for line in new for x in ([line] if line.strip() else [line, line])
    ]


def numbers(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
    first = rng.randrange(1, 400)
    return [f"{first + n:4} | {line}" for n, line in enumerate(old)], [
        f"{first + n:4} | {x}" for n, x in enumerate(new)
    ]


def elided(gap: str) -> Damage:
    """Two or more lines in the middle of a run that both sides share, left out of both."""

    def leave_out(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
        runs = [m for m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks() if m.size > 3]
        if not runs:
            return None
        run = rng.choice(runs)
        first, last = run.a + 1, run.a + run.size - 1
        by = run.b - run.a
        return [*old[:first], gap, *old[last:]], [*new[: first + by], gap, *new[last + by :]]

    return leave_out


DAMAGE: dict[str, Damage] = {
    "none": lambda old, new, _: (old, new),
    "one blank more": each(lambda line: f" {line}"),
    "two blanks more": each(lambda line: f"  {line}"),
    "four blanks more": each(lambda line: f"    {line}"),
    "a tab more": each(lambda line: f"\t{line}"),
    "tabs": each(to_tabs),
    "dedented": dedent,
    "quote dedented": dedent_quote,
    "first line bare": bare_first,
    "one line slipped": one_slip,
    "white space at ends": quoted(lambda line, rng: line + " " * rng.randint(0, 3)),
    "smart quotes": quoted(lambda line, _: re.sub('"([^"]*)"', "\u201c\\1\u201d", line).replace("'", "\u2019")),
    "dashes": quoted(lambda line, _: line.replace("--", "\u2014").replace("-", "\u2013")),
    "no-break spaces": quoted(
        lambda line, rng: "".join("\u00a0" if s == " " and rng.random() < 0.3 else s for s in line)
    ),
    "zero-width spaces": quoted(
        lambda line, rng: re.sub(r"(?<=\w)(?=\w)", lambda _: "\u200b" * (rng.random() < 0.1), line)
    ),
    "ellipsis signs": quoted(lambda line, _: line.replace("...", "\u2026")),
    "entities": each(lambda line: line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")),
    "blank lines lost": lambda old, new, _: ([line for line in old if line.strip()], new),
    "blank lines doubled": double_blanks,
    "numbered": numbers,
    "dots": elided("..."),
    "dots in one sign": elided("\u2026"),
    "comment": elided("    # ... existing code ..."),
    "words": elided("# rest of the code remains unchanged"),
}
SHAPES: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "windows": lambda text: text.replace("\n", "\r\n"),
    "old mac": lambda text: text.replace("\n", "\r"),
    "byte-order mark": lambda text: f"\ufeff{text}",
    "no final line break": lambda text: text.removesuffix("\n"),
}
HEADINGS = ("{}", "`{}`", "**{}**", "File: {}", "### {}", "./{}", "a/{}", "`{}`:", "1. {}", "In `{}`:")
MARKERS = (
    ("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"),
    ("------- SEARCH", "=======", "+++++++ REPLACE"),
    ("<<<<<<<< SEARCH", "========", ">>>>>>>> REPLACE"),
)


def block_reply(path: str, old: Lines, new: Lines, rng: random.Random) -> str:
    """A search/replace block in one of its dialects, with prose around."""
    begin, divider, end = rng.choice(MARKERS)
    body = f"{begin}\n{text_of(old)}{divider}\n{text_of(new)}{end}\n"
    fence = rng.choice(["```", "````", "~~~", ""])
    heading = rng.choice(HEADINGS).format(path)
    if fence:
        body = f"{fence}{rng.choice(['', 'python', 'py'])}\n{body}{fence}\n"
    reply = f"Sure.\n\n{heading}\n{body}\nDone.\n"
    return reply.replace("\n", "\r\n") if rng.random() < 0.1 else reply


def diff_lines_of(case: Case) -> Lines:
    return list(
        difflib.unified_diff(
            case.before.split("\n")[:-1], case.after.split("\n")[:-1], f"a/{case.path}", f"b/{case.path}", lineterm=""
        )
    )


def other_replies(case: Case, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The same edit in the other forms, each with some slip that does not hide where it belongs."""
    hunks = diff_lines_of(case)
    wrong = [re.sub(r"^@@ -\d+", f"@@ -{rng.randrange(1, 2000)}", line) for line in hunks]
    yield "wrong numbers", f"```diff\n{text_of(wrong)}```\n"
    body = hunks[:2] + [line if line.startswith("@@") else f"{line[0]}  {line[1:]}" for line in hunks[2:]]
    yield "shifted hunk", text_of(body)
    unmarked = hunks[:2] + [line[1:] if line.startswith(" ") and rng.random() < 0.5 else line for line in hunks[2:]]
    yield "lost marks", text_of(unmarked)
    sections = text_of(["@@" if line.startswith("@@") else line for line in hunks[2:]])
    yield "patch", f"*** Begin Patch\n*** Update File: {case.path}\n{sections}*** End Patch\n"
    fence = "`````" if "```" in case.after else "```"
    yield "whole", f"{case.path}\n{fence}python\n{case.after}{fence}\n"
