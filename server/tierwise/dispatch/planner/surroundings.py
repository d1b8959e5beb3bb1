"""The files a plan may concern, read from the workspace."""

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from tierwise.text import Snapshot

MAX_FILES = 2000
MAX_BYTES = 8_000_000
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


def read_all(
    paths: Iterable[str], read: Callable[[str], Snapshot | None], *, max_files: int = MAX_FILES
) -> dict[str, Snapshot]:
    """The texts of those files that may be read, up to a bound of number and size."""
    found: dict[str, Snapshot] = {}
    n_chars = 0
    for path in paths:
        snapshot = read(path)
        if snapshot is None:
            continue
        n_chars += len(snapshot.text)
        if max_files <= len(found) or MAX_BYTES < n_chars:
            break
        found[path] = snapshot
    return found
