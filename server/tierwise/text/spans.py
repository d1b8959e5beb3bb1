"""Half-open spans of a text and the edits that replace them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Offsets into a `str`, in code points: `start <= offset < end`."""

    start: int
    end: int

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies inside, borders included."""
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        """Whether the two share a border or any text."""
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True, order=True)
class TextEdit:
    """Replace the text of one span by another."""

    span: Span
    new_text: str


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits that were all made against `text`.

    Raises ValueError when two of them overlap or one lies outside the text.
    """
    pieces: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda e: e.span):
        if edit.span.start < done or edit.span.end < edit.span.start or len(text) < edit.span.end:
            raise ValueError(f"edit {edit.span} overlaps another or lies outside the text")
        pieces += [text[done : edit.span.start], edit.new_text]
        done = edit.span.end
    return "".join(pieces) + text[done:]
