"""Bringing the rows of the whole team into a file of its own beside the ledger, where statistics are read as ever.

The file is a copy: deleting it loses nothing but the time to fetch it again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from tierwise.store.checksums import Row
from tierwise.store.database import Database
from tierwise.store.summaries import forget
from tierwise.store.tables import ACTIONS, Table, fetch
from tierwise.store.team_rows import TRAVELLING, Travelling
from tierwise.store.team_state import read_number, read_state, write_state

if TYPE_CHECKING:
    from tierwise.store.team_server import Connection, TeamServer

_BATCH_ROWS = 1000
_BATCH_S = 20.0
PULLED = "pulled"
"""Under this name the copy keeps when it was last made whole, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of it."""

    n_rows: int
    """Rows that were new here or had gone on."""
    n_refused: int
    """Rows that are not what was sent, or nothing our own program could have written."""


def team_copy_beside(ledger: Path) -> Path:
    """Where the copy lies: in the ledger's folder, under a name made of its own."""
    return ledger.with_name(f"{ledger.stem}-team.sqlite3")


def pull(copy: Database, server: "TeamServer", now_us: int, *, longest_s: float = _BATCH_S) -> Pulled:
    """Fetch what changed since the last time. Raises TeamError and LedgerError."""
    _greet(copy, server, longest_s)
    n_rows = n_refused = 0
    for travelling in TRAVELLING:
        while True:
            found, is_last = _fetch(copy, server, travelling, longest_s)
            n_new, n_bad = _take_over(copy, travelling, found)
            n_rows, n_refused = n_rows + n_new, n_refused + n_bad
            if is_last:
                break
    with copy.write() as connection:
        write_state(connection, PULLED, str(now_us))
    return Pulled(n_rows, n_refused)


def _greet(copy: Database, server: "TeamServer", longest_s: float) -> None:
    """Begin again with an empty copy where the server was made anew or set back."""
    identity = server.identity(longest_s)
    with server.transaction(longest_s) as remote:
        row = remote.execute("SELECT last_value FROM tierwise.changes").fetchone()
    now = int(row[0]) if row else 0
    with copy.write() as connection:
        furthest = max(read_number(connection, f"cursor/{one.table.name}") for one in TRAVELLING)
        if read_state(connection, "server") == identity and furthest <= now:
            return
        for one in TRAVELLING:
            connection.execute(f"DELETE FROM {one.table.name}")  # noqa: S608 -- the name is a constant.
            write_state(connection, f"cursor/{one.table.name}", "0")
        for name in ("summaries", "team_rows", "sqlite_sequence"):
            connection.execute(f"DELETE FROM {name}")  # noqa: S608 -- the name is a constant.
        write_state(connection, "server", identity)


def _fetch(copy: Database, server: "TeamServer", travelling: Travelling, longest_s: float) -> tuple[list[Row], bool]:
    """The next rows of one table, the number of their change last."""
    name = travelling.table.name
    with copy.read() as connection:
        cursor = read_number(connection, f"cursor/{name}")
    query = (
        f"SELECT {', '.join(travelling.columns)}, seq FROM tierwise.{name}"  # noqa: S608 -- names are constants.
        " WHERE %s < seq ORDER BY seq LIMIT %s"
    )
    with server.transaction(longest_s) as remote:
        rows = _read(remote, query, (cursor, _BATCH_ROWS))
    return rows, len(rows) < _BATCH_ROWS


def _read(remote: "Connection", query: str, bindings: tuple[Any, ...]) -> list[Row]:
    return [tuple(row) for row in remote.execute(query.encode(), bindings).fetchall()]


def _take_over(copy: Database, travelling: Travelling, found: list[Row]) -> tuple[int, int]:
    n_new = n_refused = 0
    if not found:
        return 0, 0
    with copy.write() as connection:
        last = travelling.table.last_id(connection)
        for *values, _ in found:
            row = tuple(values)
            if not travelling.is_believable(row):
                n_refused += 1
                continue
            last += _put(connection, travelling, row, last)
            n_new += 1
        write_state(connection, f"cursor/{travelling.table.name}", str(found[-1][-1]))
    return n_new, n_refused


def _put(connection: apsw.Connection, travelling: Travelling, row: Row, last: int) -> int:
    """Write a row, or its later state; returns how many rows the table is longer by."""
    table, key = travelling.table, row[:3]
    number = _number_of(connection, table, key)
    click = 0 if table is ACTIONS else _click_of(connection, row[0])
    if number is None:
        table.insert(connection, travelling.arrive(row, last + 1, click))
        connection.execute("INSERT INTO team_rows VALUES (?, ?, ?, ?, ?)", (table.name, *key, last + 1))
        if table is ACTIONS:
            _adopt(connection, row[0], last + 1)
        return 1
    before = table.find(connection, number)
    if before is not None:
        after = travelling.arrive(row, number, click)
        table.rewrite(connection, before, dict(zip(table.columns[1:], after[1:], strict=True)))
        forget(connection, table, number)
    return 0


def _number_of(connection: apsw.Connection, table: Table, key: Row) -> int | None:
    query = "SELECT id FROM team_rows WHERE source = ? AND click = ? AND started_us = ? AND twin = ?"
    rows = fetch(connection, query, (table.name, *key))
    return rows[0][0] if rows else None


def _click_of(connection: apsw.Connection, key: str) -> int:
    """The number of a click in the copy; 0: it has not come yet."""
    query = "SELECT id FROM team_rows WHERE source = ? AND click = ? LIMIT 1"
    rows = fetch(connection, query, (ACTIONS.name, key))
    return rows[0][0] if rows else 0


def _adopt(connection: apsw.Connection, key: str, click: int) -> None:
    """Join rows that came before their click to it."""
    for table in (one.table for one in TRAVELLING if one.table is not ACTIONS):
        query = "SELECT id FROM team_rows WHERE source = ? AND click = ?"
        for (number,) in fetch(connection, query, (table.name, key)):
            row = table.find(connection, number)
            if row is not None:
                table.rewrite(connection, row, {"action": click})
                forget(connection, table, number)
