"""What the tests of a shared ledger have in common: the server's rows, and the rows it should have."""

from collections.abc import Iterable
from typing import Any

from store.ledgers import sound_rows
from team.running import PASSWORD, Postgres
from tierwise.store.ledger import Ledger
from tierwise.store.team import TeamAddress, open_team_server
from tierwise.store.team_budget import TeamSpent
from tierwise.store.team_outbox import origin_of
from tierwise.store.team_rows import TRAVELLING
from tierwise.store.team_server import TeamServer

SOON_S = 30.0
"""Nothing of a test takes so long."""


def connected(server: Postgres, database: str, port: int | None = None) -> TeamServer:
    """A connection as Tierwise makes it, maybe by another port."""
    return open_team_server(TeamAddress(server.url(database, port), PASSWORD))


def standing(server: TeamServer) -> TeamSpent:
    """What the server says of the money."""
    with server.transaction(SOON_S) as remote:
        row = remote.execute("SELECT * FROM tierwise.standing()").fetchone()
    assert row is not None
    return TeamSpent.of(tuple(row))


def rows_there(server: TeamServer) -> dict[str, list[tuple[Any, ...]]]:
    """Every row on the server, by table."""
    found = {}
    with server.transaction(SOON_S) as remote:
        for one in TRAVELLING:
            query = f"SELECT {', '.join(one.columns)} FROM tierwise.{one.table.name}"  # noqa: S608
            found[one.table.name] = sorted(remote.execute(query.encode()).fetchall())
    return found


def rows_here(ledgers: Iterable[Ledger]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of some ledgers as it travels, by table."""
    found: dict[str, list[tuple[Any, ...]]] = {one.table.name: [] for one in TRAVELLING}
    for ledger in ledgers:
        origin = origin_of(ledger.database)
        with ledger.database.read() as connection:
            for one in TRAVELLING:
                last = one.table.last_id(connection)
                rows = one.table.sound_rows(connection, 1, last)
                assert len(rows) == last
                found[one.table.name] += [one.depart(connection, row, origin) for row in rows]
    return {name: sorted(rows) for name, rows in found.items()}


def spent_there(server: TeamServer) -> int:
    """What the server's sums of all days say."""
    with server.transaction(SOON_S) as remote:
        row = remote.execute("SELECT coalesce(sum(pico_usd), 0) FROM tierwise.spending").fetchone()
    assert row is not None
    return int(row[0])


def spent_here(ledgers: Iterable[Ledger]) -> int:
    """What the calls of some ledgers cost."""
    return sum(row.cost_pico_usd or 0 for ledger in ledgers for row in sound_rows(ledger))
