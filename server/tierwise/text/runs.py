"""Where two lists of lines that have parted come together again."""

from collections.abc import Iterator, Sequence

_N_RUN = 16
"""So many equal lines in a row are taken for the same lines."""
_NEAR = 40
"""Up to so many lines on both sides together every pair of places is tried."""
_N_AHEAD = 8
_N_TRIES = 20


def find_run(
    old: Sequence[str], at: int, end: int, new: Sequence[str], new_at: int, new_end: int
) -> tuple[int, int] | None:
    """The nearest places, one on each side, from which a long run of lines is equal; None when there are none near.

    Near are few lines away on both sides, or few on one side and any number on the other, as after a large insertion.
    """
    for i, j in _places(old, at, end, new, new_at, new_end):
        if i + _N_RUN <= end and j + _N_RUN <= new_end and old[i : i + _N_RUN] == new[j : j + _N_RUN]:
            return i, j
    return None


def _places(
    old: Sequence[str], at: int, end: int, new: Sequence[str], new_at: int, new_end: int
) -> Iterator[tuple[int, int]]:
    for distance in range(1, _NEAR):
        for n in range(distance + 1):
            yield at + n, new_at + distance - n
    for n in range(_N_AHEAD):
        if at + n < end:
            yield from ((at + n, j) for j in _occurrences(old[at + n], new, new_at, new_end))
        if new_at + n < new_end:
            yield from ((i, new_at + n) for i in _occurrences(new[new_at + n], old, at, end))


def _occurrences(line: str, lines: Sequence[str], start: int, end: int) -> Iterator[int]:
    at = start - 1
    for _ in range(_N_TRIES):
        try:
            at = lines.index(line, at + 1, end)
        except ValueError:
            return
        yield at
