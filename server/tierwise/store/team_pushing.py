"""Bringing the rows of a ledger to its team's server. Everything may be done twice and is there once."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tierwise.store.database import Database
from tierwise.store.team_members import introduce
from tierwise.store.team_outbox import Batch, Leaving, begin_again, count_waiting, mark_sent, next_batch, origin_of
from tierwise.store.team_schema import PUSHING
from tierwise.store.team_state import read_number, read_state, write_state

if TYPE_CHECKING:
    from tierwise.store.team_server import Connection, TeamServer

_BATCH_S = 20.0
"""So long one batch may take."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of it."""

    n_rows: int
    """Rows the server was told, those it knew included."""
    n_changed: int
    """Rows that were new to it or had gone on."""


def push(database: Database, server: "TeamServer", *, member: str = "", longest_s: float = _BATCH_S) -> Pushed:
    """Send everything that waits, a few hundred rows at a time. Raises TeamError and LedgerError.

    What was sent before an error stays sent. `member` is the name others are to know these rows by; empty: none.
    """
    origin = origin_of(database)
    _greet(database, server, longest_s)
    introduce(database, server, origin, member, longest_s)
    n_rows = n_changed = 0
    while True:
        batch = next_batch(database, origin)
        if not batch.is_empty:
            n_changed += _send(database, server, batch, longest_s)
            n_rows += batch.n_rows
        if batch.is_empty or batch.is_all:
            # A batch of nothing but damaged rows is passed over.
            mark_sent(database, batch)
            if batch.is_all:
                return Pushed(n_rows, n_changed)


def n_waiting(database: Database) -> int:
    """About how many rows wait to be sent. Raises LedgerError."""
    with database.read() as connection:
        return count_waiting(connection)


def _greet(database: Database, server: "TeamServer", longest_s: float) -> None:
    """Begin again where the server was made anew, or set back to an earlier state."""
    identity = server.identity(longest_s)
    with server.transaction(longest_s) as remote:
        now = _last_change(remote)
    with database.read() as connection:
        known, seen = read_state(connection, "server"), read_number(connection, "seen")
    if known == identity and seen <= now:
        return
    if known is not None:
        begin_again(database)
    with database.write() as connection:
        write_state(connection, "server", identity)
        write_state(connection, "seen", str(now))


def _send(database: Database, server: "TeamServer", batch: Batch, longest_s: float) -> int:
    with server.transaction(longest_s) as remote:
        remote.execute("SELECT pg_advisory_xact_lock(%s)", (PUSHING,))
        n_changed = 0
        for leaving in batch.tables:
            if leaving.wire:
                rows = (_rows_as_json(batch, leaving),)
                n_changed += remote.execute(leaving.travelling.upsert.encode(), rows).rowcount
        gone = [*batch.holds.values(), *batch.let_go]
        if gone:
            remote.execute("DELETE FROM tierwise.holds WHERE hold = ANY(%s)", (gone,))
        seen = _last_change(remote)
    mark_sent(database, batch)
    with database.write() as connection:
        write_state(connection, "seen", str(max(seen, read_number(connection, "seen"))))
    return n_changed


def _rows_as_json(batch: Batch, leaving: Leaving) -> str:
    """One statement for all rows takes a tenth of the time of one each."""
    columns = leaving.travelling.columns
    rows = {
        wire[:3]: {**dict(zip(columns, wire, strict=True)), "origin": batch.origin, "hold": batch.holds.get(row[0])}
        for row, wire in zip(leaving.rows, leaving.wire, strict=True)
    }
    return json.dumps(list(rows.values()))


def _last_change(remote: "Connection") -> int:
    row = remote.execute("SELECT last_value FROM tierwise.changes").fetchone()
    return int(row[0]) if row else 0
