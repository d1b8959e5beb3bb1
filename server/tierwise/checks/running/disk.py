"""What lookups ask of the disk, with the files of a change laid over it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

_MAX_BYTES = 1 << 20
_MAX_ENTRIES = 20_000


class Disk(Protocol):
    """Files as they will be once a change is applied."""

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Whether there is such a folder."""
        ...

    def read(self, path: Path) -> str:
        """The text of a file; empty when it cannot be read or is very long."""
        ...

    def names(self, folder: Path) -> frozenset[str]:
        """What lies in a folder; nothing for one that is not there."""
        ...


class ChangedDisk:
    """The disk with a change's files; every folder is read at most once."""

    def __init__(self, changed: Mapping[Path, str | None]) -> None:
        self._changed = changed
        self._names: dict[Path, frozenset[str]] = {}

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        if path in self._changed:
            return self._changed[path] is not None
        return path.is_file()

    def is_folder(self, path: Path) -> bool:
        """Whether there is such a folder."""
        return path.is_dir() or any(path in changed.parents for changed in self._changed)

    def read(self, path: Path) -> str:
        """The text of a file; empty when it cannot be read or is very long."""
        if path in self._changed:
            return self._changed[path] or ""
        try:
            with path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except (OSError, ValueError):
            return ""
        return "" if _MAX_BYTES < len(content) else content.decode("utf-8-sig", "replace")

    def names(self, folder: Path) -> frozenset[str]:
        """What lies in a folder; nothing for one that is not there."""
        if folder not in self._names:
            self._names[folder] = self._listed(folder)
        return self._names[folder]

    def _listed(self, folder: Path) -> frozenset[str]:
        found: set[str] = set()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found.add(entry.name)
                    if _MAX_ENTRIES < len(found):
                        break
        except OSError:
            pass
        for path, text in self._changed.items():
            if folder in path.parents and text is not None:
                found.add(path.relative_to(folder).parts[0])
            elif path.parent == folder and text is None:
                found.discard(path.name)
        return frozenset(found)


def has_stem(disk: Disk, folder: Path, name: str) -> bool:
    """Whether a folder holds `name` itself or a file of that name with any ending."""
    names = disk.names(folder)
    return name in names or any(one.startswith(f"{name}.") for one in names)
