"""A long file for a worker who has a few lines of it to change: its outline, and in full what is named. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tierwise.dispatch.planner.outlines import PROSE, is_identifier, outline_file
from tierwise.dispatch.prompt import block
from tierwise.routing.estimate import estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import Symbol, enclosing, outline
from tierwise.text import Span

LONG_FILE_TOKENS = 4000
"""A file of more is shown in part, where what is named of it is a small part."""
_MOST_SHOWN = 0.5
"""From this part of a file on it is simpler to show all of it."""
_HEAD_LINES = 40
_AROUND_LINES = 6
_LARGEST_SYMBOL_TOKENS = 1500
"""Of a longer function or class only the lines around what is named are shown."""
_OUTLINE_TOKENS = 1500


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a file as they stand in it, counted from zero; `end` is the first line after them."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What is shown of one file."""

    path: str
    lines: tuple[str, ...]
    """All of the file's."""
    outline: str
    parts: tuple[Part, ...]
    """In the order they stand in, with lines between them."""

    @property
    def text(self) -> str:
        """The sections of the prompt that take the file's place."""
        language = language_of(self.path)
        heading = (
            f"File: {self.path}\nIt has {len(self.lines)} lines, of which those are shown that the task names;"
            " the rest stays as it is. Quote only lines that are shown, and begin every quote with one that stands"
            " nowhere else in the file, such as the line that declares a function."
        )
        shown = [f"Its outline:\n{block(self.outline, '')}"] if self.outline else []
        for part in self.parts:
            text = "\n".join(self.lines[part.start : part.end])
            shown.append(f"Lines {part.start + 1} to {part.end} of {self.path}:\n{block(text, language)}")
        return "\n\n".join([heading, *shown])


def excerpt_of(path: str, text: str, words: Iterable[str], most_tokens: int = LONG_FILE_TOKENS) -> Excerpt | None:
    """What is shown of a file to whom these words are told; None: all of it.

    That is so for a short file, and for one in which the words name nothing, or nearly everything.
    """
    n_tokens = estimate_tokens(text)
    if n_tokens <= most_tokens:
        return None
    symbols = outline(text, language_of(path))
    spots = _spots(text, symbols, "\n".join(words))
    if not spots:
        return None
    lines = text.split("\n")
    excerpt = Excerpt(
        path=path,
        lines=tuple(lines),
        outline=_outlined(path, text),
        parts=_merged(_parts(text, lines, symbols, spots)),
    )
    return excerpt if estimate_tokens(excerpt.text) <= _MOST_SHOWN * n_tokens else None


def _spots(text: str, symbols: Sequence[Symbol], words: str) -> list[int]:
    """Where the names stand that the words use of the file."""
    declared = {symbol.name for symbol in symbols} - PROSE
    quoted = set(re.findall(r"`(\w+)`", words))
    plain = set(re.findall(r"[^\W\d]\w+", words)) - PROSE
    used = {word for word in plain if word in declared or is_identifier(word) or _is_used(word, text)} | quoted
    if not used:
        return []
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(used)))})(?!\w)")
    return [match.start() for match in pattern.finditer(text)]


def _is_used(word: str, text: str) -> bool:
    """Whether a plain word of a task is called, or is an attribute or a keyword argument, in the file."""
    return any(part in text for part in (f"{word}(", f".{word}", f"{word}="))


def _parts(text: str, lines: Sequence[str], symbols: Sequence[Symbol], spots: Iterable[int]) -> Iterable[Part]:
    """The head of the file, and around each spot its function or class, or as many lines as are readable."""
    starts = _line_starts(lines)
    first = min((symbol.span.start for symbol in symbols), default=0)
    yield Part(0, min(_HEAD_LINES, _line_of(starts, first)))
    for spot in spots:
        symbol = enclosing(symbols, Span(spot, spot))
        span = None if symbol is None else symbol.span
        if span is not None and estimate_tokens(text[span.start : span.end]) <= _LARGEST_SYMBOL_TOKENS:
            yield Part(_line_of(starts, span.start), _line_of(starts, max(span.start, span.end - 1)) + 1)
        else:
            line = _line_of(starts, spot)
            yield Part(max(0, line - _AROUND_LINES), min(len(lines), line + _AROUND_LINES + 1))


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _line_of(starts: Sequence[int], offset: int) -> int:
    return bisect_right(starts, offset) - 1


def _merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same lines in parts that neither overlap nor touch."""
    found: list[Part] = []
    for part in sorted(parts, key=lambda one: (one.start, one.end)):
        if part.end <= part.start:
            continue
        if found and part.start <= found[-1].end + 1:
            found[-1] = Part(found[-1].start, max(found[-1].end, part.end))
        else:
            found.append(part)
    return tuple(found)


def _outlined(path: str, text: str) -> str:
    """The signatures of the whole file, as many as there is room for."""
    kept: list[str] = []
    left = _OUTLINE_TOKENS
    for line in outline_file(path, text).lines:
        left -= estimate_tokens(line)
        if left < 0:
            return "\n".join((*kept, "…"))
        kept.append(line)
    return "\n".join(kept)
