"""The reply cache: what models answered and what passed the checks, by what exactly was asked.

It holds code, so the file is its owner's alone, and it is disposable: a damaged one is begun anew. Every call is short
and synchronous and may come from any thread; many processes share one file. Nothing of it is kept in memory but
SQLite's page cache, at most 2 MB.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import apsw

from tierwise.store import leases
from tierwise.store.cache_errors import CacheError, cache_error, is_damage
from tierwise.store.cache_file import BUSY_TIMEOUT_MS, n_bytes_of, n_bytes_used, open_file, replace_file
from tierwise.store.cache_rows import ALIKE, COLUMNS, MARKS, Kept, from_row, seal_of, to_row
from tierwise.store.checksums import Row
from tierwise.store.errors import LedgerError
from tierwise.store.patience import Patience, patiently
from tierwise.store.tables import fetch

_MOST_ALIKE = 8
"""Of one piece of work so many replies are looked at, the newest: one for each model and state of what is around."""
_DAY_US = timedelta(days=1) // timedelta(microseconds=1)
_LOW_WATER = 0.9
"""A full cache is emptied down to this part of its bound, so that not every reply has to make room."""
_AT_A_TIME = 32
_PART_OF_ALL = 4
"""A reply larger than this part of the bound is not kept."""
# The names of the columns are constants.
_INSERT = f"INSERT OR REPLACE INTO replies ({', '.join(COLUMNS)}, used_us, seal) VALUES ({MARKS}, ?, ?)"  # noqa: S608
_FIND = f"SELECT {', '.join(COLUMNS)}, seal FROM replies "  # noqa: S608
_FIND += f"WHERE piece = ? AND scope = ? AND stored_us BETWEEN ? AND ? ORDER BY id DESC LIMIT {_MOST_ALIKE}"
_OLDEST = f"SELECT id FROM replies ORDER BY used_us, id LIMIT {_AT_A_TIME}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the file holds."""

    n_replies: int
    n_bytes: int
    """Bytes in use, indexes included."""
    n_hits: int
    """How often what is there now was served."""
    oldest_us: int | None
    """When the oldest reply was stored; None: there is none."""


def cache_beside(ledger: Path) -> Path:
    """Where the cache lies: in the ledger's folder, under a name made of its own."""
    return ledger.with_name(f"{ledger.stem}-cache.sqlite3")


class ReplyCache:
    """An open cache. Every method may raise CacheError."""

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int,
        max_age: timedelta,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._max_age_us = max_age // timedelta(microseconds=1)
        self._now_us = now_us
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._is_closed = False

    def find(self, scope: bytes, piece: bytes) -> tuple[Kept, ...]:
        """What was answered to this piece of work and has not expired, the newest first."""
        now = self._now_us()
        # A clock that was ahead must not keep a reply for ever.
        bounds = (now - self._max_age_us, now + _DAY_US)
        with self._open() as connection:
            try:
                rows: list[Row] = connection.execute(_FIND, (piece, scope, *bounds)).fetchall()
            except UnicodeDecodeError:
                # A bit has flipped in a name; what is served is checked, so this is a miss.
                return ()
        found = (from_row(row) for row in rows)
        return tuple(kept for kept in found if kept is not None and kept.scope == scope)

    def put(self, kept: Kept) -> bool:
        """Keep a reply, in place of one with the same key, and make room; False: it is too large to keep."""
        now = self._now_us()
        row = to_row(kept, now)
        if self._max_bytes < _PART_OF_ALL * len(row[COLUMNS.index("text")]):
            return False
        with self._write() as connection:
            connection.execute("DELETE FROM replies WHERE stored_us < ?", (now - self._max_age_us,))
            connection.execute(_INSERT, (*row, now, seal_of(row)))
            self._make_room(connection)
        return True

    def note_hit(self, key: bytes) -> None:
        """Count that a reply was served, which puts off its end when room is made."""
        with self._write() as connection:
            connection.execute(
                "UPDATE replies SET used_us = ?, n_hits = n_hits + 1 WHERE key = ?", (self._now_us(), key)
            )

    def drop(self, key: bytes) -> None:
        """Forget one reply."""
        with self._write() as connection:
            connection.execute("DELETE FROM replies WHERE key = ?", (key,))

    def forget(self, scope: bytes, task: bytes) -> int:
        """Forget all replies to a click, or to a piece of work; returns how many there were."""
        with self._write() as connection:
            connection.execute("DELETE FROM replies WHERE task = ?1 AND scope = ?2", (task, scope))
            n_dropped = connection.changes()
            connection.execute("DELETE FROM replies WHERE piece = ?1 AND scope = ?2", (task, scope))
            return n_dropped + connection.changes()

    def take_lease(self, scope: bytes, piece: bytes, longest_s: float) -> bytes | None:
        """Take a piece of work on for all windows, for `longest_s` seconds at most; see `store.leases`.

        Returns the token to give it back with; None: another window is at it.
        """
        with self._write() as connection:
            return leases.take(connection, scope, piece, longest_s)

    def give_back_lease(self, scope: bytes, piece: bytes, token: bytes) -> None:
        """The work is done, or given up."""
        with self._write() as connection:
            leases.give_back(connection, scope, piece, token)

    def clear(self) -> int:
        """Forget everything and give the room back; returns how many replies there were."""
        with self._write() as connection:
            connection.execute("DELETE FROM replies")
            n_dropped = connection.changes()
        with self._open() as connection:
            fetch(connection, "PRAGMA incremental_vacuum")
            # What is left in the log of windows that never let go is overwritten when one of them folds it next.
            with suppress(apsw.BusyError):
                patiently(
                    lambda: connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE),
                    Patience(BUSY_TIMEOUT_MS / 1000),
                )
        return n_dropped

    def figures(self) -> CacheFigures:
        """What it holds now."""
        with self._open() as connection:
            # Rows that only say which instruction a reply answered are no replies of their own.
            query = "SELECT count(*) FILTER (WHERE form <> ?), ifnull(sum(n_hits), 0), min(stored_us) FROM replies"
            n_replies, n_hits, oldest_us = fetch(connection, query, (ALIKE,))[0]
            return CacheFigures(n_replies, n_bytes_used(connection), n_hits, oldest_us)

    def close(self) -> None:
        """Close the file; nothing can be asked of it afterwards."""
        with self._lock:
            self._is_closed = True
            self._close_connection()

    def _make_room(self, connection: apsw.Connection) -> None:
        if self._max_bytes < n_bytes_used(connection):
            while self._max_bytes * _LOW_WATER < n_bytes_used(connection):
                connection.execute(f"DELETE FROM replies WHERE id IN ({_OLDEST})")  # noqa: S608 -- a constant.
                if not connection.changes():
                    break
        if self._max_bytes < n_bytes_of(connection):
            # The bound was lowered, and the room is given back a part at a time.
            fetch(connection, "PRAGMA incremental_vacuum(256)")

    @contextmanager
    def _write(self) -> Iterator[apsw.Connection]:
        """One short transaction, alone among all processes."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _open(self) -> Iterator[apsw.Connection]:
        """The connection to the file that lies at the path now. Raises CacheError."""
        with self._lock:
            if self._is_closed:
                raise CacheError(f"the reply cache {str(self.path)!r} is closed", code="closed")
            try:
                yield self._current()
            except LedgerError as error:
                # Said of the lock under which the file is made, which the cache shares with the ledger's way.
                raise cache_error(apsw.BusyError(error.words), self.path) from error
            except (apsw.Error, OSError) as error:
                if is_damage(error):
                    self._begin_anew()
                raise cache_error(error, self.path) from error

    def _current(self) -> apsw.Connection:
        if self._connection is not None and self._file == self._file_now():
            return self._connection
        self._close_connection()
        self._connection, was_damaged = open_file(self.path)
        self._file = self._file_now()
        if was_damaged:
            raise cache_error(apsw.CorruptError(), self.path)
        return self._connection

    def _begin_anew(self) -> None:
        """Replace a file that turned out damaged, unless somebody has done so already."""
        if self._connection is None or self._file != self._file_now():
            return
        self._close_connection()
        try:
            self._connection = replace_file(self.path)
            self._file = self._file_now()
        except (apsw.Error, OSError, LedgerError) as error:
            raise cache_error(error if isinstance(error, OSError) else apsw.CantOpenError(), self.path) from error

    def _close_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._file != self._file_now():
            # The log at the path may be another file's by now.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()

    def _file_now(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.path)  # noqa: PTH116 -- called for every look-up; Path.stat takes twice as long.
        except OSError:
            return None
        return status.st_dev, status.st_ino
