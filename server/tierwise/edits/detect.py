"""Which form a reply has: the forms are tried from the most telling to the least."""

from collections.abc import Collection, Sequence

from tierwise.edits.blocks import FileRequest
from tierwise.edits.fences import reply_lines, without_reasoning
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.json_edits import parse_json
from tierwise.edits.patch import parse_patch
from tierwise.edits.search_replace import parse_search_replace
from tierwise.edits.udiff import parse_udiff
from tierwise.edits.whole import parse_bare_file, parse_whole
from tierwise.text.rejection import Rejection

Parsed = list[FileRequest] | Rejection


def parse_reply(reply: str, known: Collection[str], form: ReplyFormat) -> Parsed:
    """What the reply asks for; empty when it is prose.

    The form asked for is tried first. Models answer in another one often enough that the others are tried then.
    """
    answer = without_reasoning(reply)
    if not answer.strip():
        return Rejection("empty-reply", "the reply holds no text")
    lines = reply_lines(answer)
    parsed = _parse(lines, known, form) if form is not ReplyFormat.AUTO else []
    return parsed if isinstance(parsed, Rejection) or parsed else _detected(lines, known)


def _parse(lines: Sequence[str], known: Collection[str], form: ReplyFormat) -> Parsed:
    match form:
        case ReplyFormat.PATCH:
            return parse_patch(lines)
        case ReplyFormat.SEARCH_REPLACE:
            return _search_replace(lines, known)
        case ReplyFormat.UDIFF:
            return parse_udiff(lines, known)
        case ReplyFormat.JSON:
            return parse_json(lines)
        case ReplyFormat.WHOLE | ReplyFormat.SPAN:
            return parse_whole(lines, known)
        case ReplyFormat.AUTO:
            return _detected(lines, known)


def _detected(lines: Sequence[str], known: Collection[str]) -> Parsed:
    patch = parse_patch(lines)
    if isinstance(patch, Rejection) or patch:
        return patch
    blocks = _search_replace(lines, known)
    if isinstance(blocks, Rejection) or blocks:
        return blocks
    named = parse_whole(lines, known, only_named=True)
    diffs = parse_udiff(lines, known)
    if isinstance(diffs, Rejection) or diffs:
        return diffs
    if isinstance(named, list) and not named:
        edits = parse_json(lines)
        if isinstance(edits, Rejection) or edits:
            return edits
    whole = parse_whole(lines, known)
    return whole if isinstance(whole, Rejection) or whole else parse_bare_file("\n".join(lines), known)


def _search_replace(lines: Sequence[str], known: Collection[str]) -> Parsed:
    """The blocks, and after them files that the reply gives whole because they are new."""
    parsed = parse_search_replace(lines, known)
    if isinstance(parsed, Rejection):
        return parsed
    return list(parsed.requests)
