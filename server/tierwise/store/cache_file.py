"""The reply cache's file: made in one step, readable for its owner alone, replaced when it is damaged."""

import os
from pathlib import Path

import apsw

from tierwise.store import leases
from tierwise.store.cache_errors import DAMAGE, foreign, newer, unsound
from tierwise.store.filesystems import network_file_system
from tierwise.store.places import exclusively, has_sound_log

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x54775263
"""`TwRc`; tells our file from every other database."""
BUSY_TIMEOUT_MS = 250
"""An answer from the cache is worth so much waiting; whoever does not get it asks the model."""
_LOG_BYTES = 4 * 2**20
_SIDES = ("-wal", "-shm")

_TABLES = """
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    scope BLOB NOT NULL,
    piece BLOB NOT NULL,
    task BLOB NOT NULL,
    tier TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    form TEXT NOT NULL,
    text BLOB NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_tokens INTEGER,
    reasoning_tokens INTEGER,
    cost_pico_usd INTEGER,
    stored_us INTEGER NOT NULL,
    used_us INTEGER NOT NULL,
    n_hits INTEGER NOT NULL DEFAULT 0,
    seal BLOB NOT NULL
) STRICT;
CREATE INDEX replies_by_piece ON replies (piece, scope);
CREATE INDEX replies_by_task ON replies (task, scope);
CREATE INDEX replies_by_use ON replies (used_us);
CREATE INDEX replies_by_age ON replies (stored_us);
"""


def open_file(path: Path) -> tuple[apsw.Connection, bool]:
    """Open the cache, making it and its folder if there are none; a damaged one is deleted and made anew.

    Returns the connection, and whether a damaged file was replaced. Raises CacheError, LedgerError, apsw.Error and
    OSError.
    """
    _refuse_unsound(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusively(path):
        if not path.exists():
            _make(path)
            return _connect(path), False
        try:
            return _open_existing(path), False
        except DAMAGE:
            _make(path)
            return _connect(path), True


def replace_file(path: Path) -> apsw.Connection:
    """Make the file anew, whatever it held. Raises LedgerError, apsw.Error and OSError."""
    with exclusively(path):
        _make(path)
        return _connect(path)


def n_bytes_used(connection: apsw.Connection) -> int:
    """Bytes of the file that hold something."""
    n_pages = connection.pragma("page_count") - connection.pragma("freelist_count")
    return int(n_pages * connection.pragma("page_size"))


def n_bytes_of(connection: apsw.Connection) -> int:
    """Bytes of the file, with the room in it that nothing holds."""
    return int(connection.pragma("page_count") * connection.pragma("page_size"))


def _refuse_unsound(path: Path) -> None:
    version = apsw.sqlite_lib_version()
    if not has_sound_log(version):
        raise unsound(path, f"SQLite {version} cannot share it between windows; install the newest `apsw`")
    kind = network_file_system(path)
    if kind is not None:
        raise unsound(path, f"it would lie on a network file system ({kind}); set `[ledger] path` to a local folder")


def _open_existing(path: Path) -> apsw.Connection:
    if path.stat().st_mode & 0o077:
        # What it holds is code, so a file that was opened up to others is closed again.
        path.chmod(0o600)
    connection = _connect(path)
    try:
        _refuse_others(connection, path)
        connection.execute(leases.TABLE)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_others(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("application_id") != _APPLICATION_ID:
        if connection.execute("SELECT count(*) FROM sqlite_schema").get:
            raise foreign(path)
        raise apsw.NotADBError("the file is empty")
    if SCHEMA_VERSION < connection.pragma("user_version"):
        raise newer(path)


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        _refuse_read_only(connection)
        connection.pragma("synchronous", "normal")
        connection.pragma("mmap_size", 0)
        connection.pragma("cell_size_check", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("temp_store", "memory")
        # What is dropped is overwritten, since it is somebody's code.
        connection.pragma("secure_delete", True)
        connection.pragma("journal_size_limit", _LOG_BYTES)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_read_only(connection: apsw.Connection) -> None:
    if connection.readonly("main"):
        raise apsw.ReadOnlyError("the file or its file system is read-only")


def _make(path: Path) -> None:
    """Build the file beside its place and rename it, so that nobody ever opens a half-made one."""
    fresh = path.with_name(f"{path.name}.new")
    for old in (fresh, *_sides(fresh)):
        old.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = apsw.Connection(str(fresh), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.pragma("auto_vacuum", "incremental")
        connection.pragma("journal_mode", "wal")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLES + leases.TABLE)
        connection.pragma("application_id", _APPLICATION_ID)
        connection.pragma("user_version", SCHEMA_VERSION)
        connection.execute("COMMIT")
    finally:
        connection.close()
    # A log left behind by a file that is gone would be replayed into the new one.
    for side in _sides(path):
        side.unlink(missing_ok=True)
    fresh.replace(path)


def _sides(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + suffix) for suffix in _SIDES)
