"""The places where a quote of a reply may stand in a file, and what it would change there."""

from dataclasses import dataclass

from tierwise.edits.blocks import Quote
from tierwise.edits.changes import changes_at
from tierwise.edits.elided import locate_elided
from tierwise.edits.frames import SAME
from tierwise.edits.indentation import is_blank
from tierwise.edits.inside import change_inside
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import LADDER, N_ALIGNED, Place, locate_exactly, occurrences, on_rung
from tierwise.edits.prefixes import with_prefixes
from tierwise.edits.readings import readings
from tierwise.text.merge import LineChange


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where a quote may stand, and what it would change there."""

    place: Place
    changes: tuple[LineChange, ...]


def candidates(document: KeyedLines, quote: Quote) -> list[Candidate]:
    """The places of the reading that quotes the most and stands somewhere; places of equal effect are one."""
    if not any(not is_blank(line) for line in quote.old):
        return _insertions(document, quote)
    reading, places = _located(document, quote)
    if not places and not quote.script:
        inside = change_inside(document.lines, quote.old, quote.new)
        return [Candidate(Place(((one.start, one.end),), SAME, Key.EXACT), (one,)) for one in inside]
    if len(places) == 1:
        return [Candidate(places[0], changes_at(reading, places[0], document))]
    by_effect = {changes_at(reading, place, document): place for place in places}
    return [Candidate(place, changes) for changes, place in by_effect.items()]


def _located(document: KeyedLines, quote: Quote) -> tuple[Quote, list[Place]]:
    """The reading that stands somewhere with the least forgiven, and where; as it was given first."""
    given = [quote, *quote.alternatives]
    for reading in given if not quote.script else given[:1]:
        for rung in LADDER[:N_ALIGNED] if not quote.script else LADDER[:1]:
            if places := list(on_rung(document, reading.old, rung, reading.new)):
                return reading, places
    found = [*given, *readings(quote)]
    for rungs in (LADDER[:N_ALIGNED], LADDER):
        for rung in rungs:
            for reading in found:
                if places := list(on_rung(document, reading.old, rung, reading.new)):
                    return reading, places
        found += with_prefixes(document, quote) if quote.script else ()
    for reading in found:
        if places := locate_elided(document, reading.old, reading.new):
            return reading, places
    return quote, []


def _insertions(document: KeyedLines, quote: Quote) -> list[Candidate]:
    """Where a block that quotes nothing may put its lines: an empty file, a given line, the end if so said."""
    n_lines = len(document.lines)
    at: int | None = None
    if all(is_blank(line) for line in document.lines):
        return [Candidate(_nowhere(0), (LineChange(0, n_lines, quote.new),))]
    if quote.old and (places := locate_exactly(document, quote.old)):
        return [Candidate(place, changes_at(quote, place, document)) for place in places]
    if quote.is_at_end:
        at = n_lines
    elif quote.anchors and (under := _below_anchor(document, quote.anchors[-1])) is not None:
        at = under
    elif quote.line is not None and 0 <= quote.line <= n_lines:
        at = quote.line
    if at is None:
        return []
    return [Candidate(_nowhere(at), (LineChange(at, at, quote.new),))]


def _below_anchor(document: KeyedLines, anchor: str) -> int | None:
    """The line after the only one that the anchor names."""
    lines = list(occurrences([Key.FOLDED_STRIPPED.of(anchor)], document.keys(Key.FOLDED_STRIPPED)))
    return lines[0] + 1 if len(lines) == 1 else None


def _nowhere(at: int) -> Place:
    return Place(((at, at),), frame=SAME, key=Key.EXACT)
