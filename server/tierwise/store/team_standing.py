"""How a ledger and its team's server stand to each other, from what the ledger's own file says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tierwise.store.database import Database
from tierwise.store.exports import EPOCH
from tierwise.store.tables import fetch
from tierwise.store.team_outbox import count_waiting
from tierwise.store.team_pulling import PULLED
from tierwise.store.team_pusher import PROBLEM, SINCE
from tierwise.store.team_state import read_number, read_state


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStanding:
    """What is not on the server yet, and why."""

    n_waiting: int
    """Rows the server has not been told of, or that went on since."""
    n_unreconciled: int
    """Calls made without holding money on the server, whose rows it has not been told of."""
    problem: str
    """Why rows wait; empty: nothing keeps them."""
    since: datetime | None
    """When that began."""

    @property
    def words(self) -> str:
        """A sentence where rows wait for a reason; empty otherwise."""
        if not self.problem:
            return ""
        calls = ""
        if self.n_unreconciled:
            calls = f", {self.n_unreconciled} calls among them that the team's budgets do not know of yet"
        since = "" if self.since is None else f" since {self.since:%Y-%m-%d %H:%M} UTC"
        return f"{self.n_waiting} rows wait for the team's server{since}{calls}: {self.problem}"


def read_team_standing(database: Database) -> TeamStanding:
    """Look it up; asks no server. Raises LedgerError."""
    with database.read() as connection:
        since = read_number(connection, SINCE)
        offline = fetch(connection, "SELECT count(*) FROM team_holds WHERE is_offline = 1")
        return TeamStanding(
            n_waiting=count_waiting(connection),
            n_unreconciled=int(offline[0][0]),
            problem=read_state(connection, PROBLEM) or "",
            since=_moment(since),
        )


def pulled_at(copy: Database) -> datetime | None:
    """When the copy of the team's rows was last made whole; None: never. Raises LedgerError."""
    with copy.read() as connection:
        return _moment(read_number(connection, PULLED))


def _moment(us: int) -> datetime | None:
    return EPOCH + timedelta(microseconds=us) if us else None
