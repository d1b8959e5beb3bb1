"""Whether the ledger can be kept safely at a place, and the lock under which its file is created or replaced."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tierwise.store.errors import LedgerError
from tierwise.store.filesystems import network_file_system

if sys.platform != "win32":
    import fcntl

LOCK_TIMEOUT_S = 60.0
"""Bringing years of bookings up to date, with a backup before, takes a slow disk longer than any transaction; the lock
of a process that has died is free at once."""
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


def free_name(path: Path) -> Path:
    """Where a damaged file may be put aside, in the same folder."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    return aside


@contextmanager
def exclusively(path: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Let one process at a time create, replace or migrate the file; ends by itself when the process dies.

    Raises LedgerError when another process does not let go, and OSError.
    """
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            _lock(descriptor, path, timeout_s)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if deadline < time.monotonic():
                raise LedgerError(
                    f"another Tierwise has been opening the ledger {str(path)!r} for more than {timeout_s:g} s; "
                    "try again once it has brought it up to date, or end it if it does not get on",
                    code="locked",
                ) from None
            time.sleep(0.02)
        else:
            return
