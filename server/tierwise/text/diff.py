"""The smallest reasonable set of edits that turns one text into another."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from tierwise.text.lines import split_lines
from tierwise.text.runs import find_run
from tierwise.text.spans import Span, TextEdit

_SMALL = 40_000
"""Up to so many pairs of lines they are compared at once, which is faster than looking for equal runs first."""
_LARGE = 20_000_000
"""Above this many pairs of lines the quadratic comparison is split at lines that occur once on either side."""
_SLICES = (256, 16, 1)
_TOO_LARGE = 2_000_000_000
"""Above this many pairs, without anything to split at, the lines are replaced as one block."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start..end` of the first text become lines `new_start..new_end` of the second; half-open."""

    start: int
    end: int
    new_start: int
    new_end: int


def diff(before: str, after: str) -> tuple[TextEdit, ...]:
    """Edits against `before`, in order and apart from each other, that give `after`.

    Lines are compared first; inside a changed group of lines only what lies between the common beginning and the
    common end is replaced. No edit begins or ends inside a `\\r\\n`, since no client could be told of such a place.
    """
    if before == after:
        return ()
    old, new = split_lines(before), split_lines(after)
    edits = []
    line = new_line = at = new_at = 0
    for hunk in diff_lines(old, new):
        at += sum(map(len, old[line : hunk.start]))
        new_at += sum(map(len, new[new_line : hunk.new_start]))
        end = at + sum(map(len, old[hunk.start : hunk.end]))
        new_end = new_at + sum(map(len, new[hunk.new_start : hunk.new_end]))
        edits.append(_trimmed(before, Span(at, end), after[new_at:new_end]))
        line, new_line, at, new_at = hunk.end, hunk.new_end, end, new_end
    return tuple(edits)


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """The groups of lines that differ, in order; equal lines lie between any two of them.

    Long equal runs near the place where the two part are taken as they come; only what lies between them, or all that
    follows when there is none, is compared pair by pair.
    """
    # Pieces of a list and of a tuple are never equal.
    old, new = tuple(old), tuple(new)
    # What is equal at the beginning comes first: where lines are repeated, an insertion is seen after the old ones.
    at = new_at = _equal_run(old, 0, len(old), new, 0, len(new))
    n_tail = _common_tail(old, new, min(len(old), len(new)) - at)
    end, new_end = len(old) - n_tail, len(new) - n_tail
    hunks: list[Hunk] = []
    while True:
        n_equal = _equal_run(old, at, end, new, new_at, new_end)
        at, new_at = at + n_equal, new_at + n_equal
        if at == end or new_at == new_end:
            return hunks if (at, new_at) == (end, new_end) else [*hunks, Hunk(at, end, new_at, new_end)]
        is_small = (end - at) * (new_end - new_at) <= _SMALL
        run = (None if is_small else find_run(old, at, end, new, new_at, new_end)) or (end, new_end)
        for hunk in _compare_all(old[at : run[0]], new[new_at : run[1]]):
            _append(hunks, hunk, at, new_at)
        at, new_at = run


def _compare_all(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """The hunks between two lists of lines, split where that is needed to stay fast."""
    if _LARGE < len(old) * len(new) and set(old).isdisjoint(new):
        return [Hunk(0, len(old), 0, len(new))]
    codes: dict[str, int] = {}
    a = [codes.setdefault(line, len(codes)) for line in old]
    b = [codes.setdefault(line, len(codes)) for line in new]
    hunks: list[Hunk] = []
    for start, end, new_start, new_end in _segments(a, b):
        for hunk in _compare(a[start:end], b[new_start:new_end]):
            _append(hunks, hunk, start, new_start)
    return hunks


def _append(hunks: list[Hunk], hunk: Hunk, by: int, new_by: int) -> None:
    """Add a hunk, moved to its place, or lengthen the last one when they touch."""
    moved = Hunk(hunk.start + by, hunk.end + by, hunk.new_start + new_by, hunk.new_end + new_by)
    if hunks and hunks[-1].end == moved.start and hunks[-1].new_end == moved.new_start:
        hunks[-1] = Hunk(hunks[-1].start, moved.end, hunks[-1].new_start, moved.new_end)
    else:
        hunks.append(moved)


def _compare(a: Sequence[int], b: Sequence[int]) -> list[Hunk]:
    if not a or not b or set(a).isdisjoint(b) or _TOO_LARGE < len(a) * len(b):
        return [Hunk(0, len(a), 0, len(b))] if a or b else []
    codes = Levenshtein.opcodes(a, b)
    return [Hunk(c.src_start, c.src_end, c.dest_start, c.dest_end) for c in codes if c.tag != "equal"]


def _segments(a: list[int], b: list[int]) -> list[tuple[int, int, int, int]]:
    """Split a large comparison at lines that occur exactly once on either side and in the same order."""
    if len(a) * len(b) <= _LARGE:
        return [(0, len(a), 0, len(b))]
    segments = []
    at, new_at = 0, 0
    for i, j in [*_anchors(a, b), (len(a), len(b))]:
        if at < i or new_at < j:
            segments.append((at, i, new_at, j))
        at, new_at = i + 1, j + 1
    return segments


def _anchors(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """The longest run of pairs of equal once-only lines that rises on both sides."""
    n_a, n_b = Counter(a), Counter(b)
    where = {code: j for j, code in enumerate(b) if n_b[code] == 1}
    pairs = [(i, where[code]) for i, code in enumerate(a) if n_a[code] == 1 and code in where]
    tails: list[int] = []
    at_tail: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        k = bisect_left(tails, j)
        previous.append(at_tail[k - 1] if k else -1)
        if k == len(tails):
            tails.append(j)
            at_tail.append(index)
        else:
            tails[k], at_tail[k] = j, index
    chain = []
    index = at_tail[-1] if at_tail else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def _equal_run(old: Sequence[str], at: int, end: int, new: Sequence[str], new_at: int, new_end: int) -> int:
    """How many lines are equal from here on; compared in slices, which is much faster than one by one."""
    n = 0
    limit = min(end - at, new_end - new_at)
    for slice_length in _SLICES:
        while n < limit and old[at + n : at + n + slice_length] == new[new_at + n : new_at + n + slice_length]:
            n += slice_length
    return min(n, limit)


def common_head(old: Sequence[str], new: Sequence[str]) -> int:
    """How many elements the two have in common at their beginning."""
    n = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        n += 1
    return n


def _common_tail(old: Sequence[str], new: Sequence[str], limit: int) -> int:
    """How many elements the two have in common at their end, at most `limit`."""
    n = 0
    while n < limit and old[-1 - n] == new[-1 - n]:
        n += 1
    return n


def _trimmed(before: str, span: Span, new_text: str) -> TextEdit:
    """The edit without the text that both sides share at its beginning and end."""
    start, end = span.start, span.end
    old_text = before[start:end]
    limit = min(len(old_text), len(new_text))
    head = common_head(old_text, new_text)
    tail = _common_tail(old_text, new_text, limit - head)
    start, end = start + head, end - tail
    new_text = new_text[head : len(new_text) - tail]
    if 0 < start < len(before) and before[start - 1 : start + 1] == "\r\n":
        start, new_text = start - 1, "\r" + new_text
    if 0 < end < len(before) and before[end - 1 : end + 1] == "\r\n":
        end, new_text = end + 1, new_text + "\n"
    return TextEdit(Span(start, end), new_text)
