"""Everything about a task that is decided before a model is asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.actions import Action, Diagnostic, Scope, Site, Target, fix_diagnostic
from tierwise.actions.base import Related
from tierwise.context import Snippet, around_target, gather_files, pack
from tierwise.context.gather import module_name
from tierwise.context.pack import ALWAYS
from tierwise.context.tests_layout import is_test_file
from tierwise.dispatch.hiding import ignored
from tierwise.dispatch.listing import listed_files
from tierwise.dispatch.neighbors import (
    WANT_RULES,
    WANT_TESTS,
    imported_signatures,
    related_places,
    rules_of,
    tests_of,
)
from tierwise.dispatch.prepared import Prepared, names_of, root_of
from tierwise.dispatch.project_tests import ProjectTests, look_at_tests
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.estimate import PROMPT_OVERHEAD_TOKENS, Estimate, estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import Symbol, outline
from tierwise.text import Snapshot, Span
from tierwise.text.uris import path_of

CONTEXT_BUDGET_TOKENS = 4500
"""The most any tier is shown beside its target."""
FILES_BUDGET_TOKENS = 24_000
_MAX_INSTRUCTION = 20_000
_SHORT_FILE_CHARS = 8000
_LARGEST_TEST_FILE = 16_000
"""Characters of a test file up to which a model can be asked to repeat it with more tests."""

IsHidden = Callable[[str, Path], bool]


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
        return _refuse(task, "unreadable", words)


def _prepare(action: Action, task: Task, workspace: Workspace, is_hidden: IsHidden) -> Prepared | Refusal:
    target = _find_target(action, task)
    if target is None:
        return _refuse(task, "no-target", f"{action.title_for(_nameless())} finds nothing to work on at this place")
    path = path_of(task.snapshot.uri)
    if path is not None and not any(path.is_relative_to(root) for root in workspace.roots):
        # The editor may name the folder by a link and the file by its real path, or the other way round.
        path = _inside(path, workspace.roots)
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


def _inside(path: Path, roots: Sequence[Path]) -> Path:
    """The path below the root that is really around it; the path itself when none is."""
    real = Path(os.path.realpath(path))
    for root in roots:
        real_root = Path(os.path.realpath(root))
        if real.is_relative_to(real_root):
            return root / real.relative_to(real_root)
    return path


def _obstacle(place: "_Place", path: Path | None) -> Refusal | None:
    """What speaks against reading anything for a task."""
    task, action = place.task, place.action
    if action.needs_instruction and not (place.instruction and place.instruction.strip()):
        return _refuse(task, "no-instruction", "say in an instruction what is to be done")
    if action.scope in (Scope.TEST_FILE, Scope.FILES) and path is None:
        return _refuse(task, "not-a-file", "save the document as a file first: other files depend on where it lies")
    if _MAX_INSTRUCTION < len(place.instruction or ""):
        words = f"the instruction has {len(place.instruction or '')} characters; at most {_MAX_INSTRUCTION} are taken"
        return _refuse(task, "instruction-too-long", words)
    if place.is_private(place.path):
        return _refuse(
            task,
            "never-sent",
            f"{place.path!r} is left out by privacy.never_send or an ignore file, so no model sees it",
        )
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
    is_hidden: IsHidden

    def exists(self, relative: str) -> bool:
        """Whether there is such a file or folder below the root."""
        return (self.root / relative).exists()

    def read(self, relative: str) -> Snapshot | None:
        """The file as it stands in the editor or on disk; None also for one that no model may see."""
        return None if self.is_private(relative) else self.workspace.read(self.root / relative)

    def is_private(self, relative: str) -> bool:
        """Whether no model may see the file, by its name or by the one it really has."""
        return any(self.is_hidden(name, self.root) for name in names_of(self.root, relative))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was read for a task."""

    files: Mapping[str, str]
    snapshots: Mapping[str, Snapshot]
    snippets: tuple[Snippet, ...]
    sent: str
    """The text the model is to rewrite, or to test."""
    test_path: str | None = None


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
        snippets=(*_around_document(place), *snippets),
        sent=text[span.start : span.end],
    )
    return _prepared(place, reading)


def _around_document(place: _Place) -> list[Snippet]:
    """What other files of an opened folder say that helps: rules, signatures, tests, places a report points to."""
    if not any(place.root == root for root in place.workspace.roots):
        return []
    target, action = place.target, place.action

    def read(relative: str) -> Snapshot | None:
        if not place.exists(relative) or ignored(place.root, [relative], is_trusted=place.workspace.is_trusted):
            return None
        return place.read(relative)

    text = place.text[place.span.start : place.span.end]
    snippets = imported_signatures(place.task.snapshot, place.path, text, read)
    if action.id in WANT_RULES and place.workspace.is_trusted:
        snippets += rules_of(place.read)
    if target.diagnostic is not None:
        snippets += related_places(_placed(place, target.diagnostic), read)
    if action.id in WANT_TESTS and target.symbol is not None:
        tests = look_at_tests(
            root=place.root,
            document=place.task.snapshot,
            path=place.path,
            tests=_listed_tests(place),
            exists=place.exists,
        )
        snippets += tests_of(target.symbol.name, tests.path, read)
    return snippets


def _placed(place: _Place, diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic with the paths of what it points to, as far as these lie below the root."""
    related: list[Related] = []
    for one in diagnostic.related:
        path = path_of(one.uri)
        is_inside = path is not None and path.is_relative_to(place.root)
        relative = path.relative_to(place.root).as_posix() if path is not None and is_inside else None
        related.append(replace(one, path=relative))
    return replace(diagnostic, related=tuple(related))


def _prepare_tests(place: _Place) -> Prepared | Refusal:
    snapshot, text, span = place.task.snapshot, place.text, place.span
    symbols = outline(text, snapshot.language)
    tests = look_at_tests(
        root=place.root, document=snapshot, path=place.path, tests=_listed_tests(place), exists=place.exists
    )
    test_path = tests.path
    old = place.read(test_path)
    if old is None and place.exists(test_path):
        words = f"the test file {test_path!r} exists but cannot be read as text that may be sent; nothing was asked"
        return _refuse(place.task, "unreadable", words)
    if old is not None and _LARGEST_TEST_FILE < len(old.text):
        words = f"the test file {test_path!r} is too long to be repeated with new tests in it; split it first"
        return _refuse(place.task, "too-large", words)
    module = module_name(place.path, place.exists)
    snippets = [*_around_document(place), *_context_of_tests(place, symbols)]
    is_importable = all(part.isidentifier() for part in module.split("."))
    if snapshot.language == "python" and place.target.symbol is not None and is_importable:
        name = place.target.symbol.parent or place.target.symbol.name
        line = f"from {module} import {name.split('.')[0]}"
        snippets.append(
            Snippet(label="how tests import the target", path=test_path, text=line, language="python", priority=0)
        )
    if old is not None:
        label = "the test file as it is; keep all of it"
        snippets.append(
            Snippet(label=label, path=test_path, text=old.text, language=snapshot.language, priority=ALWAYS)
        )
    else:
        snippets += _style_of(place, tests)
    reading = _Reading(
        files={} if old is None else {test_path: old.text},
        snapshots={} if old is None else {test_path: old},
        snippets=tuple(snippets),
        sent=text[span.start : span.end],
        test_path=test_path,
    )
    return replace(_prepared(place, reading), test_runner=tests.runner, test_advice=tests.advice)


def _listed_tests(place: _Place) -> list[str]:
    """The project's test files; next to a file that was opened alone lies what nobody asked to look at."""
    if place.root not in place.workspace.roots:
        return []
    return listed_files(place.root, lambda path: is_test_file(path.relative_to(place.root).as_posix()))


def _context_of_tests(place: _Place, symbols: tuple[Symbol, ...]) -> list[Snippet]:
    """The whole file while it is short: what a test expects often follows from code beside the target."""
    language, text = place.task.snapshot.language, place.text
    if len(text) <= _SHORT_FILE_CHARS:
        label = "the file the target is in"
        return [Snippet(label=label, path=place.path, text=text, language=language, priority=1, is_stable=True)]
    return list(around_target(path=place.path, text=text, language=language, symbols=symbols, span=place.span))


def _style_of(place: _Place, tests: ProjectTests) -> list[Snippet]:
    """The head of the nearest other test file that may be shown, so that its style is followed."""
    for relative in tests.nearby[:5]:
        read = place.read(relative)
        if read is not None and read.text.strip():
            head = "\n".join(read.text.split("\n")[:40])
            label = "the head of another test file, for its style"
            return [Snippet(label=label, path=relative, text=head, language=read.language, priority=4)]
    return []


def _prepare_files(place: _Place) -> Prepared | Refusal:
    snapshot = place.task.snapshot
    snapshots: dict[str, Snapshot] = {place.path: snapshot}

    def read(relative: str) -> str | None:
        found = place.read(relative)
        if found is None:
            return None
        snapshots[relative] = found
        return found.text

    suffixes = {Path(place.path).suffix}
    is_opened = any(place.root == root for root in place.workspace.roots)
    # Next to a file that was opened alone lies whatever else is in that folder, which nobody asked to share.
    listed = listed_files(place.root, lambda path: path.suffix in suffixes) if is_opened else []
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
        words = f"{place.path!r} alone is too long for a change across files; select a symbol and use another action"
        return _refuse(place.task, "too-large", words)
    files = {snippet.path: snippet.text for snippet in kept}
    reading = _Reading(
        files=files,
        snapshots={path: snapshots[path] for path in files},
        snippets=(),
        sent="".join(files.values()),
    )
    return _prepared(place, reading)


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
            input_tokens=PROMPT_OVERHEAD_TOKENS
            + n_target
            + estimate_tokens(context)
            + estimate_tokens(place.instruction or ""),
            output_tokens=int(n_target * place.action.output_ratio) + estimate_tokens(repeated) + 40,
        ),
        test_path=reading.test_path,
        seen=_seen(place, reading.files, snippets),
    )


def _seen(place: _Place, files: Mapping[str, str], snippets: tuple[Snippet, ...]) -> tuple[str, ...]:
    diagnostic = place.target.diagnostic
    # The words of a report may quote the file they point to, also where that file is not shown.
    related = () if diagnostic is None else _placed(place, diagnostic).related
    pointed = (one.path for one in related if one.path is not None)
    names = dict.fromkeys((place.path, *files, *(snippet.path for snippet in snippets), *pointed))
    return tuple(dict.fromkeys(alias for name in names for alias in names_of(place.root, name)))
