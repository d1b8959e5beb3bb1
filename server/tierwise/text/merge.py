"""Three-way merge: what a reply changed in the text it was made for, replayed onto what the user has now."""

from dataclasses import dataclass

from tierwise.text.diff import diff_lines
from tierwise.text.lines import content, split_lines
from tierwise.text.newlines import dominant_newline, with_newline
from tierwise.text.rejection import Rejection


def merge(base: str, theirs: str, current: str) -> str | Rejection:
    """`current` with the change from `base` to `theirs`; line by line, so neighboring lines do not disturb each other.

    A line that both sides changed in different ways is a `conflict`, and so are two insertions at one place.
    """
    if theirs in (base, current):
        return current
    if base == current:
        return theirs
    newline = dominant_newline(current)
    if dominant_newline(base) != newline:
        base, theirs = with_newline(base, newline), with_newline(theirs, newline)
    old = split_lines(base)
    return _replay(old, _changes(old, current), _changes(old, theirs))


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines `start..end` of the base become `lines`; `at` is where those stand in the changed text."""

    start: int
    end: int
    lines: list[str]
    at: int


def _changes(old: list[str], text: str) -> list[_Change]:
    new = split_lines(text)
    return [_Change(h.start, h.end, new[h.new_start : h.new_end], h.new_start) for h in diff_lines(old, new)]


def _replay(old: list[str], mine: list[_Change], reply: list[_Change]) -> str | Rejection:
    """Walk the changes of both sides over the lines of the base, which they never both change differently."""
    pieces: list[str] = []
    at = 0
    mine, reply = mine[::-1], reply[::-1]
    while mine or reply:
        if mine and reply and _collide(mine[-1], reply[-1]):
            if not _same(mine[-1], reply[-1]):
                return _conflict(mine[-1])
            reply.pop()
            continue
        is_mine_next = bool(mine) and (not reply or _comes_first(mine[-1], reply[-1]))
        change = mine.pop() if is_mine_next else reply.pop()
        pieces += old[at : change.start]
        pieces += change.lines
        at = change.end
    return "".join(pieces + old[at:])


def _collide(one: _Change, other: _Change) -> bool:
    """Whether the two change the same line, or insert at the same place or inside one another's lines."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return one.start < other.end and other.start < one.end


def _same(one: _Change, other: _Change) -> bool:
    return (one.start, one.end, one.lines) == (other.start, other.end, other.lines)


def _comes_first(one: _Change, other: _Change) -> bool:
    return (one.start, one.end) <= (other.start, other.end)


def _conflict(mine: _Change) -> Rejection:
    shown = content(mine.lines[0]).strip() if mine.lines else "lines that were deleted"
    return Rejection("conflict", f"the reply changes line {mine.at + 1}, which was edited meanwhile: {shown[:80]!r}")
