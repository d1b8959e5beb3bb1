"""Edits given as JSON: old and new text, line numbers, or whole files; one object, a list, or one object a line."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from tierwise.edits.blocks import Edit, FileRequest, LineRange, Substitution, Whole
from tierwise.edits.fences import fences
from tierwise.text.rejection import Rejection

_PATH = ("path", "file", "file_path", "filepath", "filename", "filePath", "fileName", "target_file", "uri")
_OLD = (
    "old_string",
    "old_str",
    "old_text",
    "oldString",
    "oldText",
    "oldStr",
    "old",
    "search",
    "find",
    "original",
    "before",
)
_NEW = (
    "new_string",
    "new_str",
    "new_text",
    "newString",
    "newText",
    "newStr",
    "new",
    "replace",
    "replacement",
    "updated",
    "after",
)
_CONTENT = ("content", "contents", "new_content", "file_text", "text", "code")
_EVERYWHERE = ("replace_all", "replaceAll", "allow_multiple", "all", "global")
_START = ("start_line", "startLine", "line_start", "from_line", "line")
_END = ("end_line", "endLine", "line_end", "to_line")
_INSERT = ("insert_line", "insertLine", "insert_before_line", "before_line")
_AFTER = ("insert_after_line", "after_line", "insertAfterLine")
_LISTS = ("edits", "changes", "operations", "files", "replacements", "modifications", "patches")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")

_Object = Mapping[str, object]


def parse_json(lines: Sequence[str]) -> list[FileRequest] | Rejection:
    """The edits of every JSON value in the reply that holds any; empty when none does."""
    values = list(_values(lines))
    requests: list[FileRequest] = []
    for value in values:
        for item, path in _flattened(value, None):
            request = _request(item, path)
            if isinstance(request, Rejection):
                return request
            if request is not None:
                requests.append(request)
    return requests


def _values(lines: Sequence[str]) -> Iterable[object]:
    """The JSON values of the fenced blocks, else of the text itself."""
    blocks = [block for block in fences(list(lines)) if block.is_closed]
    texts = [
        "\n".join(block.lines) for block in blocks if block.info.lower() in ("json", "json5", "jsonl", "jsonc", "")
    ]
    for text in [*texts] or ["\n".join(lines)]:
        yield from _decoded(text)


def _decoded(text: str) -> Iterable[object]:
    """Every JSON object or list that begins at a line of its own, read one after the other."""
    decoder = json.JSONDecoder(strict=False)
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        found: list[object] = []
        at = 0
        while match := re.compile(r"^[ \t]*([{\[])", re.MULTILINE).search(candidate, at):
            try:
                value, at = decoder.raw_decode(candidate, match.start(1))
            except ValueError:
                found = []
                break
            found.append(value)
        if found:
            yield from found
            return


def _flattened(value: object, path: str | None) -> Iterable[tuple[_Object, str | None]]:
    """The objects that stand for one edit each, with the path that they or what contains them names."""
    if isinstance(value, list):
        for item in value:
            yield from _flattened(item, path)
        return
    if not isinstance(value, dict):
        return
    own = _text(value, _PATH)
    path = own if own is not None else path
    inner = next((value[key] for key in _LISTS if isinstance(value.get(key), list | dict)), None)
    if isinstance(inner, dict) and _text(inner, _OLD + _NEW + _CONTENT) is None:
        for name, content in inner.items():
            member = {"content": content} if isinstance(content, str) else {"edits": content}
            yield from _flattened(member, str(name))
    elif inner is not None:
        yield from _flattened(inner, path)
    else:
        yield value, path


def _request(item: _Object, path: str | None) -> FileRequest | Rejection | None:
    if item.get("delete") is True or item.get("action") == "delete" or item.get("type") == "delete":
        return FileRequest(path=path, is_deletion=True)
    edit = _edit(item, path)
    if edit is None or isinstance(edit, Rejection):
        return edit
    return FileRequest(path=path, edits=(edit,))


def _edit(item: _Object, path: str | None) -> Edit | Rejection | None:
    old, new = _text(item, _OLD), _text(item, _NEW)
    start, end = _number(item, _START), _number(item, _END)
    content = _text(item, _CONTENT)
    if old is not None and new is not None:
        return Substitution(old, new, any(item.get(key) is True for key in _EVERYWHERE))
    fresh = new if new is not None else content
    if fresh is None:
        return None
    before, after = _number(item, _INSERT), _number(item, _AFTER)
    if before is not None or after is not None:
        is_after = after is not None or item.get("command") == "insert"
        at = (after if after is not None else before or 0) - (0 if is_after else 1)
        return LineRange(at, at, _lines(fresh))
    if start is not None:
        last = end if end is not None else start
        if start < 1 or last < start - 1:
            return Rejection("malformed-reply", f"the reply replaces lines {start} to {last}, which is no range")
        return LineRange(start - 1, last, _lines(fresh))
    is_file = content is not None and (path is not None or "command" in item)
    return Whole(_lines(fresh), is_exact=not fresh.endswith("\n")) if is_file else None


def _lines(text: str) -> tuple[str, ...]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(lines[:-1] if not lines[-1] else lines)


def _text(item: _Object, names: Collection[str]) -> str | None:
    """The first of these members that is text, or lines of text."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str):
            return value
        if name in _OLD + _NEW + _CONTENT and isinstance(value, list) and all(isinstance(v, str) for v in value):
            return "\n".join(value)
    return None


def _number(item: _Object, names: Collection[str]) -> int | None:
    value = next((item[name] for name in names if name in item), None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
