"""Quotes whose middle is left out by `...` or a comment that says so."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tierwise.edits.elision import is_gap
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import LADDER, Place, on_rung

_RUNGS = tuple(rung for rung in LADDER if not rung.is_first_bare and rung.key is not Key.DENSE)
_TOO_MANY = 200


def locate_elided(document: KeyedLines, quote: Sequence[str], neighbors: Sequence[str] = ()) -> list[Place]:
    """The places of a quote with gaps: its parts in order, each gap standing for the lines between two parts.

    Empty for a quote without a gap, and for one that begins or ends in a gap, since nothing bounds that.
    """
    gaps = [at for at, line in enumerate(quote) if is_gap(line)]
    if not gaps:
        return []
    parts = _parts(quote, gaps)
    if any(all(is_blank(line) for line in part) for part in parts):
        return []
    for rung in _RUNGS:
        found = [list(on_rung(document, part, rung, neighbors)) for part in parts]
        if all(found):
            chains = [chain for chain in _chains(found) if _is_one_frame(chain) and _is_one_block(document, chain)]
            if chains:
                return [_joined(chain) for chain in chains]
    return []


def _parts(quote: Sequence[str], gaps: Sequence[int]) -> list[Sequence[str]]:
    starts = [0, *(at + 1 for at in gaps)]
    return [quote[start:end] for start, end in zip(starts, [*gaps, len(quote)], strict=True)]


def _chains(found: list[list[Place]]) -> Iterator[tuple[Place, ...]]:
    """Every way to take one place for each part so that they follow one another."""
    chains: list[tuple[Place, ...]] = [(place,) for place in found[0]]
    for places in found[1:]:
        chains = [(*chain, place) for chain in chains for place in places if chain[-1].end <= place.start]
        if _TOO_MANY < len(chains):
            return
    yield from chains


def _is_one_frame(chain: tuple[Place, ...]) -> bool:
    """Whether all parts are indented away from the document in the same way."""
    levels: dict[str, str] = {}
    return all(levels.setdefault(quoted, real) == real for place in chain for quoted, real in place.frame.levels)


def _is_one_block(document: KeyedLines, chain: tuple[Place, ...]) -> bool:
    """Whether no gap leaves the block of code that both its sides are in: it holds no line indented less."""
    for before, after in pairwise(chain):
        last = next(n for n in range(before.end - 1, -1, -1) if not is_blank(document.lines[n]))
        first = next(n for n in range(after.start, len(document.lines)) if not is_blank(document.lines[n]))
        least = min(len(leading(document.lines[last])), len(leading(document.lines[first])))
        inside = document.lines[before.end : after.start]
        if any(len(leading(line)) < least for line in inside if not is_blank(line)):
            return False
    return True


def _joined(chain: tuple[Place, ...]) -> Place:
    """One place for the whole quote; each gap stands for the lines between its neighbors."""
    ranges = list(chain[0].ranges)
    for before, after in pairwise(chain):
        ranges.append((before.end, after.start))
        ranges += after.ranges
    widest = max(chain, key=lambda place: len(place.frame.levels))
    return Place(tuple(ranges), widest.frame, chain[0].key)
