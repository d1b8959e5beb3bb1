"""White space as models get it wrong in blocks: indentation, blank lines, ends of lines."""

import difflib
import random
from collections.abc import Callable

from bench.damage import Lines, SidesDamage


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
