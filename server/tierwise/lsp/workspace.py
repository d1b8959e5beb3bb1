"""The files an action may read: open documents as the editor has them, the rest from disk."""

from collections.abc import Callable
from pathlib import Path

from tierwise.dispatch.files import read_snapshot
from tierwise.lsp.documents import Documents
from tierwise.text import Rejection, Snapshot
from tierwise.text.uris import path_of


class EditorWorkspace:
    """One editor's folders and documents; may be read from any thread."""

    def __init__(
        self, documents: Documents, folders: tuple[Path, ...], *, is_trusted: bool, max_bytes: Callable[[], int]
    ) -> None:
        self._documents = documents
        self._folders = folders
        self._max_bytes = max_bytes
        self.is_trusted = is_trusted

    @property
    def roots(self) -> tuple[Path, ...]:
        """The open folders; without any, the folders of the open files."""
        if self._folders:
            return self._folders
        paths = (path_of(uri) for uri in self._documents)
        return tuple({path.parent: None for path in paths if path is not None})

    def read(self, path: Path) -> Snapshot | None:
        """An open document first, the disk second; None when there is no such text file inside the roots."""
        current = self._documents.at_path(path)
        if current is not None:
            return current
        found = read_snapshot(path, self.roots, self._max_bytes())
        return None if isinstance(found, Rejection) else found
