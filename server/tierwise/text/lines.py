"""Lines as the language server protocol sees them, and positions in each of its three encodings.

Only `\\n`, `\\r\\n` and `\\r` end a line. `str.splitlines` also breaks at form feeds, U+2028 and others, which is why
nothing in this package may use it on a document that holds one of those.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from tierwise.text.spans import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_OTHER_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a document: zero-based line, and code units from the start of that line."""

    line: int
    character: int


def has_lone_returns(text: str) -> bool:
    """Whether some `\\r` ends a line by itself."""
    return "\r" in text and text.count("\r") != text.count("\r\n")


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each with its line break; joined they are `text` again."""
    if not any(sign in text for sign in _OTHER_BREAKS):
        return text.splitlines(keepends=True)
    if has_lone_returns(text):
        return _LINE.findall(text)
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    if last:
        lines.append(last)
    return lines


def content(line: str) -> str:
    """The line without its line break."""
    return line.removesuffix("\n").removesuffix("\r") if line[-1:] in "\r\n" else line


def unit_length(text: str, encoding: Encoding) -> int:
    """Code units that `text` takes in `encoding`; lone surrogates count like any character of their plane."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _prefix_length(text: str, n_units: int, encoding: Encoding) -> int:
    """How many whole characters of `text` fit into `n_units` code units."""
    if encoding == "utf-32" or text.isascii():
        return min(max(n_units, 0), len(text))
    low, high = 0, min(len(text), max(n_units, 0))
    while low < high:
        middle = (low + high + 1) // 2
        if unit_length(text[:middle], encoding) <= n_units:
            low = middle
        else:
            high = middle - 1
    return low


class LineIndex:
    """Where the lines of one text start; translates between offsets (code points) and positions."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *accumulate(map(len, split_lines(text)))]
        if 1 < len(self._starts) and text[-1] not in "\r\n":
            self._starts.pop()

    @property
    def n_lines(self) -> int:
        """At least 1; a text that ends in a line break has an empty last line."""
        return len(self._starts)

    def line_span(self, line: int) -> Span:
        """The content of a line, without its line break.

        Raises IndexError when there is no such line.
        """
        if not 0 <= line < len(self._starts):
            raise IndexError(f"line {line} of a text with {len(self._starts)} lines")
        start = self._starts[line]
        if line + 1 == len(self._starts):
            return Span(start, len(self._text))
        end = self._starts[line + 1] - 1
        if start < end and self._text[end] == "\n" and self._text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_of(self, offset: int) -> int:
        """The line that holds `offset`; a line break belongs to the line it ends."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """The position of an offset, which is clamped to the text and to the content of its line."""
        line = self.line_of(offset)
        span = self.line_span(line)
        end = min(max(offset, span.start), span.end)
        return Position(line, unit_length(self._text[span.start : end], encoding))

    def offset(self, position: Position, encoding: Encoding) -> int:
        """The offset of a position; line and character are clamped, half characters round down."""
        if position.line < 0:
            return 0
        if len(self._starts) <= position.line:
            return len(self._text)
        span = self.line_span(position.line)
        return span.start + _prefix_length(self._text[span.start : span.end], position.character, encoding)


def rising_positions(text: str, offsets: Iterable[int], encoding: Encoding) -> list[Position]:
    """The positions of offsets that never fall, as `LineIndex.position` gives them, without an index of all lines."""
    if has_lone_returns(text):
        index = LineIndex(text)
        return [index.position(offset, encoding) for offset in offsets]
    positions: list[Position] = []
    line = start = 0
    for offset in offsets:
        end = min(max(offset, 0), len(text))
        if text[end - 1 : end + 1] == "\r\n":
            end -= 1
        n_more = text.count("\n", start, end)
        if n_more:
            line += n_more
            start = text.rindex("\n", start, end) + 1
        positions.append(Position(line, unit_length(text[start:end], encoding)))
    return positions
