"""Everything about a task that is decided before a model is asked."""

import os
from collections.abc import Sequence
from pathlib import Path

from tierwise.actions import Action, Scope, Site, Target, fix_diagnostic
from tierwise.context import Snippet, around_target, gather_files, pack
from tierwise.context.ignore import is_listed
from tierwise.dispatch.listing import listed_files
from tierwise.dispatch.place import IsHidden, Place, Reading, prepared_of, refuse
from tierwise.dispatch.prepare_tests import prepare_tests
from tierwise.dispatch.prepared import Prepared, root_of
from tierwise.dispatch.surrounding import around_document
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.estimate import estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import outline
from tierwise.text import Snapshot, Span
from tierwise.text.uris import path_of

FILES_BUDGET_TOKENS = 24_000
_MAX_INSTRUCTION = 20_000


def _nothing_is_hidden(_path: str, _root: Path) -> bool:
    return False


def prepare(
    action: Action, task: Task, workspace: Workspace, is_hidden: IsHidden = _nothing_is_hidden
) -> Prepared | Refusal:
    """Find the target and read its context.

    `is_hidden` tells of a path relative to its root, and the root, whether no model may see the file.
    """
    try:
        return _prepare(action, task, workspace, is_hidden)
    except OSError as err:
        words = f"what the action needs around the document cannot be read: {err.strerror}"
        return refuse(task, "unreadable", words)


def _prepare(action: Action, task: Task, workspace: Workspace, is_hidden: IsHidden) -> Prepared | Refusal:
    target = _find_target(action, task)
    if target is None:
        return refuse(task, "no-target", f"{action.title_for(_nameless())} finds nothing to work on at this place")
    path = path_of(task.snapshot.uri)
    if path is not None and not any(path.is_relative_to(root) for root in workspace.roots):
        # The editor may name the folder by a link and the file by its real path, or the other way round.
        path = _inside(path, workspace.roots)
    root = Path("/") if path is None else root_of(path, workspace.roots)
    relative = "untitled" if path is None else path.relative_to(root).as_posix()
    instruction = task.instruction or target.instruction
    text, span = _without(task.snapshot.text, target)
    place = Place(action, task, target, root, relative, text, span, instruction, workspace, is_hidden)
    obstacle = _obstacle(place, path)
    if obstacle is not None:
        return obstacle
    match action.scope:
        case Scope.SPAN | Scope.FILE:
            return _prepare_span(place)
        case Scope.TEST_FILE:
            return prepare_tests(place)
        case Scope.FILES:
            return _prepare_files(place)


def _inside(path: Path, roots: Sequence[Path]) -> Path:
    """The path below the root that is really around it; the path itself when none is."""
    real = Path(os.path.realpath(path))
    for root in roots:
        real_root = Path(os.path.realpath(root))
        if real.is_relative_to(real_root):
            return root / real.relative_to(real_root)
    return path


def _obstacle(place: Place, path: Path | None) -> Refusal | None:
    """What speaks against reading anything for a task."""
    task, action = place.task, place.action
    if action.needs_instruction and not (place.instruction and place.instruction.strip()):
        return refuse(task, "no-instruction", "say in an instruction what is to be done")
    if action.scope in (Scope.TEST_FILE, Scope.FILES) and path is None:
        return refuse(task, "not-a-file", "save the document as a file first: other files depend on where it lies")
    if _MAX_INSTRUCTION < len(place.instruction or ""):
        words = f"the instruction has {len(place.instruction or '')} characters; at most {_MAX_INSTRUCTION} are taken"
        return refuse(task, "instruction-too-long", words)
    if place.is_private(place.path):
        return refuse(
            task,
            "never-sent",
            f"{place.path!r} is left out by privacy.never_send or an ignore file, so no model sees it",
        )
    return None


def _nameless() -> Target:
    return Target(span=Span(0, 0), name="…")


def _find_target(action: Action, task: Task) -> Target | None:
    symbols = outline(task.snapshot.text, task.snapshot.language)
    site = Site(snapshot=task.snapshot, symbols=symbols, selection=task.selection, diagnostics=task.diagnostics)
    if action.is_quick_fix and len(task.diagnostics) == 1:
        return fix_diagnostic.target_of(site, task.diagnostics[0])
    return action.find_target(site)


def _without(text: str, target: Target) -> tuple[str, Span]:
    """The text without the dropped span, and the target's place in what is left."""
    dropped, span = target.dropped, target.span
    if dropped is None:
        return text, span
    length = dropped.end - dropped.start
    start = span.start if span.start <= dropped.start else span.start - length
    return text[: dropped.start] + text[dropped.end :], Span(start, span.end - length)


def _prepare_span(place: Place) -> Prepared:
    snapshot, text, span = place.task.snapshot, place.text, place.span
    symbols = outline(text, snapshot.language)
    snippets = around_target(path=place.path, text=text, language=snapshot.language, symbols=symbols, span=span)
    reading = Reading(
        files={place.path: text},
        snapshots={place.path: snapshot},
        snippets=(*around_document(place), *snippets),
        sent=text[span.start : span.end],
    )
    return prepared_of(place, reading)


def too_long(prepared: Prepared) -> Refusal | None:
    """Why a change over several files cannot be made in one prompt; None when it can."""
    n_tokens = sum(estimate_tokens(text) for text in prepared.files.values())
    if prepared.action.scope is not Scope.FILES or n_tokens <= FILES_BUDGET_TOKENS:
        return None
    words = f"{prepared.path!r} alone is too long for a change across files; select a symbol and use another action"
    return refuse(prepared.task, "too-large", words)


def _listed_around(place: Place) -> Sequence[str]:
    """The files of the same kind that a change may reach."""
    # Next to a file that was opened alone lies whatever else is in that folder, which nobody asked to share.
    if all(place.root != root for root in place.workspace.roots):
        return []
    suffix, scope = Path(place.path).suffix, place.task.scope
    listed = listed_files(place.root, lambda path: path.suffix == suffix)
    return [path for path in listed if is_listed(path, scope)] if scope else listed


def _prepare_files(place: Place) -> Prepared:
    snapshot = place.task.snapshot
    snapshots: dict[str, Snapshot] = {place.path: snapshot}

    def read(relative: str) -> str | None:
        found = place.read(relative)
        if found is None:
            return None
        snapshots[relative] = found
        return found.text

    listed = _listed_around(place)
    name = place.target.name if place.target.symbol is not None else Path(place.path).stem
    chosen = gather_files(path=place.path, name=name, listed=listed, read=read)
    as_snippets = [
        Snippet(
            label="file",
            path=path,
            text=place.text if path == place.path else snapshots[path].text,
            language=language_of(path),
            priority=index,
        )
        for index, path in enumerate(chosen)
    ]
    kept = pack(as_snippets, FILES_BUDGET_TOKENS)
    if not kept or kept[0].path != place.path:
        # Too long for one prompt; a plan can divide it, and where none is made `too_long` refuses.
        kept = tuple(as_snippets[:1])
    files = {snippet.path: snippet.text for snippet in kept}
    reading = Reading(
        files=files,
        snapshots={path: snapshots[path] for path in files},
        snippets=(),
        sent="".join(files.values()),
    )
    return prepared_of(place, reading)
