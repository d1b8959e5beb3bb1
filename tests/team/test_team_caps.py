"""Bounds that stand on the team's server beside those in a machine's settings."""

from typing import Literal

import pytest

from team.running import Postgres
from team.sharing import SOON_S, connected
from tierwise.store.admission import OverCap
from tierwise.store.team_budget import TeamBudget
from tierwise.store.team_caps import TeamCaps, set_caps
from tierwise.store.team_server import TeamServer


@pytest.mark.parametrize(
    ("own", "common", "period", "cap"),
    [
        ({}, {"day": 100}, "day", 100),
        ({}, {"month": 100}, "month", 100),
        ({"day": 500}, {"day": 100}, "day", 100),
        ({"day": 100}, {"day": 500}, "day", 100),
        ({"day": 300}, {"month": 100}, "month", 100),
    ],
)
def test_of_our_bounds_and_the_servers_the_strictest_counts(
    postgres: Postgres,
    database: str,
    server: TeamServer,
    own: dict[str, int],
    common: dict[Literal["day", "month"], int | None],
    period: Literal["day", "month"],
    cap: int,
) -> None:
    assert set_caps(server, common, SOON_S) == TeamCaps(**common)
    budget = TeamBudget(lambda: connected(postgres, database), TeamCaps(**own), SOON_S)
    assert budget.hold("first", "here", 60) is None
    denied = budget.hold("second", "here", 50)
    assert denied == OverCap(period=period, cap=cap, spent=0, held=60, wanted=50, is_teams=True)
    assert budget.spent is not None
    assert budget.spent.caps == server.spent(SOON_S).caps == TeamCaps(**common)
    set_caps(server, dict.fromkeys(common), SOON_S)
    assert (budget.hold("third", "here", 50) is None) == (min(own.values(), default=500) > 110)
    budget.close()
