"""Three-way merge: what a reply changed in the text it was made for, replayed onto what the user has now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tierwise.text.diff import diff_lines
from tierwise.text.lines import content, split_lines
from tierwise.text.newlines import dominant_newline, with_newline
from tierwise.text.rejection import Rejection


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines `start..end` of a text become `lines`; half-open, so an insertion has `start == end`."""

    start: int
    end: int
    lines: tuple[str, ...]
    at: int = -1
    """Where `lines` stand in the changed text, when that is known."""


class MergedLine(NamedTuple):
    """A line of the merged text; there is one for every line of a file, so it is a tuple."""

    text: str
    at: int
    """The line of the user's text that it is; -1 for a line that the reply brought."""


def merge(base: str, theirs: str, current: str) -> str | Rejection:
    """`current` with the change from `base` to `theirs`; line by line, so neighboring lines do not disturb each other.

    A line that both sides changed in different ways is a `conflict`, and so are two insertions at one place. Changes of
    neighboring lines merge, unlike in git: a reply quotes lines around its change, and the user who edited one of those
    meanwhile must lose neither. What both make of the code together is for the checks, which run on the merged text.
    """
    if theirs in (base, current):
        return current
    if base == current:
        return theirs
    newline = dominant_newline(current)
    if dominant_newline(base) != newline:
        base, theirs = with_newline(base, newline), with_newline(theirs, newline)
    old = split_lines(base)
    merged = merge_lines(old, line_changes(old, split_lines(theirs)), split_lines(current))
    return merged if isinstance(merged, Rejection) else _joined([line.text for line in merged], newline)


def merge_over(base: str, theirs: str, current: str) -> str:
    """The same, and where both sides changed a line it reads as in `theirs`; for people to look at, never unseen."""
    merged = merge(base, theirs, current)
    if not isinstance(merged, Rejection):
        return merged
    old = split_lines(with_newline(base, dominant_newline(current)))
    wanted = line_changes(old, split_lines(with_newline(theirs, dominant_newline(current))))
    kept = [one for one in line_changes(old, split_lines(current)) if not any(_collide(one, two) for two in wanted)]
    again = merge(base, theirs, "".join(spliced(old, kept)))
    return theirs if isinstance(again, Rejection) else again


def _joined(lines: Sequence[str], newline: str) -> str:
    """Lines as one text; a line that ended its text without a break gets one when others follow it now."""
    ended = [line if content(line) != line else line + newline for line in lines[:-1] if line]
    return "".join((*ended, *lines[-1:]))


def line_changes(old: Sequence[str], new: Sequence[str]) -> list[LineChange]:
    """The groups of lines in which the two differ, as changes of the first."""
    return [
        LineChange(hunk.start, hunk.end, tuple(new[hunk.new_start : hunk.new_end]), hunk.new_start)
        for hunk in diff_lines(old, new)
    ]


def spliced(lines: Sequence[str], changes: Iterable[LineChange]) -> list[str]:
    """The lines after the changes, which are in order and apart from each other."""
    done: list[str] = []
    at = 0
    for change in changes:
        done += lines[at : change.start]
        done += change.lines
        at = change.end
    return done + list(lines[at:])


def replayed(lines: Sequence[MergedLine], changes: Sequence[LineChange]) -> list[MergedLine]:
    """The lines with the changes made, which are in order and apart from each other."""
    done: list[MergedLine] = []
    at = 0
    for change in changes:
        done += lines[at : change.start]
        done += [MergedLine(line, -1) for line in change.lines]
        at = change.end
    return done + list(lines[at:])


def changes_of(lines: Iterable[MergedLine], n_lines: int) -> list[LineChange]:
    """The changes that make such lines of a text with `n_lines` lines, of which each is left at most once."""
    changes: list[LineChange] = []
    at = 0
    new: list[str] = []
    for line in [*lines, MergedLine("", n_lines)]:
        if line.at < 0:
            new.append(line.text)
            continue
        if new or at < line.at:
            changes.append(LineChange(at, line.at, tuple(new)))
        at, new = line.at + 1, []
    return changes


def merge_lines(
    base: Sequence[str], reply: Iterable[LineChange], current: Sequence[str]
) -> list[MergedLine] | Rejection:
    """The lines of `current` with the changes of the reply, which were made against `base`, in order and apart."""
    merged: list[MergedLine] = []
    at, shift = 0, 0
    mine, theirs = line_changes(base, current)[::-1], list(reply)[::-1]
    while mine or theirs:
        if mine and theirs and _collide(mine[-1], theirs[-1]):
            if not _same(mine[-1], theirs[-1]):
                return _conflict(mine[-1])
            theirs.pop()
            continue
        is_mine_next = bool(mine) and (not theirs or _comes_first(mine[-1], theirs[-1]))
        change = mine.pop() if is_mine_next else theirs.pop()
        merged += [MergedLine(base[n], n + shift) for n in range(at, change.start)]
        if is_mine_next:
            merged += [MergedLine(line, change.at + n) for n, line in enumerate(change.lines)]
            shift += len(change.lines) - (change.end - change.start)
        else:
            merged += [MergedLine(line, -1) for line in change.lines]
        at = change.end
    merged += [MergedLine(base[n], n + shift) for n in range(at, len(base))]
    return merged


def _collide(one: LineChange, other: LineChange) -> bool:
    """Whether the two change the same line, or insert at the same place or inside one another's lines."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return one.start < other.end and other.start < one.end


def _same(one: LineChange, other: LineChange) -> bool:
    return (one.start, one.end, one.lines) == (other.start, other.end, other.lines)


def _comes_first(one: LineChange, other: LineChange) -> bool:
    return (one.start, one.end) <= (other.start, other.end)


def _conflict(mine: LineChange) -> Rejection:
    shown = content(mine.lines[0]).strip() if mine.lines else "lines that were deleted"
    return Rejection("conflict", f"the reply changes line {mine.at + 1}, which was edited meanwhile: {shown[:80]!r}")
