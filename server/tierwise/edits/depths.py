"""Whether a replacement is indented as its quote is, or as the document is where the two differ."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from tierwise.edits.blocks import Quote
from tierwise.edits.frames import Frame
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import folded

_ALIKE = 60.0
"""From this likeness, in percent, the first new line counts as the first quoted one, changed."""


def is_document_like(quote: Quote, real: Sequence[str], frame: Frame, step: int) -> bool:
    """Whether only the quote was indented wrongly: its replacement has the depths of the `real` lines.

    The first line tells, when it is the first quoted one in a new form; else the lines that both share: some are as
    deep as in the document and none as deep as in the quote. Lines that an edit puts deeper or less deep than they were
    tell nothing, so where the replacement has a line as shallow as the quote's shallowest, as one that wraps others
    has, it is taken for one in the quote's depths.
    """
    old = [width(line) for line in quote.old]
    new = [width(line) for line in quote.new if not is_blank(line)]
    if not new or [line.rstrip() for line in quote.new] == [line.rstrip() for line in real]:
        return False
    first = _first_says(quote, real)
    if first is not None:
        return first
    shared = _shared(quote)
    told = [(n, at) for n, at in shared if width(real[at]) != old[at]]
    for_document = sum(n == width(real[at]) for n, at in told)
    for_quote = sum(n == old[at] for n, at in told)
    least_new, least_old = min(new), _least(quote.old)
    if for_quote:
        return least_new != least_old and least_new == _least(real) and for_quote < for_document
    if frame.ratio != 1.0:
        return _is_in_steps(new, old, frame.ratio, step)
    if least_new == least_old:
        return False
    is_beyond = least_old < least_new or min((n for n, _ in shared), default=least_old) < least_old
    return least_new == _least(real) or (bool(for_document) and is_beyond)


def _is_in_steps(new: Sequence[int], old: Sequence[int], ratio: float, step: int) -> bool:
    """Whether depths are those of the document's steps, and not all could be of the quote's."""
    if ratio < 1:
        return any(n % round(step / ratio) for n in new)
    return not any(n % step for n in new) and any(n % step for n in old)


def _first_says(quote: Quote, real: Sequence[str]) -> bool | None:
    """What the first new line says, if it is the first quoted one, perhaps changed, and the two depths differ."""
    at = next(n for n, line in enumerate(quote.old) if not is_blank(line))
    first = next(line for line in quote.new if not is_blank(line))
    depth, old, there = width(first), width(quote.old[at]), width(real[at])
    if old == there or depth not in (old, there):
        return None
    is_same = _ALIKE <= fuzz.ratio(folded(first).strip(), folded(quote.old[at]).strip())
    return depth == there if is_same else None


def _shared(quote: Quote) -> list[tuple[int, int]]:
    """The depth in the replacement and the number in the quote of every line that both have, white space aside."""
    numbers = {folded(line).strip(): n for n, line in enumerate(quote.old) if not is_blank(line)}
    return [(width(line), numbers[text]) for line in quote.new if (text := folded(line).strip()) in numbers]


def width(line: str) -> int:
    """How many columns the indentation of a line takes."""
    return len(leading(line).expandtabs(4))


def _least(lines: Sequence[str]) -> int:
    return min((width(line) for line in lines if not is_blank(line)), default=-1)
