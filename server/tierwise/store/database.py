"""The live file: transactions on it, safe for any thread, and its replacement when it turns out damaged."""

import sys
import threading
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import apsw

from tierwise.store.errors import LedgerError, ledger_error
from tierwise.store.migrations import refuse_newer, schema_version
from tierwise.store.opening import Synchronous, close_untouched, connect, open_connection, replace_damaged
from tierwise.store.places import exclusively, refuse_unsound_place
from tierwise.store.syncing import Syncer


class Database:
    """One connection that writes and one that reads, each behind its own lock.

    Any thread may use it: writers queue in this process behind the lock and between processes behind SQLite's
    busy timeout; a long read never keeps a writer waiting.
    """

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        """Raises LedgerError when the file cannot be opened."""
        self.path = path
        self._name = str(path)
        self.generation = 0
        """Counts the files opened at this path: row numbers of one mean nothing in the next."""
        self.notices: list[str] = []
        """Sentences for the user about files that were replaced."""
        self._synchronous = synchronous
        self._syncer = Syncer(path) if synchronous == "soon" else None
        self.lock = threading.Lock()
        self.sealing = threading.Lock()
        """Held by the thread that adds up rows for all others; never asked for by who holds another lock of this."""
        self._read_lock = threading.Lock()
        self._writer: apsw.Connection | None = None
        self.statements: apsw.Cursor
        """Within a transaction that writes: its connection's cursor, for statements that give nothing back. Each call
        of the connection itself makes a cursor, which takes a tenth of the time of a booking."""
        self._moved = array("i", [0])
        self._moved_at, _ = self._moved.buffer_info()
        self._is_reached_directly = False
        """No symbolic link lay on the way to the file when it was opened, so that SQLite knows it by the same path."""
        self._reader: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._is_closed = False
        self._last_version: int | None = None
        """The state of the file after our last transaction; None after one that failed."""
        self._transaction = _Transaction(self)
        self.n_surprises = 0
        """Counts the transactions that may have met rows of others. As long as it is the same within transactions that
        write, the file holds what it held before and what this object wrote."""
        refuse_unsound_place(path, apsw.sqlite_lib_version())
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open()
        except (apsw.Error, OSError) as error:
            raise ledger_error(error, path) from error

    def write(self) -> AbstractContextManager[apsw.Connection]:
        """One short transaction, alone among all processes from its first statement on. Raises LedgerError."""
        return self._transaction

    def begin(self) -> apsw.Connection:
        """Begin a transaction, for `write` alone."""
        writer = self._writer
        # The same question as in `_current_writer`, which is asked for every booking.
        if writer is None or self._has_moved(writer):
            writer = self._current_writer()
        self.statements.execute("BEGIN IMMEDIATE")
        try:
            is_as_we_left_it = writer.data_version() == self._last_version
            self._last_version = None
            if not is_as_we_left_it:
                self.n_surprises += 1
                # Somebody else wrote meanwhile, maybe a newer Tierwise that migrated the file under us.
                refuse_newer(schema_version(writer), self.path)
        except BaseException:
            self.roll_back()
            raise
        return writer

    def commit(self, writer: apsw.Connection) -> None:
        """End a transaction that went well, for `write` alone."""
        self.statements.execute("COMMIT")
        self._last_version = writer.data_version()
        if self._syncer is not None:
            self._syncer.want()
            if self._syncer.problem is not None:
                self._tell_of_disk(self._syncer)

    def roll_back(self) -> None:
        """End a transaction that did not go well, for `write` alone."""
        self.statements.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """A view of one moment, which writers do not change and which does not stop them. Raises LedgerError."""
        try:
            with self.lock:
                self._current_writer()
            with self._read_lock:
                if self._reader is None:
                    self._reader = connect(self.path, self._synchronous)
                reader = self._reader
                reader.execute("BEGIN")
                try:
                    refuse_newer(schema_version(reader), self.path)
                    yield reader
                finally:
                    if reader.in_transaction:
                        reader.execute("ROLLBACK")
        except (apsw.Error, OSError) as error:
            raise self.in_words(error) from error

    def close(self) -> None:
        """Close the file; the last process to do so folds the log into it. Raises LedgerError."""
        with self.lock, self._read_lock:
            self._is_closed = True
            if self._syncer is not None:
                self._syncer.finish()
            try:
                self._close_connections()
            except apsw.Error as error:
                raise ledger_error(error, self.path) from error

    def _tell_of_disk(self, syncer: Syncer) -> None:
        problem, syncer.problem = syncer.problem, None
        if problem is not None:
            # What was committed is seen all the same, so the commit itself has not failed.
            self.notices.append(ledger_error(problem, self.path).words)

    def _current_writer(self) -> apsw.Connection:
        """The connection to the file that lies at the path now, which is a new one when somebody moved the old."""
        if self._is_closed:
            raise LedgerError(f"the ledger {str(self.path)!r} is closed; start Tierwise again", code="closed")
        if self._writer is not None and not self._has_moved(self._writer):
            return self._writer
        if self._writer is not None:
            self.notices.append(f"the ledger {str(self.path)!r} was moved or deleted; the one there now is used")
        with self._read_lock:
            self._close_connections()
        return self._open()

    def _open(self) -> apsw.Connection:
        with exclusively(self.path):
            self._writer, notice = open_connection(self.path, self._synchronous)
            self._took_over(notice)
        return self._writer

    def _took_over(self, notice: str | None) -> None:
        self._file = self._file_now()
        if self._writer is not None:
            self.statements = self._writer.cursor()
        self._is_reached_directly = sys.platform != "win32" and self.path.resolve() == self.path.absolute()
        self._last_version = None
        self.generation += 1
        if notice is not None:
            self.notices.append(notice)

    def _replace_damaged(self) -> str:
        """Set the file aside unless another process has done so already; returns what the user is told."""
        with self.lock, self._read_lock, exclusively(self.path):
            is_ours = self._writer is not None and self._file == self._file_now()
            self._close_connections(is_damaged=True)
            if not is_ours:
                return f"the ledger {str(self.path)!r} was damaged and has been replaced; try again"
            self._writer, notice = replace_damaged(self.path, "is damaged", self._synchronous)
            self._took_over(notice)
        return notice

    def _has_moved(self, writer: apsw.Connection) -> bool:
        """Whether another file, or none, lies at the path by now."""
        if not self._is_reached_directly:
            return self._file != self._file_now()
        # Asked for every booking; SQLite's own look takes half as long as `os.stat`.
        writer.file_control("main", apsw.SQLITE_FCNTL_HAS_MOVED, self._moved_at)
        return self._moved[0] != 0

    def _file_now(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _close_connections(self, *, is_damaged: bool = False) -> None:
        # A file that was moved away is not ours to change any more, and a damaged one is kept as it is.
        is_kept_as_it_is = is_damaged or self._file != self._file_now()
        for connection in (self._reader, self._writer):
            if connection is not None and is_kept_as_it_is:
                close_untouched(connection)
            elif connection is not None:
                connection.close()
        self._reader = self._writer = None

    def in_words(self, error: apsw.Error | OSError) -> LedgerError:
        """Put a failure into words; a damaged file is replaced first. Called with no lock held."""
        if not isinstance(error, apsw.CorruptError | apsw.NotADBError):
            return ledger_error(error, self.path)
        try:
            return LedgerError(self._replace_damaged(), code="damaged")
        except (apsw.Error, OSError) as second_error:
            return ledger_error(second_error, self.path)


class _Transaction:
    """What `Database.write` gives; a generator would take a tenth of the time of the whole booking.

    One serves all, since only who holds the lock looks at the connection in it.
    """

    __slots__ = ("_database", "_writer")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer: apsw.Connection | None = None

    def __enter__(self) -> apsw.Connection:
        self._database.lock.acquire()
        try:
            self._writer = self._database.begin()
        except BaseException as error:
            self._database.lock.release()
            self._put_into_words(error)
            raise
        return self._writer

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        database, writer = self._database, self._writer
        assert writer is not None  # noqa: S101 - nobody leaves what they have not entered.
        try:
            try:
                if error is None:
                    database.commit(writer)
            finally:
                try:
                    if writer.in_transaction:
                        database.roll_back()
                finally:
                    database.lock.release()
        except (apsw.Error, OSError) as problem:
            self._put_into_words(error or problem)
            raise
        if error is not None:
            self._put_into_words(error)

    def _put_into_words(self, error: BaseException) -> None:
        """Called with no lock held, since a damaged file is replaced on the way."""
        if isinstance(error, apsw.Error | OSError):
            raise self._database.in_words(error) from error


def sqlite_version() -> str:
    """The SQLite in use, e.g. `3.54.1`."""
    return str(apsw.sqlite_lib_version())
