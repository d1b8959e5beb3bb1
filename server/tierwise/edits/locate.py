"""Where in a document quoted lines stand: exactly, else forgiving what models get wrong, never by likeness.

The rungs of a ladder are tried in order; the first on which the quote stands anywhere decides, and all places of that
rung are returned. Whoever asked must refuse to choose between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tierwise.edits.frames import SAME, Frame, frame_between, frame_of_most
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands."""

    ranges: tuple[tuple[int, int], ...]
    """For each quoted line the lines of the document it stands for, half-open: one, or none, or many if elided."""
    frame: Frame
    key: Key
    first_indentation: str | None = None
    """What the first line is indented by, when the quote gave it bare and all others properly."""

    @property
    def is_exact_cover(self) -> bool:
        """Whether each quoted line stands for one line of the document, and each line between for one of the quote."""
        return self.ranges == _one_by_one(self.start, self.start + len(self.ranges))

    @property
    def start(self) -> int:
        """The first line of the document that is quoted."""
        return self.ranges[0][0]

    @property
    def end(self) -> int:
        """The line after the last one that is quoted."""
        return self.ranges[-1][1]


@dataclass(frozen=True, slots=True)
class Rung:
    """What a comparison forgives."""

    key: Key
    is_shifted: bool = False
    """Whether indentation may differ, consistently."""
    is_loose: bool = False
    """Whether blank lines may be missing or too many on either side."""
    is_first_bare: bool = False
    """Whether the first line alone may have lost its indentation."""
    is_ragged: bool = False
    """Whether up to a third of the lines may be indented wrongly."""


LADDER = (
    Rung(Key.EXACT),
    Rung(Key.TRIMMED),
    Rung(Key.FOLDED),
    Rung(Key.STRIPPED, is_shifted=True),
    Rung(Key.FOLDED_STRIPPED, is_shifted=True),
    Rung(Key.FOLDED, is_loose=True),
    Rung(Key.FOLDED_STRIPPED, is_shifted=True, is_loose=True),
    Rung(Key.FOLDED_STRIPPED, is_shifted=True, is_loose=True, is_first_bare=True),
    Rung(Key.DENSE, is_shifted=True, is_loose=True),
    Rung(Key.FOLDED_STRIPPED, is_shifted=True, is_loose=True, is_ragged=True),
)


N_ALIGNED = 3
"""How many rungs at the bottom ask for the very indentation."""


def locate_exactly(document: KeyedLines, quote: Sequence[str]) -> list[Place]:
    """All places where the quote stands character by character; also for a quote of blank lines."""
    return list(_strict(document, quote, LADDER[0], ()))


def on_rung(document: KeyedLines, quote: Sequence[str], rung: Rung, neighbors: Sequence[str]) -> Iterator[Place]:
    """The places of the quote when just this much is forgiven."""
    return (_loose if rung.is_loose else _strict)(document, quote, rung, neighbors)


def _strict(document: KeyedLines, quote: Sequence[str], rung: Rung, neighbors: Sequence[str]) -> Iterator[Place]:
    keys = list(quote) if rung.key is Key.EXACT else list(map(rung.key.of, quote))
    for start in occurrences(keys, document.keys(rung.key)):
        frame = _frame(document, quote, range(start, start + len(quote)), rung, neighbors)
        if frame is not None:
            yield Place(_one_by_one(start, start + len(quote)), frame, rung.key)


def _one_by_one(start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The ranges of so many lines in a row, each of one line."""
    return tuple(zip(range(start, end), range(start + 1, end + 1), strict=True))


def _loose(document: KeyedLines, quote: Sequence[str], rung: Rung, neighbors: Sequence[str]) -> Iterator[Place]:
    shown = [at for at, line in enumerate(quote) if not is_blank(line)]
    keys = [rung.key.of(quote[at]) for at in shown]
    for first in occurrences(keys, document.shown_keys(rung.key)):
        real = document.shown()[first : first + len(shown)]
        frame = _frame(document, [quote[at] for at in shown], real, rung, neighbors)
        if frame is not None:
            bare = leading(document.lines[real[0]]) if rung.is_first_bare else None
            yield Place(_loose_ranges(document, quote, dict(zip(shown, real, strict=True))), frame, rung.key, bare)


def occurrences(keys: Sequence[str], lines: Sequence[str]) -> Iterator[int]:
    """Where `keys` follow one another in `lines`, found through the longest of them, which is likely rare."""
    wanted = list(keys)
    longest = wanted.index(max(wanted, key=len))
    at = longest - 1
    while True:
        try:
            at = lines.index(wanted[longest], at + 1)
        except ValueError:
            return
        start = at - longest
        if list(lines[start : start + len(wanted)]) == wanted:
            yield start


def _frame(
    document: KeyedLines, quote: Sequence[str], real: Sequence[int], rung: Rung, neighbors: Sequence[str]
) -> Frame | None:
    if not rung.is_shifted:
        return SAME
    n_bare = 1 if rung.is_first_bare else 0
    if rung.is_first_bare and (len(quote) < 2 or leading(quote[0])):
        return None
    lines = [document.lines[at] for at in real]
    if rung.is_ragged:
        return frame_of_most(quote, lines)
    if not n_bare and _is_first_cut(quote, lines):
        return None
    return frame_between(quote[n_bare:], lines[n_bare:], neighbors, document.step())


def _is_first_cut(quote: Sequence[str], real: Sequence[str]) -> bool:
    """Whether all lines but the first are indented as the document is, and only the first has lost its indentation."""
    rest = [(one, other) for one, other in zip(quote[1:], real[1:], strict=True) if not is_blank(one)]
    is_bare = not leading(quote[0]) and bool(leading(real[0])) and not is_blank(quote[0])
    return is_bare and bool(rest) and all(leading(one) == leading(other) for one, other in rest)


def _loose_ranges(document: KeyedLines, quote: Sequence[str], real: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """Blank lines of the quote stand for the blank lines of the document that follow, as far as there are any."""
    first = next(iter(real))
    at = real[first]
    while real[first] - at < first and 0 < at and is_blank(document.lines[at - 1]):
        at -= 1
    ranges = []
    for n in range(len(quote)):
        if n in real:
            at = real[n]
        is_there = n in real or (at < len(document.lines) and is_blank(document.lines[at]))
        ranges.append((at, at + 1 if is_there else at))
        at = ranges[-1][1]
    return tuple(ranges)
