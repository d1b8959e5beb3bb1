"""Which files of a workspace are kept from models, or from their context, by what lies in the workspace itself."""

import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from tierwise.context.ignore import is_ignored, is_listed
from tierwise.dispatch.git import ask_git

_FRESH_S = 2.0
"""Seconds after which a file of patterns is read again."""
_MOST_BYTES = 64 * 1024


class IgnoreFiles:
    """The patterns of `.aiignore` and its like, in the top folders of workspaces."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._read: dict[Path, tuple[float, tuple[str, ...]]] = {}

    def hides(self, path: str, root: Path) -> bool:
        """Whether a path, relative to its root, is one that no model may see."""
        patterns = self._patterns(root)
        return bool(patterns) and is_listed(path, patterns)

    def _patterns(self, root: Path) -> tuple[str, ...]:
        now = time.monotonic()
        read_at, patterns = self._read.get(root, (0.0, ()))
        if root not in self._read or _FRESH_S < now - read_at:
            patterns = tuple(line for name in self._names for line in lines_of(root / name))
            self._read[root] = now, patterns
        return patterns


def lines_of(file: Path) -> Sequence[str]:
    """The lines of a file of patterns; none when there is none."""
    try:
        if not file.is_file() or _MOST_BYTES < file.stat().st_size:
            return ()
        return file.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return ()


def ignored(root: Path, paths: Iterable[str], *, is_trusted: bool) -> frozenset[str]:
    """Those of the paths that the project keeps out of version control: by git's answer, or by ours.

    Git is asked in trusted workspaces only, where it knows of excludes outside the project too. A file that is tracked
    although a pattern names it counts as ignored: who wrote the pattern did not want it shared.
    """
    listed = tuple(paths)
    patterns_in = cache(lambda folder: tuple(lines_of(root / folder / ".gitignore")))
    found = {path for path in listed if is_ignored(path, patterns_in)}
    return frozenset(found | (_by_git(root, listed) if is_trusted else set()))


def _by_git(root: Path, paths: Sequence[str]) -> set[str]:
    """What git says; nothing where there is no git or no repository."""
    if not paths:
        return set()
    asked = "\0".join(paths).encode("utf-8", "surrogateescape")
    printed = ask_git(root, "check-ignore", "--no-index", "-z", "--stdin", told=asked)
    if printed is None:
        return set()
    return {name.decode("utf-8", "surrogateescape") for name in printed.split(b"\0") if name}
