"""Which files a project has."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tierwise.context.ignore import is_ignored
from tierwise.dispatch.git import ask_git
from tierwise.dispatch.hiding import lines_of

MAX_LISTED = 2000
_MOST_ENTRIES = 100_000
"""How much of a folder is looked at; who has more than that in it is shown a part."""
_SKIPPED_FOLDERS = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "dist", "build", "target", "__pycache__"})
_MOST_DEEP = 40


def tracked(root: Path) -> tuple[str, ...] | None:
    """The files below the root that git knows or would add, relative to it; None where git cannot say."""
    printed = ask_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if printed is None:
        return None
    names = (name.decode("utf-8", "replace") for name in printed.split(b"\0") if name)
    return tuple(dict.fromkeys(name for name in names if "\ufffd" not in name))


def project_files(
    root: Path, *, is_trusted: bool, is_wanted: Callable[[Path], bool] = lambda _: True
) -> tuple[str, ...]:
    """The files of a project, relative to its root: what git says, else what lies there.

    Git reads its configuration from the folder, so it is asked only where the user trusts what lies there. Slow.
    """
    names = tracked(root) if is_trusted else None
    return tuple(listed_files(root, is_wanted)) if names is None else tuple(n for n in names if is_wanted(root / n))


def listed_files(root: Path, is_wanted: Callable[[Path], bool]) -> list[str]:
    """The files of one kind below a root, relative to it, without the folders nobody edits by hand."""
    found: list[str] = []
    folders = [str(root)]
    deepest = str(root).count(os.sep) + _MOST_DEEP
    n_seen = 0
    patterns_in = cache(lambda folder: tuple(lines_of(root / folder / ".gitignore")))
    while folders and len(found) < MAX_LISTED and n_seen < _MOST_ENTRIES:
        for entry in _entries(folders.pop()):
            n_seen += 1
            is_folder = entry.is_dir(follow_symlinks=False)
            path = Path(entry.path)
            if entry.is_symlink() or is_ignored(path.relative_to(root).as_posix(), patterns_in, is_folder=is_folder):
                continue
            if is_folder:
                is_skipped = entry.name in _SKIPPED_FOLDERS or entry.name.startswith(".")
                if not is_skipped and entry.path.count(os.sep) <= deepest:
                    folders.append(entry.path)
            elif entry.is_file(follow_symlinks=False) and is_wanted(path):
                found.append(path.relative_to(root).as_posix())
    return found


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    """What lies in a folder; nothing for one that may not be looked into or whose path is too long."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
