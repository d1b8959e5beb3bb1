"""The text of an open document, kept as lines: an edit costs what it changes, not what the file holds."""

from itertools import accumulate, islice

from tierwise.text.lines import Encoding, LineIndex, Position, content, split_lines


class TextMirror:
    """One document's text. Positions outside it are clamped: to the text, and to the content of a line."""

    __slots__ = ("_encoding", "_lines", "_starts")

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._encoding = encoding
        self._lines: list[str] = []
        self._starts: list[int] = []
        self.replace_all(text)

    @property
    def n_lines(self) -> int:
        """At least 1; a text that ends in a line break has an empty last line."""
        return len(self._lines)

    @property
    def text(self) -> str:
        """The whole text, put together anew."""
        return "".join(self._lines)

    def replace_all(self, text: str) -> None:
        """Take a new text over."""
        self._lines = split_lines(text)
        if _lacks_last_line(self._lines):
            self._lines.append("")
        self._starts = [0]

    def replace(self, start: Position, end: Position, new_text: str) -> None:
        """Replace what lies between two positions, in either order."""
        (first, begin), (last, stop) = sorted((self._place(start), self._place(end)))
        lines = self._lines
        text = lines[first][:begin] + new_text + lines[last][stop:]
        if first and text.startswith("\n") and lines[first - 1].endswith("\r"):
            # The edit has brought the two halves of a `\r\n` together: they end one line from now on.
            first -= 1
            text = lines[first] + text
        replacement = split_lines(text)
        if last + 1 == len(lines) and _lacks_last_line(replacement):
            replacement.append("")
        lines[first : last + 1] = replacement
        del self._starts[first + 1 :]

    def offset(self, position: Position) -> int:
        """The offset of a position, in code points."""
        line, column = self._place(position)
        starts = self._starts
        if len(starts) <= line:
            lengths = map(len, islice(self._lines, len(starts) - 1, line))
            starts += islice(accumulate(lengths, initial=starts[-1]), 1, None)
        return starts[line] + column

    def _place(self, position: Position) -> tuple[int, int]:
        """Line and code point of a position."""
        if position.line < 0:
            return 0, 0
        if len(self._lines) <= position.line:
            return len(self._lines) - 1, len(self._lines[-1])
        text = content(self._lines[position.line])
        if text.isascii():
            return position.line, min(max(position.character, 0), len(text))
        return position.line, LineIndex(text).offset(Position(0, position.character), self._encoding)


def _lacks_last_line(lines: list[str]) -> bool:
    """Whether the empty line after a final line break, or of an empty text, is missing."""
    return not lines or lines[-1].endswith(("\n", "\r"))
