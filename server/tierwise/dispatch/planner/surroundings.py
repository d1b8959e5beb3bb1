"""The files a plan may concern, read from the workspace."""

from collections.abc import Callable, Iterable

from tierwise.text import Snapshot

MAX_FILES = 2000
MAX_CHARS = 8_000_000


def read_all(
    paths: Iterable[str], read: Callable[[str], Snapshot | None], max_files: int = MAX_FILES
) -> dict[str, Snapshot]:
    """The texts of those files that may be read, up to a bound of number and size."""
    found: dict[str, Snapshot] = {}
    n_chars = 0
    for path in paths:
        snapshot = read(path)
        if snapshot is None:
            continue
        n_chars += len(snapshot.text)
        if max_files <= len(found) or MAX_CHARS < n_chars:
            break
        found[path] = snapshot
    return found
