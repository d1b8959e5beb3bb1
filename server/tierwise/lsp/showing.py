"""A proposal that was not applied is shown instead: to our own clients as a diff, to all others as a file."""

import asyncio
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.dispatch import FileChange
from tierwise.dispatch.reports import diff_of
from tierwise.lsp.proposals import Review, review_json
from tierwise.lsp.sending import Editor

_KEPT_FILES = 50
_SHOW_TIMEOUT_S = 10.0


class Wire(Protocol):
    """The part of the protocol that showing needs."""

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        ...

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


async def show_proposal(wire: Wire, editor: Editor, review: Review, *, may_create: bool) -> str | None:
    """Show what would have been changed; returns the path of the diff if one was written."""
    planned = review.changes
    if editor.client.wants_proposals:
        wire.notify("tierwise/proposal", review_json(review, may_create=may_create))
        return None
    path = await asyncio.to_thread(write_diff, planned, editor.workspace.roots)
    if editor.client.can_show_documents:
        params = types.ShowDocumentParams(uri=path.as_uri(), take_focus=False)
        try:
            await wire.ask(types.WINDOW_SHOW_DOCUMENT, params, _SHOW_TIMEOUT_S)
        except (JsonRpcException, TimeoutError):
            # The message that follows names the file all the same.
            return str(path)
    return str(path)


def write_diff(changes: Iterable[FileChange], roots: Iterable[Path] = ()) -> Path:
    """Write one unified diff for all changes where only this user can read it.

    Paths are relative to the workspace's folder, so that `git apply` takes the diff there.
    """
    folders = tuple(roots)
    words = "".join(diff_of(change, folders) for change in changes)
    folder = _folder()
    _drop_oldest(folder)
    descriptor, name = tempfile.mkstemp(prefix="proposal-", suffix=".diff", dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(words)
    return Path(name)


def _folder() -> Path:
    """A folder of this user's own; nobody else can have put a link in its place."""
    uid = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"tierwise-{uid}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    is_ours = not folder.is_symlink() and (not hasattr(os, "getuid") or status.st_uid == uid)
    return folder if is_ours and not status.st_mode & 0o077 else Path(tempfile.mkdtemp(prefix="tierwise-"))


def _drop_oldest(folder: Path) -> None:
    found = sorted(folder.glob("proposal-*.diff"), key=lambda path: path.stat().st_mtime)
    for path in found[:-_KEPT_FILES]:
        path.unlink(missing_ok=True)
