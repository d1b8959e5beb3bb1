"""Search/replace blocks: old lines between markers, then new ones.

The dialects differ in their markers (`<<<<<<< SEARCH` or `------- SEARCH`, `>>>>>>> REPLACE` or `+++++++ REPLACE`), in
whether a block carries line numbers, and in where the file is named.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tierwise.edits.blocks import FileRequest, Quote
from tierwise.edits.fences import fences
from tierwise.edits.headings import Heading, heading_above
from tierwise.edits.indentation import is_blank
from tierwise.edits.paths import path_in_info
from tierwise.edits.scanning import lines_with
from tierwise.text.rejection import Rejection

_OPEN = re.compile(
    r"^([ \t]*)(?:<{5,9}[ \t]*(?:SEARCH|ORIGINAL|HEAD|OLD)\b|-{5,}[ \t]*SEARCH\b)[ \t]*>?(.*)$", re.IGNORECASE
)
_DIVIDER = re.compile(r"^([ \t]*)={5,}[ \t]*$")
_CLOSE = re.compile(
    r"^([ \t]*)(?:>{5,9}[ \t]*(?:REPLACE|UPDATED|NEW|END)\b.*|\+{5,}[ \t]*REPLACE\b.*|>{7}[ \t]*)$", re.IGNORECASE
)
_MARKS = frozenset(("<<<<<", ">>>>>", "-----", "+++++"))
_NUMBER = re.compile(r"^[ \t]*:(start|end)_line:[ \t]*(\d+)[ \t]*$")
_RULE = re.compile(r"^[ \t]*-{5,}[ \t]*$")
_ESCAPED = re.compile(r"^([ \t]*)\\(<{5,9}|-{5,}|={5,}|>{5,9}|\+{5,})")


@dataclass(frozen=True, slots=True)
class ParsedBlocks:
    """The blocks of a reply, and its lines with blank ones in their place."""

    requests: tuple[FileRequest, ...]
    rest: tuple[str, ...]
    is_all: bool = False
    """Whether there are blocks, and the fences of the reply hold nothing besides."""


def parse_search_replace(lines: Sequence[str], known: Collection[str]) -> ParsedBlocks | Rejection:
    """Every search/replace block; a block without a path is for the file of the block before it.

    Refused as a whole when a block lacks its divider or its end: what is cut off would be applied by halves.
    """
    requests: list[FileRequest] = []
    spans: list[tuple[int, int]] = []
    done = -1
    path: str | None = None
    marked = _marked(lines)
    for at in marked:
        if at <= done:
            continue
        opened = _OPEN.match(lines[at])
        if opened is None:
            if requests and _CLOSE.match(lines[at]):
                return Rejection("malformed-reply", f"line {at + 1} of the reply ends a block that was never begun")
            continue
        end = _end(lines, marked, at, opened[1])
        if isinstance(end, Rejection):
            return end
        heading = _heading(lines, at, done, opened[2], known)
        path = heading.path or (None if heading.is_doubtful else path)
        quote = _quote(lines, at, end, opened[1])
        if isinstance(quote, Rejection):
            return quote
        requests.append(FileRequest(path=path, edits=(quote,)))
        spans.append((at, end + 1))
        done = end
    if not spans:
        return ParsedBlocks((), tuple(lines))
    rest = _blanked(lines, spans)
    around = fences(rest)
    if any(not fence.is_closed and fence.start < spans[-1][0] for fence in around):
        return Rejection("truncated-reply", "the reply ends before the fence around its last block is closed")
    is_all = not any(any(map(str.strip, fence.lines)) for fence in around)
    return ParsedBlocks(tuple(requests), tuple(rest), is_all)


def _blanked(lines: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    rest = list(lines)
    for start, end in spans:
        rest[start:end] = [""] * (end - start)
    return rest


def _heading(lines: Sequence[str], at: int, done: int, rest: str, known: Collection[str]) -> Heading:
    path = path_in_info(rest, known) if rest.strip() else None
    return Heading(path) if path else heading_above(lines, at, done, known)


def _marked(lines: Sequence[str]) -> list[int]:
    """The lines that could be markers."""
    found = lines_with("\n".join(lines), _MARKS)
    return [at for at in found if lines[at].lstrip(" \t")[:5] in _MARKS]


def _end(lines: Sequence[str], marked: Sequence[int], start: int, indentation: str) -> int | Rejection:
    """The line that ends the block; a marker with another indentation is content."""
    for at in marked:
        if at <= start:
            continue
        opened, closed = _OPEN.match(lines[at]), _CLOSE.match(lines[at])
        if opened and opened[1] == indentation:
            return Rejection(
                "malformed-reply", f"the block begun in line {start + 1} of the reply has no end before the next one"
            )
        if closed and closed[1] == indentation:
            return at
    return Rejection("truncated-reply", f"the reply ends inside the block begun in line {start + 1}")


def _quote(lines: Sequence[str], start: int, end: int, indentation: str) -> Quote | Rejection:
    body = list(lines[start + 1 : end])
    if indentation and all(line.startswith(indentation) or is_blank(line) for line in body):
        body = [line[len(indentation) :] for line in body]
        indentation = ""
    line, body = _line_hint(body)
    dividers = [
        at
        for at in lines_with("\n".join(body), ("=====",))
        if (match := _DIVIDER.match(body[at])) and match[1] == indentation
    ]
    if not dividers:
        return Rejection("malformed-reply", f"the block begun in line {start + 1} of the reply has no `=======`")
    readings = []
    if 1 < len(dividers) and all(is_blank(text) for text in body[dividers[-1] + 1 :]):
        old, new = _unescaped(body[: dividers[-2]]), _unescaped(body[dividers[-2] + 1 : dividers[-1]])
        readings.append(Quote(old=tuple(old), new=tuple(new), line=line))
    for divider in reversed(dividers):
        old, new = _unescaped(body[:divider]), _unescaped(body[divider + 1 :])
        readings.append(Quote(old=tuple(old), new=tuple(new), line=line))
    return replace(readings[0], alternatives=tuple(readings[1:])) if readings[1:] else readings[0]


def _line_hint(body: list[str]) -> tuple[int | None, list[str]]:
    """The zero-based first line that the block names at its top, and the block without it."""
    at, first = 0, None
    while at < len(body) and (match := _NUMBER.match(body[at])):
        first = int(match[2]) - 1 if match[1] == "start" else first
        at += 1
    if at and at < len(body) and _RULE.match(body[at]):
        at += 1
    return first, body[at:]


def _unescaped(lines: Sequence[str]) -> list[str]:
    """The lines with markers that were escaped, because they are content, as they are in the file."""
    return [_ESCAPED.sub(r"\1\2", line) if "\\" in line else line for line in lines]
