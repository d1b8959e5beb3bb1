"""The `*** Begin Patch` form: sections that add, update, delete and move files, with context instead of numbers."""

import re
from collections.abc import Sequence

from tierwise.edits.blocks import FileRequest, Quote, Whole
from tierwise.edits.hunks import quote_of_hunk
from tierwise.text.rejection import Rejection

_BEGIN = re.compile(r"^\s*\*\*\* Begin Patch\s*$")
_END = re.compile(r"^\s*\*\*\* End Patch\s*$")
_SECTION = re.compile(r"^\*\*\* (Add|Update|Delete) File: ?(.+?)\s*$")
_MOVE = re.compile(r"^\*\*\* Move to: ?(.+?)\s*$")
_END_OF_FILE = re.compile(r"^\*\*\* End of File\s*$")
_NUMBERS = re.compile(r"^-(\d+)(?:,\d+)? \+\d+(?:,\d+)?(?: @@(.*))?$")


def parse_patch(lines: Sequence[str]) -> list[FileRequest] | Rejection:
    """Every section of every patch in the reply; refused as a whole when a patch lacks its end."""
    bodies = _bodies(lines)
    if isinstance(bodies, Rejection):
        return bodies
    requests: list[FileRequest] = []
    for body in bodies:
        starts = [at for at, line in enumerate(body) if _SECTION.match(line)]
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
            request = _section(body[start:end])
            if isinstance(request, Rejection):
                return request
            requests.append(request)
    return requests


def without_patches(lines: Sequence[str]) -> list[str]:
    """The lines with blank ones in place of patches."""
    rest = list(lines)
    begin: int | None = None if any(map(_BEGIN.match, lines)) else _first_section(lines)
    for at, line in enumerate(lines):
        begin = at if _BEGIN.match(line) else begin
        rest[at] = line if begin is None else ""
        begin = None if _END.match(line) else begin
    return rest


def _first_section(lines: Sequence[str]) -> int | None:
    return next((at for at, line in enumerate(lines) if _SECTION.match(line)), None)


def _bodies(lines: Sequence[str]) -> list[list[str]] | Rejection:
    """The lines between begin and end of each patch; all lines when there are sections and neither of the two."""
    bodies: list[list[str]] = []
    begin: int | None = None
    for at, line in enumerate(lines):
        if _BEGIN.match(line):
            begin = at
        elif _END.match(line):
            if begin is None:
                return Rejection("malformed-reply", f"line {at + 1} of the reply ends a patch that was never begun")
            bodies.append(_outdented(list(lines[begin + 1 : at]), lines[begin]))
            begin = None
    if begin is not None:
        return Rejection("truncated-reply", "the reply ends inside a patch: `*** End Patch` is missing")
    if not bodies and any(_SECTION.match(line) for line in lines):
        return [[line for line in lines if not line.startswith("```")]]
    return bodies


def _outdented(body: list[str], begin: str) -> list[str]:
    indentation = begin[: len(begin) - len(begin.lstrip())]
    if indentation and all(line.startswith(indentation) or not line.strip() for line in body):
        return [line[len(indentation) :] for line in body]
    return body


def _section(lines: list[str]) -> FileRequest | Rejection:
    match = _SECTION.match(lines[0])
    verb, path = (match[1], match[2].strip("`\"'")) if match else ("", "")
    body = lines[1:]
    if verb == "Delete":
        return FileRequest(path=path, is_deletion=True)
    if verb == "Add":
        return _added(path, body)
    new_path = None
    if body and (move := _MOVE.match(body[0])):
        new_path, body = move[1], body[1:]
    return FileRequest(path=path, edits=tuple(_chunks(body)), is_ordered=True, new_path=new_path)


def _added(path: str, body: list[str]) -> FileRequest | Rejection:
    while body and not body[-1].strip():
        body = body[:-1]
    body = [line for line in body if not _END_OF_FILE.match(line)]
    wrong = next((line for line in body if line.strip() and not line.startswith("+")), None)
    if wrong is not None:
        return Rejection("malformed-reply", f"the patch adds {path!r} with a line that lacks its `+`: {wrong[:60]!r}")
    content = Whole(tuple(line[1:] for line in body))
    return FileRequest(path=path, edits=(content,), is_creation=True)


def _chunks(body: list[str]) -> list[Quote]:
    """The pieces between `@@` lines; several `@@` lines in a row are anchors of one piece, outermost first."""
    chunks: list[Quote] = []
    anchors: list[str] = []
    number: int | None = None
    piece: list[str] = []
    for line in [*body, "@@"]:
        if not line.startswith("@@"):
            piece.append(line)
            continue
        if any(text.strip() for text in piece):
            chunks.append(_chunk(piece, number, tuple(anchors)))
            anchors, number = [], None
        piece = []
        text = line.lstrip("@").removesuffix("@@").strip()
        if match := _NUMBERS.match(text):
            number, text = int(match[1]) - 1, (match[2] or "").strip()
        if text and text != "...":
            anchors.append(text)
    return chunks


def _chunk(piece: list[str], number: int | None, anchors: tuple[str, ...]) -> Quote:
    is_at_end = any(_END_OF_FILE.match(line) for line in piece)
    lines = [line for line in piece if not _END_OF_FILE.match(line)]
    is_at_end = is_at_end or (not anchors and number is None and all(line.startswith("+") for line in lines if line))
    return quote_of_hunk(lines, number, anchors, is_at_end=is_at_end)
