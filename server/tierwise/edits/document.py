"""A text taken apart into lines, so that edits can ignore how its lines end, and put together again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.text.merge import LineChange, MergedLine, replayed, spliced
from tierwise.text.newlines import dominant_newline

_BREAK = re.compile(r"(\r\n?|\n)")
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Document:
    """The lines of a text, and beside each the line break that ends it."""

    lines: tuple[str, ...]
    breaks: tuple[str, ...]
    """As long as `lines`; the last one is empty when the text has no final line break."""
    newline: str
    """What most lines end with."""
    is_uniform: bool
    """Whether every line ends with it, except that the last one may have no line break."""
    has_mark: bool
    """Whether the text begins with a byte-order mark, which is not part of the first line."""
    has_tabs: bool
    """Whether a tab stands anywhere in it."""


def take_apart(text: str) -> Document:
    """The document that a text is."""
    has_mark = text.startswith(BYTE_ORDER_MARK)
    body = text[1:] if has_mark else text
    newline = dominant_newline(body)
    has_returns = "\r" in body
    parts = _BREAK.split(body) if has_returns else body.split("\n")
    lines = parts[0::2] if has_returns else parts
    n_breaks = len(lines) - 1
    breaks = (*parts[1::2], "") if has_returns else (*("\n",) * n_breaks, "")
    if not lines[-1]:
        lines.pop()
        breaks = breaks[:n_breaks]
    is_uniform = 1 < len(lines) and (not has_returns or set(breaks) <= {newline, ""})
    return Document(tuple(lines), breaks, newline, is_uniform, has_mark, "\t" in body)


def changed_text(document: Document, changes: Sequence[LineChange], newline: str | None = None) -> str:
    """The text of the document with some of its lines changed; see `put_together` for how lines end."""
    if not document.is_uniform or not document.lines:
        lines = [MergedLine(line, at) for at, line in enumerate(document.lines)]
        return put_together(replayed(lines, changes), document, newline)
    new = spliced(document.lines, changes)
    mark = BYTE_ORDER_MARK if document.has_mark else ""
    return mark + document.newline.join(new) + (document.breaks[-1] if new else "")


def _limits(lines: Sequence[MergedLine], n_lines: int) -> list[int]:
    """For each line the next line of the document that stays, itself included."""
    limits: list[int] = []
    limit = n_lines
    for line in reversed(lines):
        limit = line.at if line.at >= 0 else limit
        limits.append(limit)
    return limits[::-1]


def put_together(lines: Sequence[MergedLine], document: Document, newline: str | None = None) -> str:
    """A text of these lines; those that stood in `document` keep their line breaks.

    New ones take those of the lines that they replace, one by one, and further ones that of the line before them.
    Whether the text ends in a line break is as it was; a document without lines gets one, in the style of `newline`.
    """
    if not lines:
        return BYTE_ORDER_MARK if document.has_mark else ""
    style = document.newline if document.breaks and document.breaks[0] else newline or document.newline
    has_final_break = not document.breaks or bool(document.breaks[-1])
    pieces = [BYTE_ORDER_MARK] if document.has_mark else []
    done, limits = -1, _limits(lines, len(document.lines))
    for line, limit in zip(lines, limits, strict=True):
        if line.at >= 0 or done + 1 < limit:
            done = line.at if line.at >= 0 else done + 1
            style = document.breaks[done] or style
        pieces += (line.text, style)
    if not has_final_break:
        pieces.pop()
    return "".join(pieces)
