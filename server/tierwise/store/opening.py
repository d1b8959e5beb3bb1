"""Opening the ledger's file: the right SQLite, the right place, the right pragmas, and damaged files set aside."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import apsw

from tierwise.store.errors import LedgerError
from tierwise.store.filesystems import network_file_system
from tierwise.store.migrations import APPLICATION_ID, migrate, schema_version

if sys.platform != "win32":
    import fcntl

Synchronous = Literal["full", "normal"]
"""`full` waits for the disk at every commit; `normal` may lose the last commits when the power fails."""

BUSY_TIMEOUT_S = 10.0
_MAGIC = b"SQLite format 3\x00"
_SIDE_FILES = ("-wal", "-shm")
_SOUND_RELEASES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
"""The first releases of each line without the race that loses committed rows when one log is shared by processes."""


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
    """Let one process at a time create, replace or migrate the file; ends by itself when the process dies."""
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if sys.platform != "win32":
            _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def open_connection(path: Path, synchronous: Synchronous) -> tuple[apsw.Connection, str | None]:
    """Open the ledger's file, creating, migrating or replacing it as needed; to be called inside `exclusively`.

    Returns the connection and a sentence for the user where a damaged file was set aside.
    Raises LedgerError, apsw.Error and OSError.
    """
    notice = None
    damage = _visible_damage(path)
    if damage is None and path.exists():
        try:
            return _open_existing(path, synchronous), None
        except (apsw.NotADBError, apsw.CorruptError):
            damage = "is damaged"
    if damage is not None:
        notice = set_aside(path, damage)
    _create(path)
    return connect(path, synchronous), notice


def connect(path: Path, synchronous: Synchronous) -> apsw.Connection:
    """One more connection to a file that exists, with the pragmas every connection needs."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(int(BUSY_TIMEOUT_S * 1000))
        _refuse_read_only(connection)
        connection.pragma("synchronous", synchronous)
        connection.pragma("mmap_size", 0)
        connection.pragma("cell_size_check", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("temp_store", "memory")
    except BaseException:
        connection.close()
        raise
    return connection


def set_aside(path: Path, damage: str) -> str:
    """Rename a damaged file, and what belongs to it, without touching its bytes; returns a sentence for the user."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    path.rename(aside)
    _move_side_files(path, aside)
    return (
        f"the ledger {str(path)!r} {damage}; it was kept untouched as {aside.name!r} and a new one was opened, "
        "so spending before now is not counted"
    )


def _lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + BUSY_TIMEOUT_S
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


def _visible_damage(path: Path) -> str | None:
    """What a look at the file's first bytes and its size says; None: nothing wrong, or no file."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return None
    if not header:
        return "is empty"
    if len(header) < 100 or not header.startswith(_MAGIC):
        return "is not a database"
    page_size = int.from_bytes(header[16:18], "big")
    n_pages = int.from_bytes(header[28:32], "big")
    log = path.with_name(f"{path.name}-wal")
    has_log = log.exists() and log.stat().st_size
    # A file in the middle of a checkpoint may be short for a while; its log still has the rest.
    if not has_log and size < n_pages * (65536 if page_size == 1 else page_size):
        return "is cut short"
    return None


def _open_existing(path: Path, synchronous: Synchronous) -> apsw.Connection:
    connection = connect(path, synchronous)
    try:
        _refuse_foreign(connection, path)
        if schema_version(connection) == 0:
            connection.pragma("journal_mode", "wal")
        migrate(connection, path)
    except BaseException:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()
        raise
    return connection


def _refuse_read_only(connection: apsw.Connection) -> None:
    if connection.readonly("main"):
        raise apsw.ReadOnlyError("the file or its file system is read-only")


def _refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if has_tables and connection.pragma("application_id") != APPLICATION_ID:
        raise LedgerError(
            f"{str(path)!r} is another program's database; set `[ledger] path` to another file", code="foreign"
        )


def _create(path: Path) -> None:
    """Build the new file beside its place and rename it, so that nobody ever sees a half-made one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    for old in (fresh, *(fresh.with_name(fresh.name + suffix) for suffix in _SIDE_FILES)):
        old.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = connect(fresh, "full")
    try:
        connection.pragma("journal_mode", "wal")
        migrate(connection, fresh)
    finally:
        connection.close()
    # A log left behind by a file that is gone would be replayed into the new one.
    _move_side_files(path, path.with_name(f"{path.name}.orphan"))
    fresh.rename(path)
    _sync_folder(path.parent)


def _move_side_files(path: Path, target: Path) -> None:
    for suffix in _SIDE_FILES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(target.with_name(target.name + suffix))


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
