"""The former texts of files that an edit reached only in part, brought back on the user's wish."""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.dispatch import FileChange
from tierwise.lsp.applying import Applied, Unapplied, apply_changes
from tierwise.lsp.before_images import BeforeImage, Kept, Shelf
from tierwise.lsp.moves import find_moves
from tierwise.lsp.sending import Editor
from tierwise.lsp.taking_back import changes_of, taken_back

_HOW = "'tierwise.restore' takes it back"
_LABEL = "Tierwise: restore"
_OF_ALL = ("declined", "no-answer", "uncertain")
"""What the editor says of an edit that it would say of each of its parts too."""


def shelf_of(state_folder: Path, folders: Iterable[Path]) -> Shelf:
    """Where a workspace's former texts are kept."""
    name = "\n".join(sorted(map(str, folders))).encode("utf-8", "surrogateescape")
    return Shelf(folder=state_folder / "restore", workspace=hashlib.sha256(name).hexdigest()[:16])


# After a server that ended


async def broken_off(editor: Editor, shelf: Shelf) -> str | None:
    """In a sentence, what a process that is gone has left behind of an edit of several files; None: nothing.

    Of an edit that is in as a whole the user is told once, in case its last word never came. One of which nothing can
    be seen is kept, since the editor may yet report documents that it has not saved.
    """
    for kept in await asyncio.to_thread(shelf.all):
        words = None if kept.is_own else await _left_behind(editor, shelf, kept)
        if words is not None:
            return words
    return None


async def _left_behind(editor: Editor, shelf: Shelf, kept: Kept) -> str | None:
    if not kept.images:
        shelf.put_by(kept.file)
        return f"an edit was broken off when the server ended, and {_unreadable(kept)}; compare them with a backup"
    made = changes_of(kept.images)
    back = await taken_back(editor.documents, editor.workspace, made)
    touched = {change.path for change in back.changes} | set(back.unclear)
    lacking = [repr(change.path.name) for change in made if change.path not in touched]
    is_whole = not lacking and not back.unclear and not kept.lost
    if is_whole and kept.is_told:
        shelf.clear(kept.file)
    if kept.is_told or not touched:
        return None
    if is_whole or not back.changes:
        shelf.note_told(kept)
    there = ", ".join(sorted(repr(change.path.name) for change in back.changes))
    if is_whole:
        return f"an edit was made just before the server ended: it changed {there}; {_HOW}"
    changed = [f"it changed {there}"] if there else []
    without = f" but not {', '.join(lacking)}" if lacking else ""
    unclear = [f"of {', '.join(repr(path.name) for path in back.unclear)} it cannot be told"] if back.unclear else []
    words = ", ".join([*changed, *unclear]) + without + (f", and {_unreadable(kept)}" if kept.lost else "")
    return f"an edit was broken off when the server ended: {words}; {_HOW}"


# On the user's wish


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    """What came of bringing texts back."""

    restored: tuple[FileChange, ...]
    failed: dict[Path, Unapplied]


async def restore(editor: Editor, shelf: Shelf) -> dict[str, Any]:
    """Take back what the last edit of several files has changed, and keep what was typed since.

    A file that cannot have its former text stops none of the others. `editor` must have no shelf of its own: a
    restoration that is itself applied in part is simply repeated.
    """
    kept = await asyncio.to_thread(shelf.claim)
    if kept is None:
        return _told("refused", "nothing-to-restore", "no edit of several files was applied in part")
    back = await taken_back(editor.documents, editor.workspace, changes_of(kept.images))
    brought = await _bring_back(editor, back.changes)
    words = [f"restored {', '.join(repr(change.path.name) for change in brought.restored)}"] if brought.restored else []
    words += [f"{path.name!r} was not restored: {why.detail}" for path, why in brought.failed.items()]
    by_path = {Path(image.path): image for image in kept.images}
    words += [await asyncio.to_thread(_left_alone, shelf, by_path[path]) for path in back.unclear]
    words += [_unreadable(kept)] if kept.lost else []
    failed = [image for path, image in by_path.items() if path in brought.failed]
    await asyncio.to_thread(_put_away, shelf, kept, failed)
    if brought.restored:
        code = "partly-restored" if 1 < len(words) else ""
        return _told("applied", code, "; ".join(words), [change.path.name for change in brought.restored])
    codes = [why.code for why in brought.failed.values()] or ["nothing-to-restore"]
    return _told("refused", codes[0], "; ".join(words) or "all files have their former texts")


async def _bring_back(editor: Editor, changes: Sequence[FileChange]) -> _Brought:
    """All changes at once, which is one undo; one after the other where a part of them is in the way."""
    outcome = await apply_changes(editor, changes, _LABEL) if changes else Applied(changes=())
    if isinstance(outcome, Applied):
        return _Brought(restored=outcome.changes, failed={})
    failed = {change.path: outcome for change in outcome.missing}
    if 1 < len(changes) and outcome.code not in _OF_ALL:
        failed = {}
        for part in _parts(changes):
            alone = await apply_changes(editor, part, _LABEL)
            if isinstance(alone, Unapplied):
                failed |= {change.path: alone for change in part}
    return _Brought(restored=tuple(one for one in changes if one.path not in failed), failed=failed)


def _parts(changes: Sequence[FileChange]) -> list[tuple[FileChange, ...]]:
    """Each file alone, but the two names of one that was moved together."""
    moved = [(move.gone, move.new) for move in find_moves(changes)]
    paired = {change.path for pair in moved for change in pair}
    return [*moved, *((change,) for change in changes if change.path not in paired)]


def _left_alone(shelf: Shelf, image: BeforeImage) -> str:
    """What is said of a file that has too little in common with what the edit left."""
    name = repr(Path(image.path).name)
    if image.before is None:
        return f"{name}, which the edit made, was changed since and is left as it is"
    why = "was changed in the same places since" if os.path.lexists(image.path) else "is gone"
    try:
        place = repr(str(shelf.lay_out(image)))
    except OSError as error:
        return f"{name} {why}, and its former text could not be written for you: {error.strerror}"
    return f"{name} {why}, so it is left as it is, and its former text is in {place}"


def _unreadable(kept: Kept) -> str:
    """What is said of damaged images."""
    names = ", ".join(repr(Path(path).name) for path in kept.lost if path)
    return f"what {names or 'some files'} said before cannot be read any more"


def _put_away(shelf: Shelf, kept: Kept, failed: Sequence[BeforeImage]) -> None:
    """Keep what may be asked for again."""
    if kept.lost and not failed:
        shelf.put_by(kept.file)
    elif failed:
        try:
            shelf.rewrite(kept.file, failed)
        except OSError:
            return
    else:
        shelf.clear(kept.file)


def _told(status: str, code: str, message: str, files: Iterable[str] = ()) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message, "files": list(files)}
