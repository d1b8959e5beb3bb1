"""The bounds of a team: those in our settings, those on its server, and what is remembered of the latter."""

from tierwise.config import Config
from tierwise.dispatch.budgets import pico
from tierwise.store.ledger import Ledger
from tierwise.store.team_budget import TeamBudget
from tierwise.store.team_caps import TeamCaps, remember_caps, remembered_caps


def own_caps(config: Config) -> TeamCaps:
    """The team's bounds as they stand in this machine's settings."""
    team = config.budgets.team
    return TeamCaps(day=pico(team.day.hard_usd), month=pico(team.month.hard_usd))


def name_of_cap(own: TeamCaps, period: str, cap: int) -> str:
    """Where a bound of the team stands: in our settings, or on the server."""
    return f"budgets.team.{period}.hard_usd" if getattr(own, period) == cap else f"the team's {period} cap"


def remembered(ledger: Ledger) -> TeamCaps | None:
    """What the team's server said last; None: it was never asked. Raises LedgerError."""
    with ledger.database.read() as connection:
        return remembered_caps(connection)


def remember(budget: TeamBudget, ledger: Ledger | None) -> None:
    """Note what the server says, where that is new. Raises LedgerError."""
    if ledger is None or budget.spent is None:
        return
    caps = budget.spent.caps
    if remembered(ledger) != caps:
        with ledger.database.write() as connection:
            remember_caps(connection, caps)
