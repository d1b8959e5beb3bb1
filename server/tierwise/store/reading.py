"""Figures read from the file: through kept sums as far as there are any."""

import contextlib
from datetime import datetime

import apsw

from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.exports import microseconds
from tierwise.store.figures import Found, grouped, summarize
from tierwise.store.sealing import Tell, seal
from tierwise.store.stats import Grouped, Stats
from tierwise.store.summaries import gather
from tierwise.store.sums import Dimension, Sums
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS, fetch


def read_stats(database: Database, since: datetime | None, notices: tuple[str, ...], tell: Tell) -> Stats:
    """Everything from a moment on, by tier; `tell` hears of rows that are added up first. Raises LedgerError."""
    _seal_if_there_is_room(database, tell)
    with database.read() as connection:
        since_us = None if since is None else microseconds(since)
        found = Found(*_gathered(connection, "tier", since), gather(connection, ACTIONS, "action", since_us))
        n_lost = fetch(connection, "SELECT ifnull(sum(n_lost), 0) FROM losses")[0][0]
    return summarize(found, since=since, n_lost=n_lost, notices=notices)


def read_grouped(database: Database, by: Dimension, since: datetime | None, tell: Tell) -> Grouped:
    """The same by any dimension. Raises LedgerError."""
    _seal_if_there_is_room(database, tell)
    with database.read() as connection:
        return grouped(Found(*_gathered(connection, by, since)), by)


def _seal_if_there_is_room(database: Database, tell: Tell) -> None:
    # Without room for a summary the rows can still be read one by one.
    with contextlib.suppress(LedgerError):
        seal(database, tell)


def _gathered(connection: apsw.Connection, by: Dimension, since: datetime | None) -> tuple[Sums, Sums, Sums]:
    since_us = None if since is None else microseconds(since)
    attempts, hits, fates = (gather(connection, table, by, since_us) for table in (ATTEMPTS, HITS, FATES))
    return attempts, hits, fates
