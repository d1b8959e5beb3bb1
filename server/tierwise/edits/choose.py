"""Which of its possible places each quote of a reply is for, as far as the reply itself decides that."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tierwise.edits.blocks import Quote
from tierwise.edits.candidates import Candidate
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import Place
from tierwise.text.rejection import Rejection

_N_CONTEXT = 3
"""Hunks have so many lines of context, except where the file begins or ends."""


@dataclass(slots=True)
class Pending:
    """A quote, where it may stand, and where it was decided that it does."""

    quote: Quote
    candidates: list[Candidate]
    chosen: Candidate | None = field(default=None)


def choose(pending: list[Pending], path: str, document: KeyedLines, *, is_ordered: bool) -> Rejection | None:
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
                return ambiguous(one, path)
            one.chosen = left[0]
    return None


def _choose_repeated(pending: list[Pending]) -> None:
    """A quote that stands in as many places as the reply gives it is taken in order."""
    groups: dict[tuple[tuple[int, int], ...], list[Pending]] = {}
    for one in pending:
        if one.chosen is None and one.candidates:
            one.candidates.sort(key=lambda c: c.place.start)
            where = tuple((c.place.start, c.place.end) for c in one.candidates)
            groups.setdefault(where, []).append(one)
    for where, group in groups.items():
        if len(group) == len(where):
            for n, one in enumerate(group):
                one.chosen = one.candidates[n]


def _by_hints(one: Pending, document: KeyedLines) -> Candidate | None:
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


def _by_border(one: Pending, document: KeyedLines) -> Candidate | None:
    """The one candidate at the beginning or end of the file, when the hunk has less context there than elsewhere."""
    marks = [mark for mark, _ in one.quote.script]
    if "+" not in marks and "-" not in marks:
        return None
    n_before = next(n for n, mark in enumerate(marks) if mark != " ")
    n_after = next(n for n, mark in enumerate(reversed(marks)) if mark != " ")
    if n_before == n_after or max(n_before, n_after) < _N_CONTEXT:
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


def _by_order(pending: list[Pending], n: int) -> Candidate | None:
    """The one candidate between the quotes before and after, which the form says are in order."""
    before = max((one.chosen.place.end for one in pending[:n] if one.chosen), default=0)
    after = min((one.chosen.place.start for one in pending[n + 1 :] if one.chosen), default=None)
    between = [c for c in pending[n].candidates if before <= c.place.start and (after is None or c.place.end <= after)]
    return between[0] if len(between) == 1 else None


def _is_taken(candidate: Candidate, pending: list[Pending]) -> bool:
    """Whether another quote of the reply changes lines of this place."""
    return any(
        change.start < candidate.place.end and candidate.place.start < change.end
        for one in pending
        if one.chosen
        for change in one.chosen.changes
    )


def ambiguous(one: Pending, path: str) -> Rejection:
    places = [f"line {c.place.start + 1}" for c in one.candidates]
    shown = next((line.strip() for line in one.quote.old if not is_blank(line)), "")
    named = f"{', '.join(places[:3])}{' and more' if 3 < len(places) else ''}"
    return Rejection(
        "ambiguous-location", f"the lines quoted from {path!r}, beginning with {shown[:80]!r}, stand at {named}"
    )
