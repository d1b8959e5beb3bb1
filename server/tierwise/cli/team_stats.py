"""What `tierwise stats` says of a team: figures over everybody's rows, and whether ours have arrived."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tierwise.cli.output import refuse
from tierwise.config import Config, Loaded
from tierwise.dispatch.team_caps import own_caps
from tierwise.dispatch.team_servers import ledger_address
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.stats import Grouped, Stats
from tierwise.store.sums import Dimension
from tierwise.store.team import open_team_server
from tierwise.store.team_budget import TeamSpent
from tierwise.store.team_pulling import pull, team_copy_beside
from tierwise.store.team_pusher import note_problem
from tierwise.store.team_pushing import push
from tierwise.store.team_standing import TeamStanding, pulled_at, read_team_standing

_LONGEST_S = 10.0
"""So long one exchange with the server may take before the figures of the last time are shown."""


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """Figures over the rows of a whole team."""

    found: Stats
    groups: Grouped
    notice: str
    """Why they are not those of this moment; empty: they are."""
    spent: TeamSpent | None = None
    """How the team's money stands; None: nobody could be asked."""


def team_figures(
    loaded: Loaded, ledger: Ledger, dimension: Dimension, since: datetime | None, *, as_json: bool
) -> TeamFigures:
    """Bring both sides up to date where that can be done, and add up; leaves where nothing was ever fetched."""
    if not loaded.config.ledger.team.is_set:
        words = "there is no team: name its server as `url` under [ledger.team] in your settings file"
        refuse("no-address", words, as_json=as_json)
    copy = open_ledger(team_copy_beside(loaded.ledger_path), synchronous="normal")
    try:
        problem, spent = _bring_up_to_date(loaded, ledger, copy)
        moment = pulled_at(copy.database)
        if problem and moment is None:
            refuse("unreachable", f"nothing of the team was fetched yet: {problem}", as_json=as_json)
        notice = f"these are the team's figures of {moment:%Y-%m-%d %H:%M} UTC: {problem}" if problem else ""
        return TeamFigures(copy.stats(since), copy.grouped(dimension, since), notice, spent)
    finally:
        copy.close()


def standing_of(loaded: Loaded, ledger: Ledger) -> TeamStanding | None:
    """How our rows stand to the team's server; None: there is none."""
    return read_team_standing(ledger.database) if loaded.config.ledger.team.is_set else None


def team_json(config: Config, standing: TeamStanding | None, spent: TeamSpent | None) -> dict[str, Any] | None:
    """The same as JSON; money in pico-USD, null where the server was not asked."""
    if standing is None:
        return None
    own = own_caps(config)
    money = (
        None
        if spent is None
        else {
            period: {
                "spentPicoUsd": getattr(spent, period),
                "heldPicoUsd": getattr(spent, f"{period}_held"),
                "hardPicoUsd": getattr(own.strictest(spent.caps), period),
            }
            for period in ("day", "month")
        }
    )
    return {
        "budgets": money,
        "waiting": standing.n_waiting,
        "unreconciled": standing.n_unreconciled,
        "problem": standing.problem or None,
        "since": None if standing.since is None or not standing.problem else standing.since.isoformat(),
    }


def _bring_up_to_date(loaded: Loaded, ledger: Ledger, copy: Ledger) -> tuple[str, TeamSpent | None]:
    """Push and pull; returns why that could not be done, empty when it was, and how the team's money stands."""
    try:
        server = open_team_server(ledger_address(loaded.config.ledger.team))
    except LedgerError as err:
        return err.words, None
    try:
        push(ledger.database, server, member=loaded.config.ledger.team.member or "", longest_s=_LONGEST_S)
        pull(copy.database, server, time.time_ns() // 1000, longest_s=_LONGEST_S)
        spent = server.spent(_LONGEST_S)
    except LedgerError as err:
        return err.words, None
    else:
        note_problem(ledger.database, None)
        return "", spent
    finally:
        server.close()
