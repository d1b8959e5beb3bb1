"""What the budgets leave for one more call, as menus know it: from a look at the ledgers that is a little old."""

import asyncio
import logging
import time
from collections.abc import Callable

from tierwise.config.budgets import BudgetsOptions
from tierwise.dispatch.budgets import pico
from tierwise.dispatch.team import Team
from tierwise.dispatch.values import Left
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.spending import Spent

_LOG = logging.getLogger(__name__)
_OLD_S = 20.0
"""After so long a menu has the ledgers looked at again, in the background, for what other windows and others spent."""


class Means:
    """Keeps what is left at hand; asking for it reads nothing."""

    def __init__(
        self,
        options: BudgetsOptions,
        ledger: Ledger | None,
        team: Team | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._ledger = ledger
        self._team = team
        self._now = now
        self._spent: Spent | None = None
        self._looked: float | None = None
        self._looking: asyncio.Task[None] | None = None

    def left(self) -> Left | None:
        """The least any hard budget leaves; None: anything may be spent, as far as is known."""
        is_shared = self._team is not None and self._team.is_shared
        if not self._options.has_hard_bound and not is_shared:
            return None
        self._look_again()
        spent = self._spent
        found = [Left(pico_usd=action, setting="budgets.action.hard_usd")] if (action := self._hard("action")) else []
        for period in ("day", "month"):
            hard = self._hard(period)
            if hard is not None and spent is not None:
                used = (spent.day if period == "day" else spent.month) + spent.held
                found.append(Left(pico_usd=max(0, hard - used), setting=f"budgets.{period}.hard_usd"))
        found += () if self._team is None else self._team.left()
        return min(found, key=lambda left: left.pico_usd, default=None)

    async def look(self) -> None:
        """Read what was spent, in a thread."""
        ledger = self._ledger
        if ledger is None or not self._options.has_hard_bound:
            return
        self._looked = self._now()
        try:
            self._spent = await asyncio.to_thread(ledger.spent)
        except LedgerError as err:
            _LOG.warning("not known what is left of the budgets: %s", err)

    async def aclose(self) -> None:
        """Wait for a look that is under way, since the ledger may be closed only afterwards."""
        if self._looking is not None:
            await asyncio.wait({self._looking})

    def _hard(self, period: str) -> int | None:
        return pico(getattr(self._options, period).hard_usd)

    def _look_again(self) -> None:
        is_fresh = self._looked is not None and self._now() - self._looked < _OLD_S
        is_looking = self._looking is not None and not self._looking.done()
        if is_fresh or is_looking or self._ledger is None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._team is not None:
            self._team.look()
        self._looking = loop.create_task(self.look())
