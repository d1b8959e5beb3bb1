"""Which files a project has."""

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tierwise.context.ignore import is_ignored

MAX_LISTED = 2000
_SKIPPED_FOLDERS = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "dist", "build", "target", "__pycache__"})
_GIT_TIMEOUT_S = 5.0


def tracked(root: Path) -> tuple[str, ...] | None:
    """The files below the root that git knows or would add, relative to it; None where git cannot say."""
    settings = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
    command = ["git", *settings, "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_GIT_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if ended.returncode != 0:
        return None
    names = (name.decode("utf-8", "replace") for name in ended.stdout.split(b"\0") if name)
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
    folders = [root]
    patterns_in = cache(lambda folder: _ignored(root / folder))
    while folders and len(found) < MAX_LISTED:
        for entry in _entries(folders.pop()):
            if entry.is_symlink() or is_ignored(
                entry.relative_to(root).as_posix(), patterns_in, is_folder=entry.is_dir()
            ):
                continue
            if entry.is_dir():
                if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                    folders.append(entry)
            elif is_wanted(entry):
                found.append(entry.relative_to(root).as_posix())
    return found


def _ignored(folder: Path) -> tuple[str, ...]:
    """The patterns of a folder's own .gitignore."""
    file = folder / ".gitignore"
    if not file.is_file():
        return ()
    return tuple(file.read_text("utf-8", errors="replace").split("\n"))


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder; nothing for one that may not be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
