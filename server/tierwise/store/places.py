"""Whether the ledger can be kept safely at a place, and the lock under which its file is created or replaced."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tierwise.store.errors import LedgerError
from tierwise.store.filesystems import network_file_system

if sys.platform != "win32":
    import fcntl

LOCK_TIMEOUT_S = 10.0
_SOUND_RELEASES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
"""The first releases of each line without the race that loses committed rows when processes share one log."""


def has_sound_log(version: str) -> bool:
    """Whether this release of SQLite can share a write-ahead log between processes without losing rows."""
    major, minor, patch = (int(part) for part in f"{version}.0.0".split(".")[:3])
    if (3, 52) <= (major, minor):
        return True
    floor = _SOUND_RELEASES.get((major, minor))
    return floor is not None and floor <= patch


def refuse_unsound_place(path: Path, sqlite_version: str) -> None:
    """Raise LedgerError where the ledger could not be kept safely, whatever the file holds."""
    if not has_sound_log(sqlite_version):
        raise LedgerError(
            f"SQLite {sqlite_version} can lose rows of a ledger that several windows share; "
            "install the newest `apsw` into Tierwise's environment",
            code="old-sqlite",
        )
    kind = network_file_system(path)
    if kind is not None:
        raise LedgerError(
            f"the ledger {str(path)!r} would lie on a network file system ({kind}), where rows get lost; "
            "set `[ledger] path` to a folder on a disk of this machine",
            code="network-file-system",
        )


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Let one process at a time create, replace or migrate the file; ends by itself when the process dies.

    Raises LedgerError when another process does not let go, and OSError.
    """
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if deadline < time.monotonic():
                raise LedgerError(
                    f"the ledger {str(path)!r} has been held by another Tierwise for more than 10 s; "
                    "end that one and try again",
                    code="locked",
                ) from None
            time.sleep(0.02)
        else:
            return
