"""What a ledger has not told its team's server yet, worked out from the rows themselves.

Rows are numbered without gaps, so one number for each table says up to where they were sent; those that were sent
before they were final are remembered with their checksum, and sent again when it is another. Booking a call costs
nothing more.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

import apsw

from tierwise.store.admission import is_alive
from tierwise.store.checksums import Row, is_sound
from tierwise.store.database import Database
from tierwise.store.tables import ATTEMPTS, Table, fetch
from tierwise.store.team_rows import TRAVELLING, Travelling
from tierwise.store.team_state import read_number, read_state, write_state

BATCH_ROWS = 256


@dataclass(slots=True)
class Leaving:
    """The rows of one table in one batch."""

    travelling: Travelling
    last: int
    """Up to this row everything was looked at."""
    rows: list[Row] = field(default_factory=list)
    """As they stand in the file."""
    wire: list[Row] = field(default_factory=list)
    """As they travel, in the same order."""
    unsound: list[int] = field(default_factory=list)
    """Rows that were sent once and are damaged now."""


@dataclass(slots=True)
class Batch:
    """What is sent in one transaction."""

    origin: str
    """A random id of this file, so that a server can tell machines apart; it names nobody."""
    tables: list[Leaving]
    holds: dict[int, str]
    """Money held on the server by the call that is over now; calls are rows of this batch, or gone."""
    let_go: list[str]
    """Holds no call ever used."""
    is_all: bool
    """Whether nothing is left behind for another batch."""

    @property
    def n_rows(self) -> int:
        """How many rows are sent."""
        return sum(len(leaving.wire) for leaving in self.tables)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell the server and nothing to note here."""
        return not (self.n_rows or self.holds or self.let_go)


def origin_of(database: Database) -> str:
    """The random id of a ledger's file, made when it is first asked for. Raises LedgerError."""
    with database.write() as connection:
        origin = read_state(connection, "origin")
        if origin is None:
            origin = uuid.uuid4().hex
            write_state(connection, "origin", origin)
    return origin


def next_batch(database: Database, origin: str) -> Batch:
    """What is to be sent now. Raises LedgerError."""
    with database.read() as connection:
        tables = [_leaving(connection, travelling, origin) for travelling in TRAVELLING]
        is_all = all(
            BATCH_ROWS > len(one.rows) and one.last == one.travelling.table.last_id(connection) for one in tables
        )
        holds, let_go = _finished_holds(connection)
        attempts = next(one for one in tables if one.travelling.table is ATTEMPTS)
        _add_rows(connection, attempts, holds, origin)
    return Batch(origin=origin, tables=tables, holds=holds, let_go=let_go, is_all=is_all)


def mark_sent(database: Database, batch: Batch) -> None:
    """Note that a batch has arrived. Raises LedgerError."""
    with database.write() as connection:
        for leaving in batch.tables:
            name, travelling = leaving.travelling.table.name, leaving.travelling
            if read_number(connection, f"sent/{name}") < leaving.last:
                write_state(connection, f"sent/{name}", str(leaving.last))
            for row in leaving.rows:
                if travelling.is_final(row):
                    _forget(connection, name, (row[0],))
                else:
                    connection.execute(
                        "INSERT OR REPLACE INTO team_unfinished VALUES (?, ?, ?)", (name, row[0], row[-1])
                    )
            _forget(connection, name, leaving.unsound)
        for hold in (*batch.holds.values(), *batch.let_go):
            connection.execute("DELETE FROM team_holds WHERE hold = ?", (hold,))


def begin_again(database: Database) -> None:
    """Forget what was sent, as to a server that does not have it any more. Raises LedgerError."""
    with database.write() as connection:
        connection.execute("DELETE FROM team_unfinished")
        connection.execute("DELETE FROM team_state WHERE name LIKE 'sent/%'")


def count_waiting(connection: apsw.Connection) -> int:
    """About how many rows the server has not been told of: new ones, and those that went on since."""
    n_waiting = 0
    for travelling in TRAVELLING:
        table = travelling.table
        n_waiting += max(0, table.last_id(connection) - read_number(connection, f"sent/{table.name}"))
        n_waiting += len(_changed(connection, table))
    return n_waiting


def _leaving(connection: apsw.Connection, travelling: Travelling, origin: str) -> Leaving:
    table = travelling.table
    first = read_number(connection, f"sent/{table.name}") + 1
    leaving = Leaving(travelling, min(first + BATCH_ROWS - 1, table.last_id(connection)))
    leaving.rows = table.sound_rows(connection, first, leaving.last)
    for number in _changed(connection, table)[: BATCH_ROWS - len(leaving.rows)]:
        row = table.find(connection, number)
        if row is not None and is_sound(row):
            leaving.rows.append(row)
        else:
            leaving.unsound.append(number)
    leaving.wire = [travelling.depart(connection, row, origin) for row in leaving.rows]
    return leaving


def _changed(connection: apsw.Connection, table: Table) -> list[int]:
    query = (
        f"SELECT now.id FROM team_unfinished AS sent JOIN {table.name} AS now ON now.id = sent.id "  # noqa: S608
        "WHERE sent.source = ? AND sent.crc != now.crc ORDER BY now.id"
    )
    return [row[0] for row in fetch(connection, query, (table.name,))]


def _forget(connection: apsw.Connection, name: str, numbers: Iterable[int]) -> None:
    for number in numbers:
        connection.execute("DELETE FROM team_unfinished WHERE source = ? AND id = ?", (name, number))


def _add_rows(connection: apsw.Connection, leaving: Leaving, numbers: Iterable[int], origin: str) -> None:
    """Money moves from held to spent in one transaction, so its call travels with it, once more if need be."""
    known = {row[0] for row in leaving.rows}
    for number in numbers:
        row = ATTEMPTS.find(connection, number)
        if number not in known and row is not None and is_sound(row):
            leaving.rows.append(row)
            leaving.wire.append(leaving.travelling.depart(connection, row, origin))


def _finished_holds(connection: apsw.Connection) -> tuple[dict[int, str], list[str]]:
    """The holds of calls that are over, and those of processes that died before they made theirs."""
    over: dict[int, str] = {}
    unused: list[str] = []
    for hold in fetch(connection, "SELECT hold, owner, attempt, is_offline, crc FROM team_holds"):
        name, owner, attempt = hold[:3]
        if not is_sound(hold) or attempt < 0:
            unused.append(name)
        elif attempt == 0:
            if is_alive(connection, owner) is False:
                unused.append(name)
        else:
            row = ATTEMPTS.find(connection, attempt)
            if row is None or ATTEMPTS.column(row, "outcome") != "running":
                over[attempt] = name
    return over, unused
