"""Whether the code put in the place of gaps is surely what was left out: judged by the lines around each gap.

How the gaps were filled plays no part. The filled text is taken apart again into what the reply gave and what the file
had, and each border between the two must stand where the file itself has those lines, and nowhere else they could mean.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tierwise.edits.locate import occurrences

_N_DEEP = 8
"""So many lines next to a gap are compared to tell one place of the file from another."""
_N_LOST = 8
"""More lines than this do not go from between two gaps unless about as many come."""
_N_SKIPPED = 2
"""Up to so many lines at the edge of what is given may have been deleted."""
_N_LARGE = 40
_N_WORD = 6
"""A line with fewer letters and digits tells nothing about its place."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Lines of the file that stand for a gap: where they begin and end, counting lines that are not blank."""

    start: int
    end: int


def are_gaps_sure(given: Sequence[str], gaps: Collection[str], filled: Sequence[str], before: Sequence[str]) -> bool:
    """Whether `filled` is `given` with every line of `gaps` replaced by just those lines of `before` it stands for."""
    segments = _segments(_shown(given), gaps)
    old, new = _shown(before), _shown(filled)
    kept = _taken_apart(segments, new, old)
    if kept is None:
        return False
    known = Counter(line for segment in segments for line in segment)
    edges = [_Kept(0, 0), *kept, _Kept(len(old), len(old))]
    for segment, (above, below) in zip(segments, pairwise(edges), strict=True):
        region = old[above.end : below.start]
        if _is_lossy(segment, region, known) or _skips(segment, region) or _skips(segment[::-1], region[::-1]):
            return False
    return all(
        _is_bounded(old, segments[n], segments[n + 1], edges[n], one, edges[n + 2]) for n, one in enumerate(kept)
    )


def _shown(lines: Sequence[str]) -> list[str]:
    return [text for line in lines if (text := line.strip())]


def _segments(lines: Sequence[str], gaps: Collection[str]) -> list[list[str]]:
    """The runs of lines between gaps; empty ones where a gap is first or last."""
    segments: list[list[str]] = [[]]
    for line in lines:
        if line in gaps:
            segments.append([])
        else:
            segments[-1].append(line)
    return segments


def _taken_apart(segments: Sequence[Sequence[str]], new: Sequence[str], old: Sequence[str]) -> list[_Kept] | None:
    """What of the file stands between the segments in the new text; None when the two do not explain it all."""
    first = segments[0]
    if list(new[: len(first)]) != list(first):
        return None
    kept: list[_Kept] = []
    at, done = len(first), 0
    for number, segment in enumerate(segments[1:], 1):
        is_last = number == len(segments) - 1
        end = len(new) - len(segment) if is_last else _found(segment, new, at)
        if end is None or end < at or list(new[end : end + len(segment)]) != list(segment):
            return None
        start = _found(new[at:end], old, done)
        if start is None:
            return None
        kept.append(_Kept(start, start + end - at))
        at, done = end + len(segment), start + end - at
    return kept


def _found(lines: Sequence[str], among: Sequence[str], start: int) -> int | None:
    """The first place from `start` on where the lines stand in a row."""
    if not lines:
        return start
    return next((at for at in occurrences(lines, among) if start <= at), None)


def _is_lossy(segment: Sequence[str], region: Sequence[str], known: Counter[str]) -> bool:
    """Whether far more lines of a region are gone than came in their place; what stands elsewhere only moved."""
    n_gone = (Counter(region) - known).total()
    n_come = (Counter(segment) - Counter(region)).total()
    return _N_LOST < n_gone and 2 * n_come < n_gone


def _skips(segment: Sequence[str], region: Sequence[str]) -> bool:
    """Whether the lines begin further down in a region than a deletion would explain: what is above was forgotten."""
    first = next((line for line in segment if any(map(str.isalnum, line))), None)
    n_above = region.index(first) if first in region else 0
    return _N_SKIPPED < n_above and not set(region[:n_above]) <= set(segment)


def _is_bounded(
    old: Sequence[str], above: Sequence[str], below: Sequence[str], last: _Kept, kept: _Kept, following: _Kept
) -> bool:
    """Whether the lines on both sides of a gap stand in the file where the gap begins and ends."""
    start = _Border(list(reversed(old)), list(reversed(above)), len(old) - kept.start)
    end = _Border(old, below, kept.end)
    if start.is_elsewhere(len(old) - kept.end, len(old) - last.start) or end.is_elsewhere(kept.start, following.end):
        return False
    is_large = max(_N_LARGE, len(old) // 2) < kept.end - kept.start
    return not is_large or start.is_telling() or end.is_telling()


@dataclass(frozen=True, slots=True)
class _Border:
    """One side of a gap, read away from it."""

    old: Sequence[str]
    lines: Sequence[str]
    """What the reply gives from the gap on."""
    at: int
    """Where the file goes on."""

    def is_elsewhere(self, start: int, end: int) -> bool:
        """Whether the given lines could as well stand at another place between two lines of the file."""
        if not self.lines:
            return self.at != len(self.old)
        here = self._n_equal(self.at)
        first = self.lines[0]
        others = [at for at in range(start, min(end, len(self.old))) if at != self.at and self.old[at] == first]
        best = max(map(self._n_equal, others), default=0)
        if not here:
            return best > 1 or (best == 1 and len(others) == 1 and _is_telling(first))
        if best != here:
            return here < best
        return here < _N_DEEP and any(self._n_equal(at) == best and self._may_be(at) for at in others)

    def _may_be(self, at: int) -> bool:
        """Whether another place would neither lose a line the file has once nor double one that the reply gives."""
        between = self.old[at : self.at] if at < self.at else self.old[self.at : at]
        given = set(self.lines)
        single = [line for line in between if any(map(str.isalnum, line)) and self.old.count(line) == 1]
        return not any((line in given) == (self.at < at) for line in single)

    def is_telling(self) -> bool:
        """Whether the lines that stand here too are enough to know the place by; the edge of a file always is."""
        if self.at == len(self.old) or not self.lines:
            return True
        return any(map(_is_telling, self.lines[: self._n_equal(self.at)]))

    def _n_equal(self, at: int) -> int:
        n = 0
        limit = min(_N_DEEP, len(self.lines), len(self.old) - at)
        while n < limit and self.old[at + n] == self.lines[n]:
            n += 1
        return n


def _is_telling(line: str) -> bool:
    return _N_WORD <= sum(map(str.isalnum, line))
