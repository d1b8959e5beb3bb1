"""Opening the ledger's file: the pragmas every connection needs, new files, and damaged ones set aside."""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Literal

import apsw

from tierwise.store.errors import LedgerError
from tierwise.store.log_check import keep_damaged_log
from tierwise.store.migrations import APPLICATION_ID, migrate, schema_version
from tierwise.store.patience import Patience, patiently
from tierwise.store.places import free_name
from tierwise.store.salvage import Salvaged, salvage

Synchronous = Literal["full", "soon", "normal"]
"""`full` waits for the disk at every commit. `soon` brings commits to the disk a moment later. `normal` leaves that to
the system, so that a loss of power may take the last half minute."""

PAGE_BYTES = 1024
"""Of new files. A booking writes two pages to the log whatever it changes in them, so that small ones are cheaper; rows
take some 200 bytes."""
_MAGIC = b"SQLite format 3\x00"
_SIDE_FILES = ("-wal", "-shm")


def open_connection(path: Path, synchronous: Synchronous) -> tuple[apsw.Connection, str | None]:
    """Open the ledger's file, creating, migrating or replacing it as needed; the caller holds `exclusively`.

    Returns the connection and a sentence for the user where a damaged file was replaced.
    Raises LedgerError, apsw.Error and OSError.
    """
    damage = _visible_damage(path)
    if damage is None and path.exists():
        try:
            return _open_existing(path, synchronous)
        except (apsw.NotADBError, apsw.CorruptError):
            damage = "is damaged"
    if damage is not None:
        return replace_damaged(path, damage, synchronous)
    _create(path, None)
    return connect(path, synchronous), None


def replace_damaged(path: Path, damage: str, synchronous: Synchronous) -> tuple[apsw.Connection, str]:
    """Set a damaged file aside untouched and open a new one with what is readable; the caller holds `exclusively`.

    Returns the connection and a sentence for the user. Raises apsw.Error and OSError.
    """
    aside = _set_aside(path)
    salvaged = _create(path, aside) or Salvaged(0, None)
    lost = "an unknown number" if salvaged.n_lost is None else str(salvaged.n_lost)
    notice = (
        f"the ledger {str(path)!r} {damage} and was kept untouched as {aside.name!r}; a new one holds the "
        f"{salvaged.n_saved} calls that could be read, {lost} could not, so check the disk it lies on"
    )
    return connect(path, synchronous), notice


def connect(path: Path, synchronous: Synchronous) -> apsw.Connection:
    """One more connection to a file that exists, with the pragmas every connection needs."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_handler(Patience())
        _refuse_read_only(connection)
        connection.pragma("synchronous", "full" if synchronous == "full" else "normal")
        connection.pragma("mmap_size", 0)
        connection.pragma("cell_size_check", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("temp_store", "memory")
    except BaseException:
        connection.close()
        raise
    return connection


def close_untouched(connection: apsw.Connection) -> None:
    """Close without folding the log into the file."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.close()


def _visible_damage(path: Path) -> str | None:
    """What a look at the file's first bytes and its size says; None: nothing wrong, or no file."""
    try:
        header, size = _head_of(path)
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


def _head_of(path: Path) -> tuple[bytes, int]:
    """The first 100 bytes of a file and its size. Raises apsw.Error and OSError.

    Read by SQLite's own means: by POSIX, closing a file in any other way gives up every lock that this process has on
    it, and then another window may take away the log of a ledger that is in use.
    """
    try:
        file = apsw.VFSFile("", str(path.absolute()), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
        try:
            size = file.xFileSize()
            return file.xRead(min(100, size), 0), size
        finally:
            file.xClose()
    except (apsw.CantOpenError, apsw.IOError):
        # What cannot be read has no locks of ours, and the system says better why it cannot.
        with path.open("rb"):
            raise


def _open_existing(path: Path, synchronous: Synchronous) -> tuple[apsw.Connection, str | None]:
    connection = connect(path, synchronous)
    try:
        _refuse_foreign(connection, path)
        notice = keep_damaged_log(path, connection, Patience())
        if schema_version(connection) == 0:
            # Where somebody writes, SQLite does not wait for them before it changes this.
            patiently(lambda: connection.pragma("journal_mode", "wal"), Patience())
        migrate(connection, path)
    except BaseException:
        close_untouched(connection)
        raise
    return connection, notice


def _refuse_read_only(connection: apsw.Connection) -> None:
    if connection.readonly("main"):
        raise apsw.ReadOnlyError("the file or its file system is read-only")


def _refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if has_tables and connection.pragma("application_id") != APPLICATION_ID:
        raise LedgerError(
            f"{str(path)!r} is another program's database; set `[ledger] path` to another file", code="foreign"
        )


def _set_aside(path: Path) -> Path:
    aside = free_name(path)
    path.rename(aside)
    _move_side_files(path, aside)
    return aside


def _create(path: Path, damaged: Path | None) -> Salvaged | None:
    """Build the new file beside its place and rename it, so that nobody ever sees a half-made one."""
    fresh = path.with_name(f"{path.name}.new")
    for old in (fresh, *(fresh.with_name(fresh.name + suffix) for suffix in _SIDE_FILES)):
        old.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = connect(fresh, "full")
    try:
        connection.pragma("page_size", PAGE_BYTES)
        connection.pragma("journal_mode", "wal")
        migrate(connection, fresh)
        salvaged = None if damaged is None else _salvage(damaged, connection)
    finally:
        connection.close()
    # A log left behind by a file that is gone would be replayed into the new one.
    _move_side_files(path, path.with_name(f"{path.name}.orphan"))
    fresh.rename(path)
    _sync_folder(path.parent)
    return salvaged


def _salvage(damaged: Path, connection: apsw.Connection) -> Salvaged:
    salvaged = salvage(damaged, connection)
    connection.execute(
        "INSERT INTO losses (noticed_us, n_saved, n_lost, kept_as) VALUES (?, ?, ?, ?)",
        (time.time_ns() // 1000, salvaged.n_saved, salvaged.n_lost, damaged.name),
    )
    return salvaged


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
