"""The former texts of files that an edit reached only in part, brought back on the user's wish."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tierwise.lsp.applying import Applied, apply_changes
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.sending import Editor
from tierwise.lsp.taking_back import changes_of, taken_back


def shelf_of(state_folder: Path, folders: Iterable[Path]) -> Shelf:
    """Where a workspace's former texts are kept."""
    name = hashlib.sha256("\n".join(sorted(map(str, folders))).encode()).hexdigest()[:16]
    return Shelf(file=state_folder / "restore" / f"{name}.json")


async def restore(editor: Editor, shelf: Shelf) -> dict[str, Any]:
    """Take back what the last edit of several files has changed, and keep what was typed since.

    `editor` must have no shelf of its own: a restoration that is itself applied in part is simply repeated.
    """
    made = changes_of(shelf.look())
    if not made:
        return _told("refused", "nothing-to-restore", "no edit of several files was applied in part")
    back = await taken_back(editor.documents, editor.workspace, made)
    unclear = ", ".join(repr(path.name) for path in back.unclear)
    if not back.changes:
        shelf.clear()
        words = f"{unclear} changed too much since to be restored" if unclear else "all files have their former texts"
        return _told("refused", "nothing-to-restore", words)
    outcome = await apply_changes(editor, back.changes, "Tierwise: restore")
    if not isinstance(outcome, Applied):
        return _told("refused", outcome.code, f"the former texts were not restored: {outcome.detail}")
    shelf.clear()
    restored = [change.path.name for change in outcome.changes]
    words = f"restored {', '.join(map(repr, restored))}" + (f"; {unclear} changed too much since" if unclear else "")
    return _told("applied", "", words, restored)


def _told(status: str, code: str, message: str, files: Iterable[str] = ()) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message, "files": list(files)}
