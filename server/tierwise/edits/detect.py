"""Which form a reply has: the forms are tried from the most telling to the least."""

import re
from collections.abc import Mapping, Sequence

from tierwise.edits.blocks import FileRequest, Whole
from tierwise.edits.fences import reply_lines, without_reasoning
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.indentation import is_blank
from tierwise.edits.json_edits import parse_json
from tierwise.edits.patch import parse_patch
from tierwise.edits.paths import resolve
from tierwise.edits.search_replace import parse_search_replace
from tierwise.edits.udiff import parse_udiff
from tierwise.edits.whole import named_blocks, parse_bare_file, parse_whole, share_of
from tierwise.text.rejection import Rejection

_MARKER = re.compile(
    r"^\s*(?:<{5,9}\s*SEARCH\b|-{5,}\s*SEARCH\b|\*\*\* (?:Begin Patch|Update File|Add File|Delete File)\b"
    r"|@@|diff --git |--- \S|\+\+\+ \S)"
)
_MOST = 0.6
Parsed = list[FileRequest] | Rejection


def parse_reply(reply: str, base: Mapping[str, str], form: ReplyFormat) -> Parsed:
    """What the reply asks for; empty when it is prose.

    The form asked for is tried first. Models answer in another one often enough that the others are tried then.
    """
    answer = without_reasoning(reply)
    if not answer.strip():
        return Rejection("empty-reply", "the reply holds no text")
    lines = reply_lines(answer)
    parsed = _parse(lines, base, form) if form is not ReplyFormat.AUTO else []
    return parsed if isinstance(parsed, Rejection) or parsed else _detected(lines, base)


def _parse(lines: Sequence[str], base: Mapping[str, str], form: ReplyFormat) -> Parsed:
    match form:
        case ReplyFormat.PATCH:
            return parse_patch(lines)
        case ReplyFormat.SEARCH_REPLACE:
            return _search_replace(lines, base)
        case ReplyFormat.UDIFF:
            return parse_udiff(lines, base)
        case ReplyFormat.JSON:
            return parse_json(lines)
        case ReplyFormat.WHOLE | ReplyFormat.SPAN:
            return [] if _has_markers(lines) and not _repeats_files(lines, base) else parse_whole(lines, base)
        case ReplyFormat.AUTO:
            return _detected(lines, base)


def _detected(lines: Sequence[str], base: Mapping[str, str]) -> Parsed:
    """The first form that the reply has, but whole files first where blocks repeat the files they name."""
    if _repeats_files(lines, base):
        return parse_whole(lines, base)
    for found in (
        parse_patch(lines),
        _search_replace(lines, base),
        parse_udiff(lines, base),
    ):
        if isinstance(found, Rejection) or found:
            return found
    named = parse_whole(lines, base, only_named=True)
    if isinstance(named, Rejection) or named:
        return named
    edits = parse_json(lines)
    if isinstance(edits, Rejection) or edits:
        return edits
    whole = parse_whole(lines, base)
    return whole if isinstance(whole, Rejection) or whole else parse_bare_file(lines, base)


def _has_markers(lines: Sequence[str]) -> bool:
    """Whether some line could only be a marker of a form that edits pieces."""
    return any(_MARKER.match(line) for line in lines)


def _repeats_files(lines: Sequence[str], base: Mapping[str, str]) -> bool:
    """Whether some block under a file's name holds most of that file, so that markers inside are the file's own."""
    for block, heading in named_blocks(lines, base):
        path = resolve(heading.path, base) if heading.path is not None else None
        first = [line for line in block.lines if not is_blank(line)][:2]
        if path is None and len(base) == 1 and heading.path is None:
            path = next(iter(base))
        if path is None or len(block.lines) < _MOST * base[path].count("\n") / 2:
            continue
        if base[path] and not any(map(_MARKER.match, first)) and _MOST < share_of(block.lines, base[path]):
            return True
    return False


def _search_replace(lines: Sequence[str], base: Mapping[str, str]) -> Parsed:
    """The blocks, and besides them files that the reply gives whole because they are new."""
    parsed = parse_search_replace(lines, base)
    if isinstance(parsed, Rejection) or not parsed.requests:
        return parsed if isinstance(parsed, Rejection) else []
    others = parse_whole(parsed.rest, base, only_named=True)
    if isinstance(others, Rejection):
        return others
    new = [one for one in others if one.path is not None and resolve(one.path, base) is None and _shows_code(one)]
    return [*parsed.requests, *new]


def _shows_code(request: FileRequest) -> bool:
    return any(isinstance(edit, Whole) and not all(is_blank(line) for line in edit.lines) for edit in request.edits)
