"""The live file: transactions on it, safe for any thread, and its replacement when it turns out damaged."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from tierwise.store.errors import LedgerError, ledger_error
from tierwise.store.migrations import MIGRATIONS, refuse_newer, schema_version
from tierwise.store.opening import (
    Synchronous,
    connect,
    exclusively,
    open_connection,
    refuse_unsound_place,
    set_aside,
)


class Database:
    """One connection that writes and one that reads, each behind its own lock.

    Any thread may use it: writers queue in this process behind the lock and between processes behind SQLite's
    busy timeout; a long read never keeps a writer waiting.
    """

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        """Raises LedgerError when the file cannot be opened."""
        self.path = path
        self.generation = 0
        """Counts the files opened at this path: row numbers of one mean nothing in the next."""
        self.notices: list[str] = []
        """Sentences for the user about files that were replaced."""
        self._synchronous = synchronous
        self._lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer: apsw.Connection | None = None
        self._reader: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._is_closed = False
        with self._in_words(), self._lock:
            refuse_unsound_place(path, apsw.sqlite_lib_version())
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with exclusively(path):
                self._open()

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """One short transaction, alone among all processes from its first statement on. Raises LedgerError."""
        with self._in_words(), self._lock:
            writer = self._current_writer()
            writer.execute("BEGIN IMMEDIATE")
            try:
                # Another window's newer Tierwise may have migrated the file under us.
                refuse_newer(schema_version(writer), self.path, len(MIGRATIONS))
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """A view of one moment, which writers do not change and which does not stop them. Raises LedgerError."""
        with self._in_words():
            with self._lock:
                self._current_writer()
            with self._read_lock:
                if self._reader is None:
                    self._reader = connect(self.path, self._synchronous)
                reader = self._reader
                reader.execute("BEGIN")
                try:
                    refuse_newer(schema_version(reader), self.path, len(MIGRATIONS))
                    yield reader
                finally:
                    if reader.in_transaction:
                        reader.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; the last process to do so folds the log into it."""
        with self._lock, self._read_lock:
            self._is_closed = True
            self._close_connections()

    def _current_writer(self) -> apsw.Connection:
        """The connection to the file that lies at the path now, which is a new one when somebody moved the old."""
        if self._is_closed:
            raise LedgerError(f"the ledger {str(self.path)!r} is closed", code="closed")
        if self._writer is None or self._file != self._file_now():
            if self._writer is not None:
                self.notices.append(f"the ledger {str(self.path)!r} was moved or deleted; a new one was opened")
            with self._read_lock:
                self._close_connections()
            with exclusively(self.path):
                self._open()
        assert self._writer is not None  # noqa: S101 -- `_open` has set it or raised.
        return self._writer

    def _open(self) -> None:
        self._writer, notice = open_connection(self.path, self._synchronous)
        self._file = self._file_now()
        self.generation += 1
        if notice is not None:
            self.notices.append(notice)

    def _replace_damaged(self) -> str:
        """Set the file aside unless another process has done so already; returns what the user is told."""
        with self._lock, self._read_lock, exclusively(self.path):
            for connection in (self._reader, self._writer):
                if connection is not None:
                    # Closing would otherwise fold the log into the damaged file.
                    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            is_ours = self._file is not None and self._file == self._file_now()
            notice = set_aside(self.path, "is damaged") if is_ours else None
            self._close_connections()
            self._open()
        if notice is None:
            return f"the ledger {str(self.path)!r} was damaged and has been replaced; try again"
        self.notices.append(notice)
        return notice

    def _file_now(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.path)  # noqa: PTH116 -- called for every transaction; Path.stat takes twice as long.
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _close_connections(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._reader = self._writer = None

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise LedgerError(self._replace_damaged(), code="damaged") from error
        except (apsw.Error, OSError) as error:
            raise ledger_error(error, self.path) from error
