"""The sections on money: what may be spent in an action, a day and a month, and the top tier's share of it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from tierwise.config.sections import Section, UsdPerMillion
from tierwise.config.team_options import Offline

Usd = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6, allow_inf_nan=False)]
AskBeforeTop = Literal["never", "over-share", "always"]
ASKING: tuple[AskBeforeTop, ...] = ("never", "over-share", "always")
"""From the laxest to the strictest."""


class Allowance(Section):
    """What may be spent in one period."""

    soft_usd: Usd | None = None
    """From here on every proposal says that this much is spent, in US dollars. Unset: no word."""
    hard_usd: Usd | None = None
    """No call is made that could lead beyond this, in US dollars; 0 allows only models that cost nothing. What is
    under way counts with the most it may cost. Unset: no bound."""


class TeamBudgets(Section):
    """What a whole team may spend: the money is held on the server of `[ledger.team]` before a call is made, so that no
    number of machines oversteps it. Bounds for all machines at once are set by `tierwise ledger caps`; of those
    and these the strictest counts."""

    day: Allowance = Allowance()
    """For a day in UTC, by the server's clock."""
    month: Allowance = Allowance()
    """For a calendar month in UTC, by the server's clock."""
    offline: Offline = "allow"
    """What happens while that server cannot be reached: `allow` goes on within the bounds of this machine, and what is
    spent is counted later; `refuse` asks nobody who costs money."""
    timeout_s: Annotated[float, Field(strict=True, ge=0.05, le=30, allow_inf_nan=False)] = 1.0
    """How long a call may wait for the server; afterwards it counts as not to be reached for a while."""

    @property
    def has_hard_bound(self) -> bool:
        """Whether any period has one."""
        return any(allowance.hard_usd is not None for allowance in (self.day, self.month))

    @property
    def is_set(self) -> bool:
        """Whether there is any bound."""
        return self.has_hard_bound or any(allowance.soft_usd is not None for allowance in (self.day, self.month))


class BudgetsOptions(Section):
    """What may be spent. A call is made only if the most it may cost fits what is left in every period."""

    action: Allowance = Allowance()
    """For all calls of one action."""
    day: Allowance = Allowance()
    """For a day in UTC, in all windows together."""
    month: Allowance = Allowance()
    """For a calendar month in UTC, in all windows together."""
    team: TeamBudgets = TeamBudgets()
    """For everybody who shares the ledger of `[ledger.team]`."""
    unknown_price_usd_per_million: UsdPerMillion | None = None
    """What a million tokens of a model count whose price nobody knows, in US dollars. Unset: such a model is not
    asked as long as any hard bound is set."""
    top_share_percent: Annotated[StrictInt, Field(ge=0, le=100)] = 15
    """The top tier's part of what is spent in thirty days. Above it every proposal of that tier says where the money
    went."""
    top_share_from_usd: Usd = Decimal(1)
    """The share is looked at once so much was spent in thirty days, in US dollars; before, it says little."""
    ask_before_top: AskBeforeTop = "never"
    """Whether you are asked before a model of the top tier is: `never`, when its share is over the limit
    (`over-share`), or `always`. A tier you chose by name is not asked about. Without an answer it is not asked."""

    @property
    def has_hard_bound(self) -> bool:
        """Whether any period has one."""
        own = any(allowance.hard_usd is not None for allowance in (self.action, self.day, self.month))
        return own or self.team.has_hard_bound
