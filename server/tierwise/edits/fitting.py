"""New lines made to fit the place they come to: indented as it asks, without the damage that the quote shows."""

from tierwise.edits.blocks import Quote
from tierwise.edits.frames import Frame
from tierwise.edits.indentation import indentation_step, is_blank, leading, with_blanks, with_tabs
from tierwise.edits.keys import Key, KeyedLines, folded
from tierwise.edits.locate import Place

_TAB = 4
"""How many columns a tab takes among blanks."""
_FOLDING = (Key.FOLDED, Key.FOLDED_STRIPPED, Key.DENSE)


def is_indented_plainly(text: str) -> bool:
    """Whether new lines are surely indented by blanks alone, so that they fit a document without tabs as they are."""
    return not ("\t" in text or "\u00a0" in text or "\u3000" in text)


class Fitting:
    """Fits the lines of one replacement, one after the other."""

    __slots__ = ("_bare", "_document", "_frame", "_given", "_is_first", "_kept")

    def __init__(self, quote: Quote, place: Place, document: KeyedLines, frame: Frame) -> None:
        self._frame = frame
        self._bare = place.first_indentation
        self._kept = _kept_signs(quote, place, document)
        self._document = document
        self._given = (*quote.old, *quote.new)
        self._is_first = True

    def fit(self, line: str) -> str:
        """A line of the replacement as it goes into the document."""
        if self._kept and not line.isascii():
            line = "".join(folded(sign) if sign not in self._kept else sign for sign in line)
        own = leading(line)
        if is_blank(line):
            return line
        if not own.isascii():
            line = folded(own) + line[len(own) :]
        if self._bare is not None and self._is_first and not leading(line):
            return self._bare + line
        return self._in_style(self._frame.fit(line))

    def past_first(self) -> None:
        """From here on lines are not the first of the replacement."""
        self._is_first = False

    def _in_style(self, line: str) -> str:
        """The line with tabs where all of the document is indented by them, with blanks where all of it is so."""
        own = leading(line)
        if not own or ("\t" not in own and not self._document.may_have_tabs):
            return line
        wants_tabs = self._document.uses_tabs()
        if wants_tabs and " " in own:
            step = indentation_step(self._given)
            return with_tabs(line, step) if step <= len(own.expandtabs(step)) else line
        if wants_tabs is False and "\t" in own:
            return with_blanks(line, _TAB if " " in own else self._document.step())
        return line


def _kept_signs(quote: Quote, place: Place, document: KeyedLines) -> frozenset[str]:
    """The characters that new lines may have although a keyboard types others; empty when nothing needs mending.

    A typographic character that the quote has and the quoted lines have not is a sign that writing the reply made it,
    and its like in the new lines; what the document has itself stays.
    """
    if place.key not in _FOLDING:
        return frozenset()
    quoted = {sign for line in quote.old for sign in line if not sign.isascii() and folded(sign) != sign}
    real = {sign for line in document.lines[place.start : place.end] for sign in line if not sign.isascii()}
    if quoted <= real:
        return frozenset()
    return frozenset({sign for line in document.lines if not line.isascii() for sign in line} | {""})
