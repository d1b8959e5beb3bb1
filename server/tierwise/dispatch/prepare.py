"""Everything about a task that is decided before a model is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tierwise.actions import Action, Scope, Site, Target, fix_diagnostic
from tierwise.context import Snippet, around_target, gather_files, pack, test_file_for
from tierwise.context.gather import module_name
from tierwise.dispatch.prepared import Prepared, path_of, root_of
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.estimate import PROMPT_OVERHEAD_TOKENS, Estimate, estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import Symbol, outline
from tierwise.text import Snapshot, Span

CONTEXT_BUDGET_TOKENS = 3000
FILES_BUDGET_TOKENS = 24_000
_SKIPPED_FOLDERS = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "dist", "build", "target", "__pycache__"})
_MAX_LISTED = 2000
_SHORT_FILE_CHARS = 8000


def _nothing_is_hidden(_path: str) -> bool:
    return False


def prepare(
    action: Action, task: Task, workspace: Workspace, is_hidden: Callable[[str], bool] = _nothing_is_hidden
) -> Prepared | Refusal:
    """Find the target and read its context.

    `is_hidden` tells of a path relative to its root whether no model may see the file.
    """
    target = _find_target(action, task)
    if target is None:
        return _refuse(task, "no-target", f"{action.title_for(_nameless())} finds nothing to work on at this place")
    path = path_of(task.snapshot.uri)
    root = Path("/") if path is None else root_of(path, workspace.roots)
    relative = "untitled" if path is None else path.relative_to(root).as_posix()
    instruction = task.instruction or target.instruction
    text, span = _without(task.snapshot.text, target)
    place = _Place(action, task, target, root, relative, text, span, instruction, workspace, is_hidden)
    obstacle = _obstacle(place, path)
    if obstacle is not None:
        return obstacle
    match action.scope:
        case Scope.SPAN | Scope.FILE:
            return _prepare_span(place)
        case Scope.TEST_FILE:
            return _prepare_tests(place)
        case Scope.FILES:
            return _prepare_files(place)


def _obstacle(place: "_Place", path: Path | None) -> Refusal | None:
    """What speaks against reading anything for a task."""
    task, action = place.task, place.action
    if action.needs_instruction and not (place.instruction and place.instruction.strip()):
        return _refuse(task, "no-instruction", "say in an instruction what is to be done")
    if action.scope in (Scope.TEST_FILE, Scope.FILES) and path is None:
        return _refuse(task, "not-a-file", "save the document as a file first: other files depend on where it lies")
    if place.is_hidden(place.path):
        return _refuse(task, "never-sent", f"{place.path!r} is excluded by privacy.never_send, so no model may see it")
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    action: Action
    task: Task
    target: Target
    root: Path
    path: str
    text: str
    span: Span
    instruction: str | None
    workspace: Workspace
    is_hidden: Callable[[str], bool]

    def exists(self, relative: str) -> bool:
        """Whether there is such a file or folder below the root."""
        return (self.root / relative).exists()

    def read(self, relative: str) -> Snapshot | None:
        """The file as it stands in the editor or on disk; None also for one that no model may see."""
        return None if self.is_hidden(relative) else self.workspace.read(self.root / relative)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was read for a task."""

    files: Mapping[str, str]
    snapshots: Mapping[str, Snapshot]
    snippets: tuple[Snippet, ...]
    sent: str
    """The text the model is to rewrite, or to test."""
    test_path: str | None = None
    module: str = ""


def _refuse(task: Task, code: str, words: str) -> Refusal:
    return Refusal(action_id=task.action_id, code=code, words=words)


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


def _prepare_span(place: _Place) -> Prepared:
    snapshot, text, span = place.task.snapshot, place.text, place.span
    symbols = outline(text, snapshot.language)
    snippets = around_target(path=place.path, text=text, language=snapshot.language, symbols=symbols, span=span)
    reading = _Reading(
        files={place.path: text},
        snapshots={place.path: snapshot},
        snippets=snippets,
        sent=text[span.start : span.end],
    )
    return _prepared(place, reading)


def _prepare_tests(place: _Place) -> Prepared:
    snapshot, text, span = place.task.snapshot, place.text, place.span
    symbols = outline(text, snapshot.language)
    test_path = test_file_for(place.path, snapshot.language, place.exists)
    old = place.read(test_path)
    module = module_name(place.path, place.exists)
    snippets = _context_of_tests(place, symbols)
    if snapshot.language == "python" and place.target.symbol is not None:
        name = place.target.symbol.parent or place.target.symbol.name
        line = f"from {module} import {name.split('.')[0]}"
        snippets.append(
            Snippet(label="how tests import the target", path=test_path, text=line, language="python", priority=0)
        )
    if old is not None:
        snippets.append(
            Snippet(
                label="the test file as it is; keep all of it",
                path=test_path,
                text=old.text,
                language=snapshot.language,
                priority=0,
            )
        )
    else:
        snippets += _neighbor_test(place, test_path)
    reading = _Reading(
        files={} if old is None else {test_path: old.text},
        snapshots={} if old is None else {test_path: old},
        snippets=tuple(snippets),
        sent=text[span.start : span.end],
        module=module,
        test_path=test_path,
    )
    return _prepared(place, reading)


def _context_of_tests(place: _Place, symbols: tuple[Symbol, ...]) -> list[Snippet]:
    """The whole file while it is short: what a test expects often follows from code beside the target."""
    language, text = place.task.snapshot.language, place.text
    if len(text) <= _SHORT_FILE_CHARS:
        return [Snippet(label="the file the target is in", path=place.path, text=text, language=language, priority=1)]
    return list(around_target(path=place.path, text=text, language=language, symbols=symbols, span=place.span))


def _neighbor_test(place: _Place, test_path: str) -> list[Snippet]:
    """The head of another test file of the folder, so that its framework and style are followed."""
    folder = place.root / Path(test_path).parent
    if not folder.is_dir():
        return []
    suffix = Path(test_path).suffix
    for other in sorted(folder.iterdir()):
        is_test = "test" in other.name.lower() or "spec" in other.name.lower()
        if other.suffix == suffix and is_test and other.is_file():
            relative = other.relative_to(place.root).as_posix()
            read = place.read(relative)
            if read is not None:
                head = "\n".join(read.text.split("\n")[:40])
                return [
                    Snippet(
                        label="the head of another test file, for its style",
                        path=relative,
                        text=head,
                        language=read.language,
                        priority=4,
                    )
                ]
    return []


def _prepare_files(place: _Place) -> Prepared:
    snapshot = place.task.snapshot
    snapshots: dict[str, Snapshot] = {place.path: snapshot}

    def read(relative: str) -> str | None:
        found = place.read(relative)
        if found is None:
            return None
        snapshots[relative] = found
        return found.text

    suffixes = {Path(place.path).suffix}
    listed = _listed(place.root, lambda path: path.suffix in suffixes)
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
    files = {snippet.path: snippet.text for snippet in kept}
    reading = _Reading(
        files=files,
        snapshots={path: snapshots[path] for path in files},
        snippets=(),
        sent="".join(files.values()),
    )
    return _prepared(place, reading)


def _listed(root: Path, is_wanted: Callable[[Path], bool]) -> list[str]:
    """The workspace's files of one kind, without the folders nobody edits by hand."""
    found: list[str] = []
    folders = [root]
    while folders and len(found) < _MAX_LISTED:
        for entry in sorted(folders.pop().iterdir()):
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                    folders.append(entry)
            elif is_wanted(entry):
                found.append(entry.relative_to(root).as_posix())
    return found


def _prepared(place: _Place, reading: _Reading) -> Prepared:
    snippets = pack(reading.snippets, CONTEXT_BUDGET_TOKENS)
    context = "".join(snippet.text for snippet in snippets)
    n_target = estimate_tokens(reading.sent)
    repeated = reading.files.get(reading.test_path, "") if reading.test_path is not None else ""
    return Prepared(
        task=place.task,
        action=place.action,
        target=place.target,
        root=place.root,
        path=place.path,
        language=place.task.snapshot.language,
        text=place.text,
        span=place.span,
        edited_path=reading.test_path or place.path,
        files=reading.files,
        snapshots=reading.snapshots,
        snippets=snippets,
        instruction=place.instruction,
        estimate=Estimate(
            input_tokens=PROMPT_OVERHEAD_TOKENS + n_target + estimate_tokens(context),
            output_tokens=int(n_target * place.action.output_ratio) + estimate_tokens(repeated) + 40,
        ),
        module=reading.module,
        test_path=reading.test_path,
    )
