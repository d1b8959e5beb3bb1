"""What a reply's requests change in one file: every quote looked up, none placed by guessing."""

from collections.abc import Sequence
from dataclasses import replace

from tierwise.edits.blocks import Quote
from tierwise.edits.candidates import candidates
from tierwise.edits.choose import Pending, ambiguous, choose
from tierwise.edits.indentation import is_blank
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.lazy import fill_gaps
from tierwise.text.merge import LineChange, MergedLine, changes_of, replayed
from tierwise.text.rejection import Rejection


def plan_quotes(
    lines: Sequence[str],
    quotes: Sequence[Quote],
    path: str,
    *,
    is_ordered: bool = False,
    may_have_tabs: bool = True,
) -> list[LineChange] | Rejection:
    """The changes of the file's lines, in order and apart from each other, that replace all quotes.

    All quotes are looked up in the file as it was. One that is not there may quote what an earlier one has made.
    """
    document = KeyedLines(lines, may_have_tabs=may_have_tabs)
    whole = [_complete(quote, path) for quote in quotes]
    elided = next((one for one in whole if isinstance(one, Rejection)), None)
    if elided is not None:
        return elided
    quotes = [one for one in whole if isinstance(one, Quote)]
    pending = [Pending(quote, candidates(document, quote)) for quote in quotes]
    refused = choose(pending, path, document, is_ordered=is_ordered)
    if refused is not None:
        return refused
    sorted_out = _sort_out(pending, path, document)
    if isinstance(sorted_out, Rejection):
        return sorted_out
    changes, late = sorted_out
    changes.sort(key=lambda change: (change.start, change.end))
    if not late:
        return changes
    done = replayed([MergedLine(line, at) for at, line in enumerate(lines)], changes)
    for quote in late:
        result = _replace_later(done, quote, path)
        if isinstance(result, Rejection):
            return result
        done = result
    return changes_of(done, len(lines))


def _sort_out(
    pending: Sequence[Pending], path: str, document: KeyedLines
) -> tuple[list[LineChange], list[Quote]] | Rejection:
    """The changes that fit together, and the quotes that are to be looked up again once those are made."""
    changes: list[LineChange] = []
    late: list[Quote] = []
    made = [_made(one, document) for one in pending]
    there = [at for lines_there in made for at in lines_there]
    for one, is_made in zip(pending, made, strict=True):
        if is_made:
            continue
        if there and one.chosen is not None and _takes(one.chosen.changes, there):
            return Rejection(
                "overlapping-edits", f"a block for {path!r} takes away what another one adds, which is there already"
            )
        if one.chosen is not None and _fits(changes, one.chosen.changes):
            changes += [change for change in one.chosen.changes if change not in changes]
        else:
            late.append(one.quote)
    return changes, late


def _complete(quote: Quote, path: str) -> Quote | Rejection:
    """The quote with what its replacement leaves out, although the quote has it, put back."""
    new = fill_gaps(quote.new, quote.old, path)
    if isinstance(new, Rejection) or new == quote.new:
        return new if isinstance(new, Rejection) else quote
    if quote.script:
        return Rejection("elided-code", f"a hunk for {path!r} adds a line that stands for code left out")
    return replace(quote, new=new, alternatives=())


def _made(one: Pending, document: KeyedLines) -> list[int]:
    """The lines that the quote would add to those it keeps, where they stand around its place already."""
    old, new = one.quote.old, one.quote.new
    if one.chosen is None or len(new) <= len(old):
        return []
    added = {line for line in set(new) - set(old) if not is_blank(line)}
    if not added:
        return []
    place = one.chosen.place
    lines = document.lines
    starts = range(max(place.end - len(new), 0), min(place.start + 1, len(lines)))
    at = next((at for at in starts if lines[at] == new[0] and tuple(lines[at : at + len(new)]) == new), None)
    return [] if at is None else [at + n for n, line in enumerate(new) if line in added]


def _takes(changes: Sequence[LineChange], numbers: Sequence[int]) -> bool:
    """Whether changes take away or replace one of the lines."""
    return any(one.start <= number < one.end for one in changes for number in numbers)


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
    pending = Pending(quote, candidates(document, quote))
    if not pending.candidates:
        return _missing(document, quote, path)
    if 1 < len(pending.candidates):
        return ambiguous(pending, path)
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
