"""From a quote and the place where it stands to the lines of the document that change.

Lines that the quote and its replacement share are context: the document's own lines stay, white space and all.
"""

from collections.abc import Sequence

from tierwise.edits.blank_lines import with_blank_lines
from tierwise.edits.blocks import Mark, Quote
from tierwise.edits.depths import is_document_like
from tierwise.edits.elision import is_gap
from tierwise.edits.fitting import Fitting, is_indented_plainly
from tierwise.edits.frames import SAME
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import Place
from tierwise.text.diff import Hunk, diff_lines
from tierwise.text.merge import LineChange

Script = Sequence[tuple[Mark, str]]


def changes_at(quote: Quote, place: Place, document: KeyedLines) -> tuple[LineChange, ...]:
    """What the quote changes when it stands at this place, in order and apart from each other."""
    if quote.script:
        return _walk(quote.script, place, document, Fitting(quote, place, document, place.frame))
    is_exact = place.key is Key.EXACT and place.frame is SAME and place.is_exact_cover
    if is_exact and not any(map(is_gap, quote.old)) and not any(map(is_gap, quote.new)):
        return _plain_changes(quote, place, document)
    real = [_real_line(one, place.ranges[n], document) for n, one in enumerate(quote.old)]
    whole = [place.frame.fit(line) == text for line, text in zip(quote.old, real, strict=True)]
    is_off = not place.frame.is_identity and place.first_indentation is None
    if is_off and is_document_like(quote, real, place.frame, document.step()):
        script = compared(real, quote.new, Key.TRIMMED, whole)
        return _walk(script, place, document, Fitting(quote, place, document, SAME))
    script = compared(quote.old, quote.new, place.key, whole)
    changes = _walk(script, place, document, Fitting(quote, place, document, place.frame))
    if place.is_exact_cover or any(is_gap(line) for line in quote.old):
        return tuple(_unglued(change, document) for change in changes)
    return _direct_changes(quote, place, document)


def _plain_changes(quote: Quote, place: Place, document: KeyedLines) -> tuple[LineChange, ...]:
    """The changes when the quote stands to the letter, so that a line stays just if it is repeated to the letter."""
    changes: list[LineChange] = []
    new = quote.new
    if document.may_have_tabs or not is_indented_plainly("".join(new)):
        new = tuple(map(Fitting(quote, place, document, place.frame).fit, new))
    for hunk in diff_lines(quote.old, quote.new):
        start, end = place.start + hunk.start, place.start + hunk.end
        lines = new[hunk.new_start : hunk.new_end]
        if tuple(document.lines[start:end]) != lines:
            changes.append(_unglued(LineChange(start, end, lines), document))
    return tuple(changes)


def _direct_changes(quote: Quote, place: Place, document: KeyedLines) -> tuple[LineChange, ...]:
    """The changes when the quote has other blank lines than the document: the real lines against the new ones."""
    fitting = Fitting(quote, place, document, place.frame)
    fitted = []
    for line in quote.new:
        fitted.append(fitting.fit(line))
        fitting.past_first()
    fitted = with_blank_lines(quote, place, document, fitted)
    real = document.lines[place.start : place.end]
    each = Place(tuple((at, at + 1) for at in range(place.start, place.end)), SAME, place.key)
    script = compared(real, fitted, Key.FOLDED if place.key is not Key.TRIMMED else Key.TRIMMED)
    return _walk(script, each, document, Fitting(Quote(old=(), new=()), each, document, SAME))


def compared(old: Sequence[str], new: Sequence[str], key: Key, is_whole: Sequence[bool] = ()) -> list[tuple[Mark, str]]:
    """Which of the old lines stay, which go and which new ones come; gaps of both stand for the same lines.

    A line that was quoted to the letter, as `is_whole` tells, stays only if it is repeated to the letter.
    """
    old_gaps, new_gaps = _gaps(old), _gaps(new)
    if not old_gaps or len(old_gaps) != len(new_gaps):
        return _compared(old, new, key, is_whole)
    script: list[tuple[Mark, str]] = []
    ends = zip([*old_gaps, len(old)], [*new_gaps, len(new)], strict=True)
    at = new_at = 0
    for end, new_end in ends:
        script += _compared(old[at:end], new[new_at:new_end], key, is_whole[at:end])
        script += [(" ", line) for line in old[end : end + 1]]
        at, new_at = end + 1, new_end + 1
    return script


def _gaps(lines: Sequence[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if is_gap(line)]


def _compared(old: Sequence[str], new: Sequence[str], key: Key, is_whole: Sequence[bool]) -> list[tuple[Mark, str]]:
    old_keys, new_keys = list(old), list(new)
    if key is not Key.EXACT:
        old_keys, new_keys = list(map(key.within_quote, old)), list(map(key.within_quote, new))
    script: list[tuple[Mark, str]] = []
    at = new_at = 0
    for hunk in [*diff_lines(old_keys, new_keys), Hunk(len(old), len(old), len(new), len(new))]:
        for n, line in enumerate(old[at : hunk.start]):
            if at + n < len(is_whole) and is_whole[at + n] and line != new[new_at + n]:
                script += [("-", line), ("+", new[new_at + n])]
            else:
                script.append((" ", line))
        script += [("-", line) for line in old[hunk.start : hunk.end]]
        script += [("+", line) for line in new[hunk.new_start : hunk.new_end]]
        at, new_at = hunk.end, hunk.new_end
    return script


def _walk(script: Script, place: Place, document: KeyedLines, fitting: Fitting) -> tuple[LineChange, ...]:
    changes: list[LineChange] = []
    start = end = -1
    lines: list[str] = []
    n = 0
    for mark, text in [*script, (" ", "")]:
        if mark == "+":
            if start < 0:
                start = end = _insertion_line(place, n, document, text)
            lines.append(fitting.fit(text))
            fitting.past_first()
            continue
        first, last = place.ranges[n] if n < len(place.ranges) else (end, end)
        if 0 <= start and mark == " ":
            changes.append(LineChange(start, end, tuple(lines)))
            start, lines = -1, []
        if mark == "-":
            start = first if start < 0 else start
            end = last
        else:
            fitting.past_first()
        n += 1
    return tuple(change for change in changes if tuple(document.lines[change.start : change.end]) != change.lines)


def _insertion_line(place: Place, n: int, document: KeyedLines, text: str) -> int:
    """Where a line goes that comes before the quoted line `n`, when blank lines that were not quoted stand there.

    It belongs to the block above unless that is indented deeper than the line.
    """
    if n == 0 or n == len(place.ranges):
        return place.ranges[n - 1][1] if n else place.start
    above, below = place.ranges[n - 1][1], place.ranges[n][0]
    if above < below and len(leading(place.frame.fit(text))) < len(leading(document.lines[above - 1])):
        return below
    return above


def _unglued(change: LineChange, document: KeyedLines) -> LineChange:
    """A removal that would join two neighbors, though a blank line stood between, without the removal of that line."""
    before, after = change.start - 1, change.end
    if any(not is_blank(line) for line in change.lines) or before < 0 or len(document.lines) <= after:
        return change
    above, last, below = document.lines[before], document.lines[change.end - 1], document.lines[after]
    if change.end - change.start < 2 or is_blank(above) or is_blank(below) or not is_blank(last):
        return change
    is_sibling = leading(above) == leading(below)
    return LineChange(change.start, change.end - 1, change.lines) if is_sibling and not change.lines else change


def _real_line(quoted: str, around: tuple[int, int], document: KeyedLines) -> str:
    """The line of the document that a quoted line stands for; itself where that is not a single line."""
    return document.lines[around[0]] if around[1] - around[0] == 1 else quoted
