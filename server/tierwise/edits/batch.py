"""One line of `apply-reply --batch`: a JSON object in, a JSON object out."""

from collections.abc import Mapping

from tierwise.edits.apply import Applied, apply_reply
from tierwise.edits.formats import ReplyFormat
from tierwise.text.diff import diff
from tierwise.text.lines import Encoding, rising_positions
from tierwise.text.rejection import Rejection

_ENCODING: Encoding = "utf-16"
_FORMATS = {
    "search": ReplyFormat.SEARCH_REPLACE,
    "unified": ReplyFormat.UDIFF,
    "udiff": ReplyFormat.UDIFF,
    "diff": ReplyFormat.UDIFF,
    "patch": ReplyFormat.PATCH,
    "apply": ReplyFormat.PATCH,
    "json": ReplyFormat.JSON,
    "whole": ReplyFormat.WHOLE,
    "lazy": ReplyFormat.WHOLE,
}


def apply_batch_line(obj: Mapping[str, object]) -> dict[str, object]:
    """The answer to `{"id", "format"?, "base", "current"?, "reply"}`.

    It is `{"id", "files", "edits"}` with LSP text edits (UTF-16) against `current`, or `{"id", "rejected"}`.
    """
    answer: dict[str, object] = {"id": obj.get("id")}
    base, current, reply = _texts(obj.get("base")), obj.get("current"), obj.get("reply")
    now = base if current is None else _texts(current)
    if base is None or now is None or not isinstance(reply, str):
        detail = "a line needs 'base' (texts by path) and 'reply' (text), and 'current' is texts by path"
        return answer | {"rejected": {"code": "malformed-line", "detail": detail}}
    result = apply_reply(reply, base, now, format_named(obj.get("format")))
    if isinstance(result, Rejection):
        return answer | {"rejected": {"code": result.code, "detail": result.detail}}
    return answer | {"files": dict(result.files), "edits": _edits(result, now)}


def format_named(name: object) -> ReplyFormat:
    """The form a word names; `auto` for a word nobody knows, since the form is found in the reply anyway."""
    if not isinstance(name, str):
        return ReplyFormat.AUTO
    word = name.strip().lower().replace("_", "-")
    try:
        return ReplyFormat(word)
    except ValueError:
        return _FORMATS.get(word.partition("-")[0], ReplyFormat.AUTO)


def _texts(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        return None
    return {str(path): text for path, text in value.items()}


def _edits(applied: Applied, now: Mapping[str, str]) -> dict[str, object]:
    """Text edits per file that stays or comes; deleted files are named in `files` alone."""
    return {path: lsp_edits(now.get(path, ""), text) for path, text in applied.files.items() if text is not None}


def lsp_edits(before: str, after: str, encoding: Encoding = _ENCODING) -> list[dict[str, object]]:
    """The minimal text edits between two texts as the protocol writes them."""
    changes = diff(before, after)
    offsets = [offset for edit in changes for offset in (edit.span.start, edit.span.end)]
    ends = [{"line": at.line, "character": at.character} for at in rising_positions(before, offsets, encoding)]
    return [
        {"range": {"start": start, "end": end}, "newText": edit.new_text}
        for edit, start, end in zip(changes, ends[::2], ends[1::2], strict=True)
    ]
