"""A verified edit on its way into the editor: rebased, sent with versions, and looked at afterwards."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.dispatch import FileChange, Workspace, recheck
from tierwise.lsp.client import Client
from tierwise.lsp.documents import Documents, name_of
from tierwise.lsp.to_proto import workspace_edit
from tierwise.text import Rejection

_TRIES = 3
"""A client that refuses because the user just typed is asked again with the edit on the new text."""


class Wire(Protocol):
    """The part of the protocol that applying needs."""

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The edit is in the editor."""

    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """One client with its documents."""

    wire: Wire
    client: Client
    documents: Documents
    workspace: Workspace
    echo_timeout_s: float = 1.0
    """How long the editor may take to report its new text after it said the edit was applied."""


class Echoes:
    """What the editor reports of its open documents after an edit; listens from before the edit is sent."""

    def __init__(self, documents: Documents, changes: Iterable[FileChange]) -> None:
        self._documents = documents
        self._changed = asyncio.Event()
        self._stop: Callable[[], None] = lambda: None
        self.expected = {
            change.uri: change.after
            for change in changes
            if change.before is not None and change.before.version is not None and change.after is not None
        }
        """The texts that were sent, by URI."""
        self.unseen = dict(self.expected)
        """Those that no document has had so far."""
        self.has_moved = False
        """Whether any of the documents changed at all."""

    def __enter__(self) -> "Echoes":
        self._stop = self._documents.listen(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def n_seen(self) -> int:
        """How many documents have had the text that was sent."""
        return len(self.expected) - len(self.unseen)

    async def wait(self, timeout_s: float) -> None:
        """Give the editor a moment to report."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.unseen:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def _look(self, uri: str) -> None:
        if uri not in self.expected:
            return
        self.has_moved = True
        snapshot = self._documents.snapshot(uri)
        if snapshot is not None and snapshot.text == self.unseen.get(uri):
            # What the user types afterwards does not take it back.
            del self.unseen[uri]
        self._changed.set()


async def apply_changes(editor: Editor, changes: Iterable[FileChange], label: str) -> Applied | Rejection:
    """Bring changes into the editor: all of them, or the reason why not."""
    planned = tuple(changes)
    outcome: Applied | Rejection = Rejection("not-applied", "the editor did not apply the edit")
    uncertain: Rejection | None = None
    for _ in range(_TRIES):
        current = await rebase(editor, planned)
        if isinstance(current, Rejection):
            # After a try that the client called applied, the collision may be with our own edit.
            return uncertain or current
        missing = tuple(change for change in current if not _is_in(change))
        if not missing:
            return Applied(changes=planned)
        edit = workspace_edit(missing, editor.client.edits, editor.client.encoding)
        if isinstance(edit, Rejection):
            return edit
        with Echoes(editor.documents, missing) as echoes:
            answer = await _send(editor, edit, label)
            if answer is not None and answer.applied:
                await echoes.wait(editor.echo_timeout_s)
        outcome = _outcome(answer, echoes, planned)
        if not echoes.has_moved or not echoes.unseen:
            break
        uncertain = outcome if isinstance(outcome, Rejection) and outcome.code == "uncertain" else None
    return outcome


def _is_in(change: FileChange) -> bool:
    return change.before is not None and change.before.text == change.after


def _outcome(
    answer: types.ApplyWorkspaceEditResult | None, echoes: Echoes, changes: tuple[FileChange, ...]
) -> Applied | Rejection:
    """What became of an edit, by the client's word and by what its documents say now."""
    is_said_to_be_in = answer is not None and answer.applied
    if not echoes.unseen and (is_said_to_be_in or echoes.expected):
        return Applied(changes=changes)
    unseen = ", ".join(repr(name_of(uri)) for uri in echoes.unseen)
    if is_said_to_be_in and echoes.has_moved:
        return Rejection("uncertain", f"the editor applied something, but the text of {unseen} is not what was sent")
    if echoes.n_seen:
        return Rejection("partly-applied", f"the editor applied the edit except in {unseen}, undo the rest or go on")
    if answer is None:
        return Rejection("no-answer", "the editor did not say whether it applied the edit, look at the file")
    why = f": {answer.failure_reason[:200]}" if answer.failure_reason else ""
    return Rejection("not-applied", f"the editor did not apply the edit{why}")


async def rebase(editor: Editor, changes: Iterable[FileChange]) -> tuple[FileChange, ...] | Rejection:
    """The same changes on the documents as they are at the moment of return."""
    planned = tuple(changes)
    while True:
        rebased: list[FileChange] = []
        for change in planned:
            now = await _rebase_one(editor, change)
            if isinstance(now, Rejection):
                return now
            rebased.append(now)
        if not _has_moved(editor, rebased):
            return tuple(rebased)


async def _rebase_one(editor: Editor, change: FileChange) -> FileChange | Rejection:
    current = editor.documents.snapshot(change.uri)
    if current is None:
        if change.before is not None and change.before.version is not None:
            return Rejection("closed", f"{change.path.name!r} was closed in the meantime, so nothing was applied")
        current = await asyncio.to_thread(editor.workspace.read, change.path)
    if current is None:
        gone = Rejection("gone", f"{change.path.name!r} was deleted in the meantime, so nothing was applied")
        return change if change.before is None else gone
    if current.text == change.after:
        return replace(change, before=current)
    if change.before is not None and change.before.text == current.text:
        return recheck(change, current)
    # Merging and checking a long text takes a while, and the user goes on typing.
    return await asyncio.to_thread(recheck, change, current)


def _has_moved(editor: Editor, changes: Iterable[FileChange]) -> bool:
    """Whether an open document is no longer the one a change was made for."""
    return any(
        change.before is not None
        and change.before.version is not None
        and editor.documents.snapshot(change.uri) is not change.before
        for change in changes
    )


async def _send(editor: Editor, edit: types.WorkspaceEdit, label: str) -> types.ApplyWorkspaceEditResult | None:
    """The client's answer; None when it gave none."""
    metadata = types.WorkspaceEditMetadata(is_refactoring=True) if editor.client.edits.has_metadata else None
    params = types.ApplyWorkspaceEditParams(edit=edit, label=label, metadata=metadata)
    try:
        answer = await editor.wire.ask(types.WORKSPACE_APPLY_EDIT, params)
    except TimeoutError:
        return None
    except JsonRpcException as error:
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason=error.message)
    return answer if isinstance(answer, types.ApplyWorkspaceEditResult) else None
