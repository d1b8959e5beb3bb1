"""Which form a reply has: the forms are tried from the most telling to the least."""

import re
from collections.abc import Mapping, Sequence

from tierwise.edits.blocks import FileRequest, Quote, Whole
from tierwise.edits.fences import fences, reply_lines, without_reasoning
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.indentation import is_blank
from tierwise.edits.json_edits import parse_json
from tierwise.edits.patch import parse_patch, without_patches
from tierwise.edits.paths import resolve
from tierwise.edits.search_replace import parse_search_replace
from tierwise.edits.udiff import parse_udiff, without_diffs
from tierwise.edits.whole import named_blocks, parse_bare_file, parse_whole, share_of
from tierwise.text.rejection import Rejection

_MARKER = re.compile(
    r"^\s*(?:<{5,9}\s*(?:SEARCH|ORIGINAL|HEAD|OLD)\b|-{5,}\s*SEARCH\b"
    r"|\*\*\* (?:Begin Patch|Update File|Add File|Delete File)\b"
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
        case ReplyFormat.PATCH | ReplyFormat.SEARCH_REPLACE | ReplyFormat.UDIFF:
            return _pieces(lines, base, form)
        case ReplyFormat.JSON:
            return parse_json(lines)
        case ReplyFormat.WHOLE | ReplyFormat.SPAN:
            return [] if _has_markers(lines) and not _repeats_files(lines, base) else parse_whole(lines, base)
        case ReplyFormat.AUTO:
            return _detected(lines, base)


def _detected(lines: Sequence[str], base: Mapping[str, str]) -> Parsed:
    """The first form that the reply has, but whole files first where blocks repeat the files they name.

    Blocks that quote are seen at once where nothing stands beside them but prose, whatever form their lines look like.
    """
    blocks = parse_search_replace(lines, base)
    if not isinstance(blocks, Rejection) and blocks.is_all and not _forms_in(blocks.rest):
        return list(blocks.requests)
    if _repeats_files(lines, base):
        return parse_whole(lines, base)
    pieces = _pieces(lines, base, ReplyFormat.PATCH)
    if isinstance(pieces, Rejection) or pieces:
        return pieces
    named = parse_whole(lines, base, only_named=True)
    if isinstance(named, Rejection) or named:
        return named
    edits = parse_json(lines)
    if isinstance(edits, Rejection) or edits:
        return edits
    whole = parse_whole(lines, base)
    return whole if isinstance(whole, Rejection) or whole else parse_bare_file(lines, base)


def _pieces(lines: Sequence[str], base: Mapping[str, str], first: ReplyFormat) -> Parsed:
    """Every edit of a piece of a file, and besides them files that the reply gives whole.

    The first form is looked for first; what it does not take is read in the other two.
    """
    requests: list[FileRequest] = []
    rest = list(lines)
    for form in sorted(_forms_in(lines), key=lambda form: form is not first):
        found, rest_after = _taken(form, rest, base)
        if isinstance(found, Rejection):
            return found
        requests += [one for one in found if not requests or _is_further(one, requests, base)]
        rest = rest_after if found else rest
    if not requests or not any(any(map(str.strip, block.lines)) for block in fences(rest)):
        return requests
    others = parse_whole(rest, base, only_named=True)
    if isinstance(others, Rejection):
        return others
    return [*requests, *(one for one in others if _is_other_file(one, requests, base))]


def _forms_in(lines: Sequence[str]) -> list[ReplyFormat]:
    """The forms that edit pieces and that the lines show signs of, so that it pays to look for them."""
    text = "\n" + "\n".join(lines)
    forms = [ReplyFormat.PATCH] if "*** " in text else []
    if "<<<<<" in text or "-----" in text:
        forms.append(ReplyFormat.SEARCH_REPLACE)
    is_named_diff = "diff" in text and ("`diff" in text or "~diff" in text or "\ndiff " in text)
    if is_named_diff or "\n@@" in text or "\n+++ " in text:
        forms.append(ReplyFormat.UDIFF)
    return forms


def _taken(form: ReplyFormat, lines: list[str], base: Mapping[str, str]) -> tuple[Parsed, list[str]]:
    """The edits in one form, and the lines with blank ones in their place."""
    if form is ReplyFormat.PATCH:
        return parse_patch(lines), without_patches(lines)
    if form is ReplyFormat.UDIFF:
        return parse_udiff(lines, base), without_diffs(lines)
    blocks = parse_search_replace(lines, base)
    return (blocks, lines) if isinstance(blocks, Rejection) else (list(blocks.requests), list(blocks.rest))


def _is_further(one: FileRequest, requests: Sequence[FileRequest], base: Mapping[str, str]) -> bool:
    """Whether an edit in a second form belongs to the change; where the file has edits already it may only retell them.

    What quotes lines that the file lacks is such a retelling, of the state in between.
    """
    path = resolve(one.path, base) if one.path is not None else None
    if path is None or path not in {resolve(other.path, base) for other in requests if other.path is not None}:
        return one.path is not None
    known = set(map(str.strip, base[path].split("\n")))
    quotes = [edit for edit in one.edits if isinstance(edit, Quote)]
    return all(line.strip() in known for quote in quotes for line in quote.old)


def _is_other_file(one: FileRequest, requests: Sequence[FileRequest], base: Mapping[str, str]) -> bool:
    """Whether a block under a file's name is a file of its own: a new one, or one that no edit touches, repeated."""
    path = resolve(one.path, base) if one.path is not None else None
    whole = [edit for edit in one.edits if isinstance(edit, Whole)]
    if not any(not is_blank(line) for edit in whole for line in edit.lines):
        return False
    touched = {resolve(other.path, base) for other in requests if other.path is not None}
    return path is None or (path not in touched and _MOST < share_of(whole[0].lines, base[path]))


def _has_markers(lines: Sequence[str]) -> bool:
    """Whether some line could only be a marker of a form that edits pieces."""
    return any(_MARKER.match(line) for line in lines)


def _repeats_files(lines: Sequence[str], base: Mapping[str, str]) -> bool:
    """Whether some block under a file's name holds most of that file, so that markers inside are the file's own."""
    if len(lines) < _MOST * min((text.count("\n") for text in base.values()), default=0) / 2:
        return False
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
