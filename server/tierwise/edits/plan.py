"""What a reply's requests change in one file: every quote looked up, none placed by guessing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from tierwise.edits.blocks import Quote
from tierwise.edits.changes import changes_at
from tierwise.edits.elided import locate_elided
from tierwise.edits.frames import SAME
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import Place, locate, locate_exactly
from tierwise.text.merge import LineChange, MergedLine
from tierwise.text.rejection import Rejection


_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#\d+|#x[0-9a-fA-F]+);")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One place where a quote may stand, and what it would change there."""

    place: Place
    changes: tuple[LineChange, ...]


@dataclass(slots=True)
class _Pending:
    """A quote, where it may stand, and where it was decided that it does."""

    quote: Quote
    candidates: list[_Candidate]
    chosen: _Candidate | None = field(default=None)


def plan_quotes(
    lines: Sequence[str], quotes: Sequence[Quote], path: str, *, is_ordered: bool = False
) -> list[MergedLine] | Rejection:
    """The lines of the file after all quotes were replaced; `at` says which line of the file each one is.

    All quotes are looked up in the file as it was. One that is not there may quote what an earlier one has made.
    """
    document = KeyedLines(lines)
    pending = [_Pending(quote, _candidates(document, quote)) for quote in quotes]
    refused = _choose(pending, path, document, is_ordered=is_ordered)
    if refused is not None:
        return refused
    changes: list[LineChange] = []
    late: list[Quote] = []
    for one in pending:
        if one.chosen is not None and _fits(changes, one.chosen.changes):
            changes += [change for change in one.chosen.changes if change not in changes]
        else:
            late.append(one.quote)
    done = replayed([MergedLine(line, at) for at, line in enumerate(lines)], changes)
    for quote in late:
        result = _replace_later(done, quote, path)
        if isinstance(result, Rejection):
            return result
        done = result
    return done


def replayed(lines: Sequence[MergedLine], changes: Sequence[LineChange]) -> list[MergedLine]:
    """The lines with the changes made; changes are apart from each other."""
    done: list[MergedLine] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        done += lines[at : change.start]
        done += [MergedLine(line, -1) for line in change.lines]
        at = change.end
    return done + list(lines[at:])


def _candidates(document: KeyedLines, quote: Quote) -> list[_Candidate]:
    """The places of the reading that quotes the most and stands somewhere; places of equal effect are one."""
    if not any(not is_blank(line) for line in quote.old):
        return _insertions(document, quote)
    for reading in _readings(quote):
        places = locate(document, reading.old, reading.new) or locate_elided(document, reading.old, reading.new)
        if places:
            by_effect = {
                changes: place for place in places if (changes := changes_at(reading, place, document)) is not None
            }
            return [_Candidate(place, changes) for changes, place in by_effect.items()]
    return []


def _readings(quote: Quote) -> Iterator[Quote]:
    """The quote as it stands, in its other readings, and with the entities of markup as characters."""
    yield quote
    yield from quote.alternatives
    if any(_ENTITY.search(line) for line in quote.old):
        yield Quote(
            old=tuple(map(unescape, quote.old)),
            new=tuple(map(unescape, quote.new)),
            script=tuple((mark, unescape(line)) for mark, line in quote.script),
            line=quote.line,
        )


def _insertions(document: KeyedLines, quote: Quote) -> list[_Candidate]:
    """Where a block that quotes nothing may put its lines: an empty file, a given line, the end if so said."""
    n_lines = len(document.lines)
    at: int | None = None
    if all(is_blank(line) for line in document.lines):
        return [_Candidate(_nowhere(0), (LineChange(0, n_lines, quote.new),))]
    if quote.old and (places := locate_exactly(document, quote.old)):
        return [_Candidate(place, changes_at(quote, place, document)) for place in places]
    if quote.is_at_end:
        at = n_lines
    elif quote.line is not None and 0 <= quote.line <= n_lines:
        at = quote.line
    if at is None:
        return []
    return [_Candidate(_nowhere(at), (LineChange(at, at, quote.new),))]


def _nowhere(at: int) -> Place:
    return Place(((at, at),), frame=SAME, key=Key.EXACT)


def _choose(pending: list[_Pending], path: str, document: KeyedLines, *, is_ordered: bool) -> Rejection | None:
    """Decide every quote that stands somewhere; refuse when one could be meant for several places."""
    for one in pending:
        if len(one.candidates) == 1:
            one.chosen = one.candidates[0]
    _choose_repeated(pending)
    for n, one in enumerate(pending):
        if one.chosen is None and one.candidates:
            one.chosen = _by_hints(one, document) or (_by_order(pending, n) if is_ordered else None)
    for one in pending:
        if one.chosen is None and one.candidates:
            left = [c for c in one.candidates if not _is_taken(c, pending)]
            if len(left) != 1:
                return _ambiguous(one, path)
            one.chosen = left[0]
    return None


def _choose_repeated(pending: list[_Pending]) -> None:
    """A quote that stands in as many places as the reply gives it is taken in order."""
    groups: dict[tuple[tuple[int, int], ...], list[_Pending]] = {}
    for one in pending:
        if one.chosen is None and one.candidates:
            one.candidates.sort(key=lambda c: c.place.start)
            where = tuple((c.place.start, c.place.end) for c in one.candidates)
            groups.setdefault(where, []).append(one)
    for where, group in groups.items():
        if len(group) == len(where):
            for n, one in enumerate(group):
                one.chosen = one.candidates[n]


def _by_hints(one: _Pending, document: KeyedLines) -> _Candidate | None:
    """The one candidate that stands exactly at the line named, or under the lines named above it, or at the end."""
    quote = one.quote
    if quote.line is not None:
        exact = [c for c in one.candidates if c.place.start == quote.line]
        if len(exact) == 1:
            return exact[0]
    if quote.is_at_end:
        last = [c for c in one.candidates if c.place.end == len(document.lines)]
        if len(last) == 1:
            return last[0]
    at_border = _by_border(one, document)
    if at_border is not None:
        return at_border
    if quote.anchors:
        under = [c for c in one.candidates if _is_under(c.place, quote.anchors, document)]
        if len(under) == 1:
            return under[0]
    return None


def _by_border(one: _Pending, document: KeyedLines) -> _Candidate | None:
    """The one candidate at the beginning or end of the file, when the hunk has less context there than elsewhere."""
    marks = [mark for mark, _ in one.quote.script]
    if "+" not in marks and "-" not in marks:
        return None
    n_before = next(n for n, mark in enumerate(marks) if mark != " ")
    n_after = next(n for n, mark in enumerate(reversed(marks)) if mark != " ")
    if n_before == n_after:
        return None
    last = len(document.shown()) and document.shown()[-1] + 1
    for c in one.candidates:
        if (n_after < n_before and last <= c.place.end) or (n_before < n_after and c.place.start == 0):
            return c
    return None


def _is_under(place: Place, anchors: Sequence[str], document: KeyedLines) -> bool:
    """Whether the innermost line above the place that is indented less, or a line above that one, is an anchor."""
    shown = [line for line in document.lines[place.start : place.end] if not is_blank(line)]
    depth = min((len(leading(line)) for line in shown), default=0)
    wanted = {Key.DENSE.of(anchor) for anchor in anchors[-1:]}
    for at in range(place.start - 1, -1, -1):
        line = document.lines[at]
        if is_blank(line) or (depth and depth <= len(leading(line))):
            continue
        text = Key.DENSE.of(line)
        if any(text.startswith(anchor) or anchor in text for anchor in wanted):
            return True
        depth = len(leading(line))
        if not depth:
            return False
    return False


def _by_order(pending: list[_Pending], n: int) -> _Candidate | None:
    """The one candidate between the quotes before and after, which the form says are in order."""
    before = max((one.chosen.place.end for one in pending[:n] if one.chosen), default=0)
    after = min((one.chosen.place.start for one in pending[n + 1 :] if one.chosen), default=None)
    between = [c for c in pending[n].candidates if before <= c.place.start and (after is None or c.place.end <= after)]
    return between[0] if len(between) == 1 else None


def _is_taken(candidate: _Candidate, pending: list[_Pending]) -> bool:
    """Whether another quote of the reply changes lines of this place."""
    return any(
        change.start < candidate.place.end and candidate.place.start < change.end
        for one in pending
        if one.chosen
        for change in one.chosen.changes
    )


def _fits(changes: list[LineChange], more: Sequence[LineChange]) -> bool:
    """Whether the further changes touch no line that is changed already, unless in the same way."""
    return all(one == other or not _collide(one, other) for one in changes for other in more)


def _collide(one: LineChange, other: LineChange) -> bool:
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return one.start < other.end and other.start < one.end


def _replace_later(done: list[MergedLine], quote: Quote, path: str) -> list[MergedLine] | Rejection:
    """Replace a quote in what earlier ones have made of the file."""
    document = KeyedLines([line.text for line in done])
    pending = _Pending(quote, _candidates(document, quote))
    if not pending.candidates:
        return _missing(document, quote, path)
    if 1 < len(pending.candidates):
        return _ambiguous(pending, path)
    return replayed(done, pending.candidates[0].changes)


def _missing(document: KeyedLines, quote: Quote, path: str) -> Rejection:
    shown = [line for line in quote.old if not is_blank(line)]
    if not shown:
        return Rejection("empty-quote", f"a block for {path!r} quotes no lines, and the file is not empty")
    known = set(document.keys(Key.FOLDED_STRIPPED))
    absent = next((line for line in shown if Key.FOLDED_STRIPPED.of(line) not in known), None)
    if absent is None:
        detail = (
            f"the lines quoted from {path!r}, beginning with {shown[0].strip()[:80]!r}, do not stand together there"
        )
    else:
        detail = f"{path!r} has no line {absent.strip()[:80]!r}, which the reply quotes"
    return Rejection("quote-not-found", detail)


def _ambiguous(one: _Pending, path: str) -> Rejection:
    places = [f"line {c.place.start + 1}" for c in one.candidates]
    shown = next((line.strip() for line in one.quote.old if not is_blank(line)), "")
    named = f"{', '.join(places[:3])}{' and more' if 3 < len(places) else ''}"
    return Rejection(
        "ambiguous-location", f"the lines quoted from {path!r}, beginning with {shown[:80]!r}, stand at {named}"
    )
