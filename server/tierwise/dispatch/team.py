"""What one runtime shares with a team: rows of the ledger, and the money of the team's budgets."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from tierwise.backends.base import BackendError, FailureKind
from tierwise.config import Config
from tierwise.dispatch.budgets import pico
from tierwise.dispatch.team_caps import name_of_cap, own_caps, remember, remembered
from tierwise.dispatch.team_replies import TeamReplies
from tierwise.dispatch.team_servers import ledger_address
from tierwise.dispatch.values import Left
from tierwise.routing.money import format_money
from tierwise.store.admission import OverCap
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.team import open_team_server
from tierwise.store.team_budget import (
    TeamBudget,
    TeamSpent,
    forget_hold,
    note_hold,
    note_late,
    note_offline,
    note_unused,
)
from tierwise.store.team_errors import TeamError
from tierwise.store.team_outbox import origin_of
from tierwise.store.team_pusher import Pusher

_LOG = logging.getLogger(__name__)
_LAST_PUSH_S = 1.0
"""So long the end of a process waits for its last rows to be sent; what is left is sent by the next one."""
_BOUNDED = "a budget is set"
_MAYBE_BOUNDED = "the team's server has not said yet whether there is a budget"


class Team:
    """Does nothing at all where no team is configured."""

    def __init__(self, config: Config, ledger: Ledger | None) -> None:
        self._options = config.budgets.team
        self._ledger = ledger
        self._told: set[str] = set()
        self._notices: list[str] = []
        self._tasks: set[asyncio.Future[Any]] = set()
        self._looking: asyncio.Future[None] | None = None
        self._pusher: Pusher | None = None
        self._budget: TeamBudget | None = None
        self.replies = TeamReplies(config.cache, self._tell)
        server = config.ledger.team
        if ledger is not None and server.is_set:
            self._pusher = Pusher(
                ledger.database, lambda: open_team_server(ledger_address(server)), member=server.member or ""
            )
        self._own = own_caps(config)
        if ledger is not None and (server.is_set or self._options.is_set):
            timeout_s = self._options.timeout_s
            self._budget = TeamBudget(lambda: open_team_server(ledger_address(server)), self._own, timeout_s)

    # Rows.

    def note_rows(self) -> None:
        """Rows were written; they are sent soon. Returns at once."""
        if self._pusher is not None:
            self._pusher.wake()

    def take_notice(self) -> tuple[str, ...]:
        """What keeps us from the team's servers, each sentence once."""
        if self._pusher is not None and self._pusher.problem is not None:
            self._tell(self._pusher.problem)
        notices, self._notices = tuple(self._notices), []
        return notices

    # Money.

    def warm(self) -> None:
        """Connect in the background, so that the first call need not wait for it."""
        self.replies.warm()
        if self._budget is not None:
            self.begin(asyncio.to_thread(_connect, self._budget, self._ledger))

    def look(self) -> None:
        """Ask in the background how the team's money stands, as menus want to know it. Returns at once."""
        is_looking = self._looking is not None and not self._looking.done()
        if self._budget is not None and not is_looking:
            self._looking = self.begin(asyncio.to_thread(_look, self._budget, self._ledger))

    def left(self) -> tuple[Left, ...]:
        """What each hard bound of the team leaves, as far as is known; none while the server cannot be asked."""
        spent = None if self._budget is None else self._budget.known
        if spent is None:
            return ()
        found = {"day": spent.day + spent.day_held, "month": spent.month + spent.month_held}
        caps = self._own.strictest(spent.caps)
        return tuple(
            Left(pico_usd=max(0, hard - used), setting=name_of_cap(self._own, period, hard))
            for period, used in found.items()
            if (hard := getattr(caps, period)) is not None
        )

    @property
    def is_shared(self) -> bool:
        """Whether there is a server on which a bound may stand."""
        return self._budget is not None

    async def why_bounded(self) -> str:
        """Why the team's money may be limited, in words that go before "and"; empty where it is not.

        It is by our settings or by what the server said last. One that never said anything may have a bound too.
        """
        budget, ledger = self._budget, self._ledger
        if budget is None or ledger is None or self._own.has_any:
            return _BOUNDED if budget is not None and self._own.has_any else ""
        if budget.spent is not None:
            return _BOUNDED if budget.spent.caps.has_any else ""
        try:
            caps = await asyncio.to_thread(remembered, ledger)
        except LedgerError:
            return _MAYBE_BOUNDED
        if caps is None:
            return _MAYBE_BOUNDED
        return _BOUNDED if caps.has_any else ""

    async def hold(self, who: str, most: int) -> str:
        """Hold the most a call may cost for the whole team; returns the hold's name, empty where there is no budget.

        Takes a bounded time. Raises OverTeamBudget when it may not be spent, and BackendError when the server cannot be
        asked and that is to stop the call.
        """
        budget, ledger = self._budget, self._ledger
        if budget is None or ledger is None or not most or not await self.why_bounded():
            return ""
        try:
            hold = await asyncio.to_thread(ledger.note_team_hold, note_hold)
        except LedgerError:
            # The call cannot be booked either, which is said where it is tried.
            return ""
        try:
            denied = await self._ask(budget, ledger, hold, most)
        except asyncio.CancelledError:
            self.let_go(hold)
            raise
        except LedgerError as err:
            return await self._without(ledger, hold, who, err)
        if denied is None:
            return hold
        await asyncio.to_thread(ledger.note_team_hold, lambda connection, _: forget_hold(connection, hold))
        raise OverTeamBudget(denied)

    def let_go(self, hold: str) -> None:
        """Give back what no call was made with; returns at once."""
        ledger = self._ledger
        if hold and ledger is not None:
            self.begin(self._give_back(ledger, hold))

    def passed(self) -> tuple[str, ...]:
        """A sentence for each soft bound that the team is over, as far as is known."""
        spent = None if self._budget is None else self._budget.spent
        if spent is None:
            return ()
        return tuple(
            f"{format_money(used)} were spent {words} by the team, over the {format_money(bound)} of"
            f" budgets.team.{period}.soft_usd"
            for period, words, used in (("day", "today", spent.day), ("month", "this month", spent.month))
            if (bound := pico(getattr(self._options, period).soft_usd)) is not None and bound < used
        )

    @property
    def spent(self) -> TeamSpent | None:
        """What the server said last; None: it was not asked."""
        return None if self._budget is None else self._budget.spent

    async def settled(self) -> None:
        """Wait for what was begun in the background."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.replies.settled()

    async def aclose(self) -> None:
        """Send what waits, if that is quick, and close the connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_PUSH_S / 2)
        closing = [self.replies.aclose()]
        if self._pusher is not None:
            closing.append(asyncio.to_thread(self._pusher.close, _LAST_PUSH_S))
        if self._budget is not None:
            closing.append(asyncio.to_thread(self._budget.close))
        await asyncio.gather(*closing)

    async def _ask(self, budget: TeamBudget, ledger: Ledger, hold: str, most: int) -> OverCap | None:
        """Ask in a thread, and wait no longer than was said, whatever the thread is waiting for."""
        asking = asyncio.ensure_future(asyncio.to_thread(_hold, budget, ledger, hold, most))
        try:
            async with asyncio.timeout(budget.longest_s):
                return await asyncio.shield(asking)
        except TimeoutError:
            words = "the team's ledger did not answer in time; work goes on here and is brought there later"
            problem = TeamError(words, code="timeout")
            budget.note_trouble(problem)
            self.begin(_late(asking, ledger, hold))
            raise problem from None
        except asyncio.CancelledError:
            self.begin(_late(asking, ledger, hold))
            raise

    async def _give_back(self, ledger: Ledger, hold: str) -> None:
        await asyncio.to_thread(ledger.note_team_hold, lambda connection, owner: note_unused(connection, hold, owner))
        self.note_rows()

    async def _without(self, ledger: Ledger, hold: str, who: str, err: LedgerError) -> str:
        """Go on without the server's word, or refuse to, as was agreed."""
        if self._options.offline == "refuse":
            self.let_go(hold)
            words = f"{who} was not asked: {err.words} (budgets.team.offline is 'refuse')"
            raise BackendError(FailureKind.OVER_BUDGET, words) from err
        self._tell(f"{err.words}; until then only the budgets of this machine hold (budgets.team.offline is 'allow')")
        # The same in fewer words, when rows cannot be sent either, would tell nothing new.
        self._told.add(err.words)
        await asyncio.to_thread(ledger.note_team_hold, lambda connection, owner: note_offline(connection, hold, owner))
        return hold

    def _tell(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self._notices.append(words)
            _LOG.warning("team: %s", words)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Do something for the team in the background; failures are logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.warning("team: %s", error)


class OverTeamBudget(Exception):
    """The team's budget has no room for a call; `denied` says how much is left."""

    def __init__(self, denied: OverCap) -> None:
        super().__init__(denied)
        self.denied = denied


def _connect(budget: TeamBudget, ledger: Ledger | None) -> None:
    try:
        budget.connect()
        remember(budget, ledger)
    except LedgerError as err:
        # The first call says so, if it matters to it.
        _LOG.info("team: %s", err)


def _look(budget: TeamBudget, ledger: Ledger | None) -> None:
    try:
        budget.look()
        remember(budget, ledger)
    except LedgerError as err:
        _LOG.info("team: %s", err)


def _hold(budget: TeamBudget, ledger: Ledger, hold: str, most: int) -> OverCap | None:
    denied = budget.hold(hold, origin_of(ledger.database), most)
    remember(budget, ledger)
    return denied


async def _late(asking: asyncio.Future[OverCap | None], ledger: Ledger, hold: str) -> None:
    """What was held after nobody waited any more is given back, unless its call still goes on and will do so."""
    try:
        denied = await asking
    except LedgerError:
        return
    if denied is None:
        await asyncio.to_thread(ledger.note_team_hold, lambda connection, owner: note_late(connection, hold, owner))
