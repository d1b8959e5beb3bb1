"""Figures read from the file: through kept sums as far as there are any."""

import contextlib
from datetime import datetime

import apsw

from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.exports import microseconds
from tierwise.store.figures import Found, grouped, summarize
from tierwise.store.stats import Grouped, Stats
from tierwise.store.summaries import gather, seal
from tierwise.store.sums import Dimension, dimensions_of
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS, fetch


def read_stats(database: Database, since: datetime | None, notices: tuple[str, ...]) -> Stats:
    """Everything from a moment on, by tier. Raises LedgerError."""
    _seal_if_there_is_room(database)
    with database.read() as connection:
        found = _found(connection, "tier", since)
        n_lost = fetch(connection, "SELECT ifnull(sum(n_lost), 0) FROM losses")[0][0]
    return summarize(found, since=since, n_lost=n_lost, notices=notices)


def read_grouped(database: Database, by: Dimension, since: datetime | None) -> Grouped:
    """Everything from a moment on, by any dimension. Raises LedgerError."""
    _seal_if_there_is_room(database)
    with database.read() as connection:
        return grouped(_found(connection, by, since), by)


def _seal_if_there_is_room(database: Database) -> None:
    # Without room for a summary the rows can still be read one by one.
    with contextlib.suppress(LedgerError):
        seal(database)


def _found(connection: apsw.Connection, by: Dimension, since: datetime | None) -> Found:
    since_us = None if since is None else microseconds(since)
    attempts, hits, fates = (gather(connection, table, by, since_us) for table in (ATTEMPTS, HITS, FATES))
    of_clicks: Dimension = by if by in dimensions_of(ACTIONS) else "action"
    return Found(attempts, gather(connection, ACTIONS, of_clicks, since_us), hits, fates)
