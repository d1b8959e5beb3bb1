"""Finished stretches of the ledger, added up once and kept, so that statistics do not read every row again.

A chunk is 512 rows in which nothing runs any more; 32 chunks of one level make one of the next, up to level 2.
A summary is only a memory of a sum of rows whose checksums were right: deleting all of them loses nothing but time.
"""

import json
from collections.abc import Iterator

import apsw

from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.database import Database
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table, fetch
from tierwise.store.tallies import Sums, sum_rows

CHUNK_ROWS = 512
FAN_OUT = 32
FORM = 1
"""Counts the forms a summary's body has had; one of another form is made again."""
_LEVELS = (0, 1, 2)


def gather(connection: apsw.Connection, table: Table, since_us: int | None) -> Sums:
    """Add up a table's rows from `since_us`, microseconds since 1970, on; None: all rows."""
    total = Sums()
    last = table.last_id(connection)
    sealed = _Sealed(connection, table)
    for level, number in _cover(sealed, last):
        total.add(_gather_chunk(connection, sealed, level, number, since_us))
    return total


def seal(database: Database) -> int:
    """Keep the sums of chunks that are finished and not kept yet, one short transaction each; returns how many.

    Raises LedgerError.
    """
    n_sealed = 0
    for table in (ACTIONS, ATTEMPTS):
        with database.read() as connection:
            sealed = _Sealed(connection, table)
            last = table.last_id(connection)
        missing = [
            (level, number)
            for level in _LEVELS
            for number in range(last // _n_rows(level))
            if not sealed.has(level, number)
        ]
        for level, number in missing:
            with database.write() as connection:
                n_sealed += _seal_chunk(connection, table, level, number)
    return n_sealed


def forget(connection: apsw.Connection, table: Table, row_id: int) -> None:
    """Drop the summaries a row is part of; to be called in the transaction that changes a row which had ended."""
    for level in _LEVELS:
        connection.execute(
            "DELETE FROM summaries WHERE source = ? AND level = ? AND chunk = ?",
            (table.name, level, (row_id - 1) // _n_rows(level)),
        )


def open_stretches(connection: apsw.Connection, table: Table) -> Iterator[tuple[int, int]]:
    """First and last row of each stretch that is not sealed, which is where something may still run."""
    last = table.last_id(connection)
    sealed = _Sealed(connection, table)
    for number in range(-(-last // CHUNK_ROWS)):
        if not sealed.has(0, number):
            yield _span(0, number)


class _Sealed:
    """The summaries of one table that are there; whether their bodies are sound shows when they are read."""

    def __init__(self, connection: apsw.Connection, table: Table) -> None:
        self.table = table
        self._connection = connection
        query = "SELECT level, chunk FROM summaries WHERE source = ? AND form = ?"
        self._known = set(fetch(connection, query, (table.name, FORM)))

    def has(self, level: int, number: int) -> bool:
        return (level, number) in self._known

    def read(self, level: int, number: int) -> Sums | None:
        """None: there is none, or it is damaged."""
        if not self.has(level, number):
            return None
        try:
            rows = fetch(
                self._connection,
                "SELECT source, level, chunk, form, body, crc FROM summaries "
                "WHERE source = ? AND level = ? AND chunk = ? AND form = ?",
                (self.table.name, level, number, FORM),
            )
        except UnicodeDecodeError:
            return None
        return Sums.from_plain(json.loads(rows[0][4])) if rows and is_sound(rows[0]) else None


def _n_rows(level: int) -> int:
    return CHUNK_ROWS * int(FAN_OUT**level)


def _span(level: int, number: int) -> tuple[int, int]:
    size = _n_rows(level)
    return number * size + 1, (number + 1) * size


def _cover(sealed: _Sealed, last: int) -> Iterator[tuple[int, int]]:
    """The chunks that together hold every row once, big ones where they are sealed."""
    number = 0
    n_chunks = -(-last // CHUNK_ROWS)
    while number < n_chunks:
        level = next(level for level in reversed(_LEVELS) if level == 0 or _begins_sealed(sealed, level, number))
        yield level, number // FAN_OUT**level
        number += FAN_OUT**level


def _begins_sealed(sealed: "_Sealed", level: int, number: int) -> bool:
    """Whether a sealed chunk of this level begins where the chunk `number` of level 0 does."""
    return number % FAN_OUT**level == 0 and sealed.has(level, number // FAN_OUT**level)


def _gather_chunk(connection: apsw.Connection, sealed: _Sealed, level: int, number: int, since_us: int | None) -> Sums:
    """One chunk's sums, from its summary unless `since_us` cuts through it."""
    summary = sealed.read(level, number)
    if summary is not None and not _is_cut(summary, since_us):
        return summary if _is_wanted(summary, since_us) else Sums(n_damaged=summary.n_damaged)
    if level == 0:
        return _read_chunk(connection, sealed.table, number, since_us)
    total = Sums()
    for child in _children(number):
        total.add(_gather_chunk(connection, sealed, level - 1, child, since_us))
    return total


def _is_cut(sums: Sums, since_us: int | None) -> bool:
    if since_us is None or sums.first_us is None or sums.last_us is None:
        return False
    return sums.first_us < since_us <= sums.last_us


def _is_wanted(sums: Sums, since_us: int | None) -> bool:
    return since_us is None or (sums.first_us is not None and since_us <= sums.first_us)


def _read_chunk(connection: apsw.Connection, table: Table, number: int, since_us: int | None) -> Sums:
    first, last = _span(0, number)
    n_written = min(last, table.last_id(connection)) - first + 1
    rows = table.sound_rows(connection, first, last)
    n_damaged = n_written - len(rows)
    if since_us is not None:
        started = table.columns.index("started_us")
        rows = [row for row in rows if since_us <= row[started]]
    sums = sum_rows(table, rows)
    sums.n_damaged = n_damaged
    return sums


def _seal_chunk(connection: apsw.Connection, table: Table, level: int, number: int) -> bool:
    total = _finished(connection, table, number) if level == 0 else _joined(_Sealed(connection, table), level, number)
    if total is None:
        return False
    values = (table.name, level, number, FORM, json.dumps(total.to_plain(), separators=(",", ":")))
    connection.execute(
        "INSERT OR REPLACE INTO summaries (source, level, chunk, form, body, crc) VALUES (?, ?, ?, ?, ?, ?)",
        (*values, row_checksum(values)),
    )
    return True


def _finished(connection: apsw.Connection, table: Table, number: int) -> Sums | None:
    running = fetch(
        connection,
        f"SELECT 1 FROM {table.name} WHERE id BETWEEN ? AND ? AND outcome = 'running' LIMIT 1",  # noqa: S608
        _span(0, number),
    )
    return None if running else _read_chunk(connection, table, number, None)


def _joined(sealed: _Sealed, level: int, number: int) -> Sums | None:
    total = Sums()
    if not all(sealed.has(level - 1, child) for child in _children(number)):
        return None
    for child in _children(number):
        part = sealed.read(level - 1, child)
        if part is None:
            return None
        total.add(part)
    return total


def _children(number: int) -> range:
    return range(number * FAN_OUT, (number + 1) * FAN_OUT)
