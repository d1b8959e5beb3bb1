"""Ending what dead processes left running in the ledger."""

from datetime import timedelta

import apsw

from tierwise.store.admission import end_as_unknown
from tierwise.store.admission import is_alive as is_process_alive
from tierwise.store.database import Database
from tierwise.store.summaries import open_stretches
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table, fetch

GIVE_UP_AFTER_US = timedelta(hours=24) // timedelta(microseconds=1)
"""A row whose process cannot be asked about, as one in another container, counts as ended after this long."""


def sweep_table(database: Database, table: Table, now_us: int) -> int:
    """Give rows left running by dead processes the outcome `unknown`; returns how many. Raises LedgerError."""
    with database.read() as connection:
        dead = _dead_rows(connection, table, now_us)
    if not dead:
        return 0
    n_swept = 0
    with database.write() as connection:
        # Where nobody can tell who lives, these may even be rows that this process remembers as open.
        database.n_surprises += 1
        for number in dead:
            if table is ATTEMPTS:
                n_swept += end_as_unknown(connection, number)
                continue
            row = table.find(connection, number)
            if row is not None and table.column(row, "outcome") == "running":
                table.rewrite(connection, row, {"outcome": "unknown", "code": "process-ended"})
                n_swept += 1
    return n_swept


def sweep(database: Database, now_us: int) -> int:
    """Sweep both tables; returns how many calls of models were given up. Raises LedgerError."""
    n_attempts = sweep_table(database, ATTEMPTS, now_us)
    sweep_table(database, ACTIONS, now_us)
    return n_attempts


def _dead_rows(connection: apsw.Connection, table: Table, now_us: int) -> list[int]:
    is_alive: dict[int, bool | None] = {}
    dead: list[int] = []
    for first, last in open_stretches(connection, table):
        running = fetch(
            connection,
            f"SELECT id, owner, started_us FROM {table.name} "  # noqa: S608 -- the name is a constant.
            "WHERE id BETWEEN ? AND ? AND outcome = 'running'",
            (first, last),
        )
        for number, owner, started_us in running:
            if owner not in is_alive:
                is_alive[owner] = is_process_alive(connection, owner)
            alive = is_alive[owner]
            if alive is False or (alive is None and started_us < now_us - GIVE_UP_AFTER_US):
                dead.append(number)
    return dead
