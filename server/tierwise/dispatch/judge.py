"""From a model's reply to changes that passed every check, or the reason they did not."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tierwise.actions import Scope
from tierwise.checks import RUNNING_CHECKS, Accepted, Change, Check, Verdict, verify
from tierwise.context.ignore import is_listed
from tierwise.dispatch.prepared import Prepared, names_of
from tierwise.dispatch.running import RunningChecks
from tierwise.dispatch.values import FileChange
from tierwise.edits import ReplyFormat, apply_reply, apply_span
from tierwise.edits.imports import hoist_imports
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import outline
from tierwise.text import Rejection, Snapshot, Span, apply_edits
from tierwise.text.diff import diff
from tierwise.text.newlines import with_newline

Texts = dict[str, str | None]
"""New texts by path; None for a file that goes away."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Changes that may be offered."""

    changes: tuple[FileChange, ...]
    notes: tuple[str, ...]


async def judge(prepared: Prepared, reply: str, form: ReplyFormat, running: RunningChecks) -> Judged | Rejection:
    """Parse, apply and check one reply."""
    texts = _apply(prepared, reply, form)
    if isinstance(texts, Rejection):
        return texts
    changed = {path: text for path, text in texts.items() if text != prepared.files.get(path)}
    if not changed:
        is_fine = prepared.action.may_change_nothing
        return Judged((), ()) if is_fine else Rejection("no-change", "the answer leaves the code as it is")
    read = _lost(prepared, changed) or _verify(prepared, changed)
    if isinstance(read, Rejection):
        return read
    ran = await running.run(prepared, changed)
    if isinstance(ran, Rejection):
        return ran
    changes = tuple(_file_change(prepared, path, text) for path, text in changed.items())
    return Judged(changes, tuple(dict.fromkeys((*read.notes, *ran.notes))))


def _verify(prepared: Prepared, changed: Texts) -> Verdict:
    """The checks that need only the texts."""
    notes: list[str] = []
    for path, text in changed.items():
        verdict = verify(_static(prepared), _change(prepared, path, text))
        if isinstance(verdict, Rejection):
            return verdict
        notes += verdict.notes
    return Accepted(tuple(notes))


def _lost(prepared: Prepared, changed: Texts) -> Rejection | None:
    """Whether an answer would lose a file it never saw, one it was to add, or tests that were there before."""
    missing = sorted((prepared.creatable or frozenset()) - changed.keys())
    if missing:
        return Rejection("file-missing", f"the answer does not add {missing[0]!r}, which the task is to add")
    for path, text in changed.items():
        before = prepared.files.get(path)
        if before is None:
            if path not in prepared.made_before and os.path.lexists(prepared.root / path):
                return Rejection("file-exists", f"{path!r} exists already and was not shown, so it is left alone")
        elif prepared.test_path == path:
            kept = {symbol.path for symbol in outline(text or "", prepared.language)}
            gone = [s.path for s in outline(before, prepared.language) if s.path not in kept]
            if gone:
                return Rejection("tests-lost", f"{gone[0]!r} was in the test file and is gone; keep everything in it")
    return None


def _static(prepared: Prepared) -> Iterable[Check]:
    return tuple(check for check in prepared.action.checks if check not in RUNNING_CHECKS)


def _apply(prepared: Prepared, reply: str, form: ReplyFormat) -> Texts | Rejection:
    match form:
        case ReplyFormat.SPAN:
            return _apply_to_span(prepared, reply)
        case ReplyFormat.WHOLE if prepared.action.scope is not Scope.FILES:
            return _apply_whole(prepared, reply)
        case _:
            return _apply_to_files(prepared, reply, form)


def _apply_to_span(prepared: Prepared, reply: str) -> Texts | Rejection:
    new = apply_span(reply, prepared.text, prepared.span, keeps_style=not prepared.action.sets_layout)
    if isinstance(new, Rejection):
        return new
    if prepared.action.allows_imports and prepared.language == "python":
        new = hoist_imports(prepared.text, new, prepared.span)
    return {prepared.edited_path: new}


def _apply_whole(prepared: Prepared, reply: str) -> Texts | Rejection:
    old = prepared.files.get(prepared.edited_path) or ""
    new = apply_span(reply, old, Span(0, len(old)), keeps_style=not prepared.action.sets_layout)
    if isinstance(new, Rejection):
        return new
    return {prepared.edited_path: new if new.endswith("\n") else new + "\n"}


def _apply_to_files(prepared: Prepared, reply: str, form: ReplyFormat) -> Texts | Rejection:
    applied = apply_reply(reply, prepared.files, format=form)
    if isinstance(applied, Rejection):
        return applied
    outside = [path for path in applied.files if not _may_touch(prepared, path)]
    if outside:
        return Rejection("outside-scope", f"the answer changes {outside[0]!r}, which was not among the files shown")
    return dict(applied.files)


def _may_touch(prepared: Prepared, path: str) -> bool:
    """Files that were shown; where several are edited, also those it may add, or else new ones beside them."""
    if path in prepared.files:
        return True
    if prepared.creatable is not None:
        return path in prepared.creatable
    if prepared.action.scope is not Scope.FILES or ".." in Path(path).parts or Path(path).is_absolute():
        return False
    if prepared.task.scope and not is_listed(path, prepared.task.scope):
        return False
    return any(Path(path).parent == Path(shown).parent for shown in prepared.files)


def _change(prepared: Prepared, path: str, text: str | None) -> Change:
    is_span = prepared.action.scope is Scope.SPAN and path == prepared.path
    return Change(
        path=path,
        language=prepared.language if path == prepared.path else language_of(path),
        before=prepared.files.get(path),
        after=text,
        span=prepared.span if is_span else None,
        allow_imports=prepared.action.allows_imports,
        is_target=_is_asked_for(prepared, path),
        real_path=next(iter(names_of(prepared.root, path)[1:]), None),
    )


def _is_asked_for(prepared: Prepared, path: str) -> bool:
    """Whether it is the file the user has open, or a new one for the tests they asked for."""
    before = prepared.snapshots.get(path)
    is_open = before is not None and before.uri == prepared.task.snapshot.uri
    return is_open or (path == prepared.test_path and path not in prepared.files)


def _file_change(prepared: Prepared, path: str, text: str | None) -> FileChange:
    before = prepared.snapshots.get(path)
    full = prepared.root / path
    return FileChange(
        path=full,
        uri=before.uri if before is not None else full.as_uri(),
        language=prepared.language if path == prepared.path else language_of(path),
        before=before,
        after=_as_in_the_project(prepared, before, text),
        checks=prepared.action.checks,
        is_agreed=_is_asked_for(prepared, path),
    )


def _as_in_the_project(prepared: Prepared, before: Snapshot | None, text: str | None) -> str | None:
    """The text with the line endings of its file; a new file has those of the document the action was started in."""
    if text is None:
        return None
    if before is not None:
        return with_newlines_of(before, text)
    return text if "\r" in text else with_newline(text, prepared.task.snapshot.newline)


def with_newlines_of(before: Snapshot, text: str) -> str:
    """New lines take the line ending most of the file's lines have; lines that were there keep theirs."""
    if before.newline == "\n":
        return text
    edits = diff(before.text, text)
    return apply_edits(
        before.text,
        [type(e)(e.span, e.new_text.replace("\r\n", "\n").replace("\n", before.newline)) for e in edits],
    )
