"""Planned changes held against the documents and files as they are at this moment."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tierwise.dispatch import FileChange, Workspace, recheck, unagreed
from tierwise.lsp.documents import Documents
from tierwise.lsp.moves import find_moves
from tierwise.text import Rejection, Snapshot


async def rebase(
    documents: Documents, workspace: Workspace, changes: Iterable[FileChange], *, is_alone: bool
) -> tuple[FileChange, ...] | Rejection:
    """The same changes on the documents as they are at the moment of return.

    `is_alone`: the change is of one file only, which nothing brings back when the user has closed it.
    """
    planned = tuple(changes)
    refused = await asyncio.to_thread(unagreed, planned, workspace.roots)
    if refused is not None:
        return refused
    while True:
        rebased: list[FileChange] = []
        for change in planned:
            now = await _rebase_one(documents, workspace, change, is_alone=is_alone)
            if isinstance(now, Rejection):
                return now
            rebased.append(now)
        lost = _lost_on_the_way(planned, rebased)
        if lost is not None:
            return lost
        if not _has_moved(documents, rebased):
            return tuple(rebased)


def is_in(change: FileChange) -> bool:
    """Whether a rebased change has nothing left to do."""
    return change.after == (None if change.before is None else change.before.text)


async def _rebase_one(
    documents: Documents, workspace: Workspace, change: FileChange, *, is_alone: bool
) -> FileChange | Rejection:
    current = documents.snapshot(change.uri)
    name = change.path.name
    if current is None:
        if is_alone and change.before is not None and change.before.version is not None:
            # Who has closed the only file concerned has turned to something else.
            return Rejection("closed", f"{name!r} was closed in the meantime, so nothing was applied")
        if documents.has_path(change.path):
            return Rejection("out-of-step", f"a change of {name!r} could not be read, close the file and open it again")
        current = await asyncio.to_thread(workspace.read, change.path)
    if current is None:
        return await asyncio.to_thread(_without_text, change, workspace.roots)
    if current.text == change.after:
        return replace(change, before=current, uri=current.uri)
    if change.before is not None and change.before.text == current.text:
        return recheck(change, current)
    # Merging and checking a long text takes a while, and the user goes on typing.
    return await asyncio.to_thread(recheck, change, current)


def _without_text(change: FileChange, roots: Sequence[Path]) -> FileChange | Rejection:
    """A change of a file that is neither open nor readable as text."""
    name = change.path.name
    if os.path.lexists(change.path):
        return Rejection("file-exists", f"{name!r} is there and cannot be read as text, so nothing was applied")
    if change.after is None:
        return replace(change, before=None)
    if change.before is None:
        return change if _is_below(change.path, roots) else Rejection("outside-workspace", _leads_out(name))
    return Rejection("gone", f"{name!r} was deleted in the meantime, so nothing was applied")


def _lost_on_the_way(planned: Sequence[FileChange], rebased: Sequence[FileChange]) -> Rejection | None:
    """A file that was to be moved and is gone: the user may have moved it, and must not end up with two of it."""
    now = {change.path: change for change in rebased}
    for move in find_moves(planned):
        gone, new = now[move.gone.path], now[move.new.path]
        if gone.before is None and new.before is None:
            words = f"{gone.path.name!r} was moved or deleted in the meantime, so it was not moved to {new.path.name!r}"
            return Rejection("gone", f"{words}, and nothing was applied")
    return None


def _is_below(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a file that is to be made would lie in the workspace once links are followed."""
    real = os.path.realpath(path)
    return any(Path(real).is_relative_to(os.path.realpath(root)) for root in roots)


def _leads_out(name: str) -> str:
    """What speaks against making a file behind a link."""
    return f"{name!r} would be made outside the workspace, because a folder above it is a link; nothing was applied"


def _has_moved(documents: Documents, changes: Iterable[FileChange]) -> bool:
    """Whether a document is no longer the one a change was made for, or has been opened only now."""
    for change in changes:
        seen: Snapshot | None = None
        if change.before is not None and change.before.version is not None:
            seen = change.before
        if documents.snapshot(change.uri) is not seen:
            return True
    return False
