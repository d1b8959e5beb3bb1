"""Quotes that leave lines out and say so by `...` or by a comment."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tierwise.edits.elision import is_gap
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import LADDER, Place, on_rung

_RUNGS = tuple(rung for rung in LADDER if not rung.is_first_bare and not rung.is_ragged and rung.key is not Key.DENSE)
_TOO_MANY = 2_000
_Chain = tuple[Place, ...]


def locate_elided(document: KeyedLines, quote: Sequence[str], neighbors: Sequence[str] = ()) -> list[Place]:
    """The places of a quote with gaps: its parts in order, each gap standing for the lines up to the next part.

    Of several places the next part may stand at, the nearest bounds the gap if `neighbors`, the replacement, keeps it.
    A gap after which nothing but blank lines follows stands for the block of code that the line before it opens.
    Empty for a quote without gaps, and for one that begins with a gap, since nothing bounds that.
    """
    parts = _parts(quote)
    is_open = 1 < len(parts) and _is_unseen(parts[-1])
    bounded = parts[:-1] if is_open else parts
    if len(parts) < 2 or any(_is_unseen(part) for part in bounded):
        return []
    for rung in _RUNGS:
        found = [list(on_rung(document, part, rung, neighbors)) for part in bounded]
        chains = [chain for chain in _chains(found) if _is_one_frame(chain)] if all(found) else []
        if chains:
            is_kept = len(_parts(neighbors)) == len(parts)
            places = [_joined(chain) for chain in (_narrowed(document, chains) if is_kept else chains)]
            return [_with_block(document, place, parts[-1]) for place in places] if is_open else places
    return []


def _is_unseen(part: Sequence[str]) -> bool:
    return all(is_blank(line) for line in part)


def _parts(quote: Sequence[str]) -> list[Sequence[str]]:
    """The runs of lines between gaps."""
    gaps = [at for at, line in enumerate(quote) if is_gap(line)]
    starts = [0, *(at + 1 for at in gaps)]
    return [quote[start:end] for start, end in zip(starts, [*gaps, len(quote)], strict=True)]


def _chains(found: list[list[Place]]) -> Iterator[_Chain]:
    """Every way to take one place for each part so that they follow one another."""
    chains: list[_Chain] = [(place,) for place in found[0]]
    for places in found[1:]:
        chains = [(*chain, place) for chain in chains for place in places if chain[-1].end <= place.start]
        if _TOO_MANY < len(chains):
            return
    yield from chains


def _narrowed(document: KeyedLines, chains: list[_Chain]) -> list[_Chain]:
    """The chains whose gaps stay inside one block of code, if any; where all begin alike, the one that ends first."""
    inside = [chain for chain in chains if _is_one_block(document, chain)] or chains
    if len({chain[0] for chain in inside}) == 1:
        return [min(inside, key=lambda chain: [place.start for place in chain])]
    return inside


def _is_one_frame(chain: _Chain) -> bool:
    """Whether all parts are indented away from the document in the same way."""
    levels: dict[str, str] = {}
    return all(levels.setdefault(quoted, real) == real for place in chain for quoted, real in place.frame.levels)


def _is_one_block(document: KeyedLines, chain: _Chain) -> bool:
    """Whether no gap leaves the block of code that both its sides are in: it holds no line indented less."""
    for before, after in pairwise(chain):
        last = next(n for n in range(before.end - 1, -1, -1) if not is_blank(document.lines[n]))
        first = next(n for n in range(after.start, len(document.lines)) if not is_blank(document.lines[n]))
        least = min(len(leading(document.lines[last])), len(leading(document.lines[first])))
        inside = document.lines[before.end : after.start]
        if any(len(leading(line)) < least for line in inside if not is_blank(line)):
            return False
    return True


def _joined(chain: _Chain) -> Place:
    """One place for the whole quote; each gap stands for the lines between its neighbors."""
    ranges = list(chain[0].ranges)
    for before, after in pairwise(chain):
        ranges.append((before.end, after.start))
        ranges += after.ranges
    widest = max(chain, key=lambda place: len(place.frame.levels))
    return Place(tuple(ranges), widest.frame, chain[0].key)


def _with_block(document: KeyedLines, place: Place, blanks: Sequence[str]) -> Place:
    """The place with a last gap for the lines indented deeper than its last line, and the blank lines after them."""
    last = next(n for n in range(place.end - 1, -1, -1) if not is_blank(document.lines[n]))
    depth = len(leading(document.lines[last]))
    end = at = place.end
    while at < len(document.lines) and (is_blank(document.lines[at]) or depth < len(leading(document.lines[at]))):
        at += 1
        end = at if not is_blank(document.lines[at - 1]) else end
    ranges = [*place.ranges, (place.end, end)]
    for _ in blanks:
        is_there = end < len(document.lines) and is_blank(document.lines[end])
        ranges.append((end, end + 1 if is_there else end))
        end = ranges[-1][1]
    return Place(tuple(ranges), place.frame, place.key)
