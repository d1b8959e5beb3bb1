"""Changes that were made, turned round: what gives the files their former texts and keeps what came later."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.dispatch import FileChange, Workspace
from tierwise.lsp.before_images import BeforeImage
from tierwise.lsp.documents import Documents
from tierwise.text import Rejection, Snapshot
from tierwise.text.merge import merge


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What would undo an edit, as far as it has been made."""

    changes: tuple[FileChange, ...]
    unclear: tuple[Path, ...]
    """Files that were changed in the same places since, or that are gone."""


def changes_of(images: Iterable[BeforeImage]) -> tuple[FileChange, ...]:
    """The changes that images were kept for."""
    return tuple(
        FileChange(
            path=Path(image.path),
            uri=image.uri,
            language=image.language,
            before=None
            if image.before is None
            else Snapshot(uri=image.uri, text=image.before, language=image.language),
            after=image.after,
            is_agreed=image.is_agreed,
        )
        for image in images
    )


async def taken_back(documents: Documents, workspace: Workspace, made: Iterable[FileChange]) -> TakenBack:
    """What undoes these changes now; a file that still has its former text needs nothing."""
    changes: list[FileChange] = []
    unclear: list[Path] = []
    for change in made:
        now = documents.snapshot(change.uri) or await asyncio.to_thread(workspace.read, change.path)
        found = _reversed(change, now)
        if found is None:
            unclear.append(change.path)
        elif found is not change:
            changes.append(found)
    return TakenBack(changes=tuple(changes), unclear=tuple(unclear))


def _reversed(change: FileChange, now: Snapshot | None) -> FileChange | None:
    """The change turned round; the change itself when it has not been made, None when that cannot be told."""
    before, after = None if change.before is None else change.before.text, change.after
    text = None if now is None else now.text
    if text == before:
        return change
    uri = change.uri if now is None else now.uri
    # What the edit made may go again, whatever its name; what it changed is held against the names of now.
    is_agreed = change.is_agreed or before is None
    turned = replace(change, before=now, after=before, uri=uri, checks=(), is_agreed=is_agreed)
    if text == after or (before is None and text == ""):
        return turned
    if before is None or after is None or text is None:
        return None
    merged = merge(after, before, text)
    if isinstance(merged, Rejection):
        return None
    return change if merged == text else replace(turned, after=merged)
