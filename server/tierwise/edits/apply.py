"""A reply onto files: parsed, its files found, planned against what the model saw, merged; all or nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from tierwise.edits.blocks import FileRequest, LineRange, Quote, Substitution, Whole
from tierwise.edits.detect import parse_reply
from tierwise.edits.document import Document, changed_text, put_together, take_apart
from tierwise.edits.file_plan import FilePlan, plan_file
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.paths import is_inside, plain, resolve
from tierwise.text.merge import merge_lines
from tierwise.text.newlines import dominant_newline
from tierwise.text.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Applied:
    """What a reply makes of the files."""

    files: Mapping[str, str | None]
    """The new text of every file that changes, None for a deleted one; empty when the reply changes nothing."""


def apply_reply(
    reply: str,
    base: Mapping[str, str],
    current: Mapping[str, str] | None = None,
    format: ReplyFormat = ReplyFormat.AUTO,
) -> Applied | Rejection:
    """The files after the reply, which a model wrote upon seeing `base`, as changes of `current`.

    All edits of the reply apply, or none do. `current` is `base` when absent; what it has of its own is never lost.
    """
    requests = parse_reply(reply, base, format)
    if isinstance(requests, Rejection):
        return requests
    if not requests:
        return Rejection("no-edits", f"the reply holds no edit in a known form: {reply.strip()[:80]!r}")
    named = _named(requests, base)
    if isinstance(named, Rejection):
        return named
    now = base if current is None else current
    files: dict[str, str | None] = {}
    for path, group in named.items():
        result = _applied(path, group, base, now)
        if isinstance(result, Rejection):
            return result
        files.update(result)
    return Applied({path: text for path, text in files.items() if now.get(path) != text})


def _named(requests: Iterable[FileRequest], base: Mapping[str, str]) -> dict[str, list[FileRequest]] | Rejection:
    """The requests by the file they mean, files in the order of the reply."""
    named: dict[str, list[FileRequest]] = {}
    for request in requests:
        path = _meant(request, base)
        if isinstance(path, Rejection):
            return path
        named.setdefault(path, []).append(request)
    return named


def _meant(request: FileRequest, base: Mapping[str, str]) -> str | Rejection:
    if request.path is None:
        if len(base) == 1:
            return next(iter(base))
        return _only_home(request, base)
    path = resolve(request.path, base)
    if path is not None and not (request.is_creation and plain(request.path) != plain(path)):
        return path
    if not is_inside(request.path):
        return Rejection("wrong-file", f"the reply edits {request.path!r}, which lies outside the project")
    if request.is_creation or _may_create(request):
        return plain(request.path)
    known = ", ".join(repr(name) for name in list(base)[:3]) or "none"
    return Rejection(
        "wrong-file", f"the reply edits {request.path!r}, which is not among the files it was given: {known}"
    )


def _may_create(request: FileRequest) -> bool:
    """Whether the request makes sense for a file that does not exist."""
    first = request.edits[0] if request.edits else None
    if isinstance(first, Quote):
        return not any(line.strip() for line in first.old)
    return isinstance(first, Whole) or (isinstance(first, Substitution) and not first.old)


def _only_home(request: FileRequest, base: Mapping[str, str]) -> str | Rejection:
    """The only file in which a request without a path can be carried out."""
    homes = [path for path, text in base.items() if isinstance(plan_file(path, [request], take_apart(text)), FilePlan)]
    if len(homes) == 1 and not any(isinstance(edit, Whole | LineRange) for edit in request.edits):
        return homes[0]
    return Rejection("no-path", "the reply does not say which of the files it edits")


def _applied(
    path: str, requests: list[FileRequest], base: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str | None] | Rejection:
    """The changed files that the requests for one file lead to."""
    refused = _refused(path, requests, base, now)
    if refused is not None:
        return refused
    if requests[0].is_deletion:
        return {path: None}
    document = take_apart(base.get(path, ""))
    plan = plan_file(path, requests, document)
    if isinstance(plan, Rejection):
        return plan
    text = _merged(path, plan, document, base, now)
    if isinstance(text, Rejection):
        return text
    new_path = next((plain(request.new_path) for request in requests if request.new_path), None)
    return {path: text} if new_path is None else {path: None, new_path: text}


def _refused(
    path: str, requests: list[FileRequest], base: Mapping[str, str], now: Mapping[str, str]
) -> Rejection | None:
    """Why nothing may be done to this file, whatever the edits are."""
    deletes = [request.is_deletion for request in requests]
    if any(deletes) and path not in base:
        return Rejection("wrong-file", f"the reply deletes {path!r}, which is not among the files it was given")
    if any(deletes) and 1 < len(requests):
        return Rejection("overlapping-edits", f"the reply deletes {path!r} and edits it as well")
    if any(request.is_creation for request in requests) and (base.get(path) or 1 < len(requests)):
        return Rejection("file-exists", f"the reply adds {path!r}, which exists already")
    if (path in base) != (path in now) or (any(deletes) and base[path] != now[path]):
        return Rejection("conflict", f"{path!r} was added, removed or changed meanwhile")
    targets = [plain(request.new_path) for request in requests if request.new_path is not None]
    return next((refused for target in targets if (refused := _refused_move(path, target, {*base, *now}))), None)


def _refused_move(path: str, target: str, known: Collection[str]) -> Rejection | None:
    if target in known:
        return Rejection("file-exists", f"the reply moves {path!r} to {target!r}, which exists already")
    if not is_inside(target):
        return Rejection("wrong-file", f"the reply moves {path!r} to {target!r}, outside the project")
    return None


def _merged(
    path: str, plan: FilePlan, document: Document, base: Mapping[str, str], now: Mapping[str, str]
) -> str | Rejection:
    """The new text of the file as the user has it now."""
    newline = None if document.breaks and document.breaks[0] else _newline_of(base.values())
    if now.get(path) == base.get(path):
        text = changed_text(document, plan.changes, newline)
    else:
        current = take_apart(now[path])
        merged = merge_lines(document.lines, plan.changes, current.lines)
        if isinstance(merged, Rejection):
            return replace(merged, detail=f"{path!r}: {merged.detail}")
        text = put_together(merged, current, newline)
    if not document.lines and plan.has_final_break is False:
        text = text.removesuffix("\n").removesuffix("\r")
    return text


def _newline_of(texts: Iterable[str]) -> str:
    """The line ending that all files of the project share; `\\n` when they differ or have none."""
    styles = {dominant_newline(text) for text in texts if "\n" in text or "\r" in text}
    return styles.pop() if len(styles) == 1 else "\n"
