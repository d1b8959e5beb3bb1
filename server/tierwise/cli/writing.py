"""Write a proposal's files, all or none."""

import stat
from collections.abc import Sequence
from pathlib import Path

from tierwise.dispatch import FileChange, unagreed
from tierwise.dispatch.files import read_snapshot, write_text
from tierwise.text import Rejection


def write_changes(changes: Sequence[FileChange], root: Path) -> str | None:
    """Write every change; returns None, or one sentence when nothing was written.

    Each file is compared with what the change was made for first; what was written already is put back when a later
    file fails.
    """
    refused = unagreed(changes, (root,))
    if refused is not None:
        return f"{refused.detail}; nothing was written"
    for change in changes:
        problem = _objection(change, root)
        if problem is not None:
            return problem
    done: list[FileChange] = []
    try:
        for change in changes:
            _write(change.path, change.after, "utf-8" if change.before is None else change.before.encoding)
            done.append(change)
    except (OSError, UnicodeEncodeError) as err:
        for change in reversed(done):
            before = change.before
            _write(change.path, None if before is None else before.text, "utf-8" if before is None else before.encoding)
        return f"{str(change.path)!r} could not be written ({err}); every file is as it was"
    return None


def _objection(change: FileChange, root: Path) -> str | None:
    if not change.path.resolve().is_relative_to(root.resolve()):
        return f"{str(change.path)!r} lies outside {str(root)!r}, so nothing was written"
    if change.before is None:
        return f"{str(change.path)!r} was created meanwhile, so nothing was written" if change.path.exists() else None
    if not change.path.stat().st_mode & stat.S_IWUSR:
        return f"{str(change.path)!r} is read-only, so nothing was written; make it writable and run the action again"
    now = read_snapshot(change.path, (root,), 2**26)
    if isinstance(now, Rejection) or now.text != change.before.text:
        return f"{str(change.path)!r} was changed meanwhile, so nothing was written; run the action again"
    return None


def _write(path: Path, text: str | None, encoding: str) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_text(path, text, encoding)
