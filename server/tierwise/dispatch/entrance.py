"""The way to one call: the money for it, a turn at its server, and its row in the ledger; and the way back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tierwise.backends.base import BackendError, FailureKind
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.lines import TooMany
from tierwise.dispatch.meter import Meter
from tierwise.dispatch.offers import display_name
from tierwise.dispatch.retrying import LONGEST_WAIT_S
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sites import event_of
from tierwise.dispatch.team import OverTeamBudget
from tierwise.dispatch.under_way import CallUnderWay
from tierwise.routing.tiers import Candidate
from tierwise.store.admission import Busy, Denied, OverCap, Paused, Terms
from tierwise.store.rows import AttemptEnd, AttemptStart, Planned
from tierwise.telemetry.events import CallEvent

_LOOK_AGAIN_S = 0.05
"""How often a turn that another window holds is looked for again, at first."""
_LOOK_RARELY_S = 0.4
_LEASE_SLACK_S = 5.0
_LONG_CHECK_S = 0.5
"""Checks that take longer than this give the turn back before they are done."""
_WORTH_WAITING = frozenset({FailureKind.RATE_LIMITED, FailureKind.OVERLOADED})
"""Failures after which a server that names a short time is waited for instead of a dearer one being asked."""


class Entrance:
    """Lets one call of a model happen, or says why not, and settles it once."""

    def __init__(
        self, runtime: Runtime, booking: Booking, candidate: Candidate, most: int | None, meter: Meter
    ) -> None:
        self._runtime = runtime
        self._booking = booking
        self._candidate = candidate
        self._most = most
        self._meter = meter
        self._site = runtime.site(candidate)
        self._entry = booking.entry()
        self._number: int | None = None
        self._is_settled = False
        self._leaving: asyncio.TimerHandle | None = None
        self._shown: int | None = None
        self._team_hold = ""
        self._noted: CallEvent | None = None
        self.is_entered = False
        """Whether the call may be made; from here on it has to be settled."""

    @asynccontextmanager
    async def turn(self, start: AttemptStart, planned: Planned, deadline_s: float) -> AsyncIterator[None]:
        """Wait for a turn, hold the money, open the row. Raises BackendError of a kind that says what is missing."""
        objection = await self._booking.purse.objection(self._candidate, planned, self._most)
        if objection is not None:
            raise objection
        until = asyncio.get_running_loop().time() + min(deadline_s, self._booking.left_s)
        try:
            async with asyncio.timeout_at(until):
                await self._runtime.lines.take(self._site.origin, self._site.n_turns, self._meter.queueing)
        except TooMany as err:
            raise self._busy("too many calls wait for it already") from err
        except TimeoutError as err:
            raise self._busy("no turn came in time") from err
        try:
            await self._enter(start, deadline_s, until)
            self._show(start)
            yield
        finally:
            self._runtime.lines.give(self._site.origin, self._site.n_turns)
            self._leave_soon()

    async def settle(
        self, end: AttemptEnd, err: BackendError | None = None, *, is_tried_again: bool = False, served_by: str = ""
    ) -> None:
        """Book how the call ended, and what it says of its server. Does nothing for a call that was never entered."""
        if not self.is_entered or self._is_settled:
            return
        self._is_settled = True
        if self._shown is not None:
            self._runtime.under_way.end(self._shown)
        if self._noted is not None:
            self._noted.note_end(end, served_by)
        self._booking.purse.settle(self._most, end.cost_pico_usd)
        event = "answered" if err is None else event_of(err)
        if end.outcome == "cancelled" or (is_tried_again and err is not None and err.retry_after_s is None):
            event = "left"
        heard = self._site.heard(event, err)
        number = self._entry.row if self._number is None else self._number
        self._runtime.hear(heard, "" if err is None else err.words, number)
        if self._leaving is not None:
            self._leaving.cancel()
        await self._entry.settle(end, heard)

    def _show(self, start: AttemptStart) -> None:
        call = CallUnderWay(action=self._booking.action, tier=start.tier, model=start.model, planned=start.planned)
        self._shown = self._runtime.under_way.begin(call)
        self._noted = self._booking.note_call(start)

    def _leave_soon(self) -> None:
        """Checks may run for a minute after the server is free again; other windows must not wait for them."""
        if self._entry.row is not None and self._site.n_turns:
            loop = asyncio.get_running_loop()
            self._leaving = loop.call_later(_LONG_CHECK_S, self._entry.leave)

    async def _enter(self, start: AttemptStart, deadline_s: float, until: float) -> None:
        """Hold the team's money, where there is a team, and then be let in."""
        team = self._runtime.team
        why = await team.why_bounded() if self._most is None else ""
        if why:
            raise self._booking.purse.unpriced(self._candidate, why)
        try:
            self._team_hold = await team.hold(self._name, self._most or 0)
        except OverTeamBudget as err:
            raise self._booking.purse.over(self._candidate, err.denied) from err
        try:
            await self._be_let_in(start, deadline_s, until)
        except BaseException:
            if self._entry.row is None:
                team.let_go(self._team_hold)
            raise

    async def _be_let_in(self, start: AttemptStart, deadline_s: float, until: float) -> None:
        """Try until the ledger lets the call through, as long as waiting makes sense."""
        pause_s = _LOOK_AGAIN_S
        waited_s = 0.0
        while True:
            denied = await self._try(start, deadline_s)
            if denied is None:
                return
            if isinstance(denied, OverCap):
                raise self._booking.purse.over(self._candidate, denied)
            if isinstance(denied, Busy):
                self._meter.queueing(denied.n_running + self._runtime.lines.n_waiting(self._site.origin))
                wait_s = pause_s * self._runtime.chance.uniform(0.5, 1.0)
                pause_s = min(2 * pause_s, _LOOK_RARELY_S)
            else:
                wait_s = self._patience(denied, waited_s)
                self._meter.waiting(wait_s)
                waited_s += wait_s
            if until <= asyncio.get_running_loop().time() + wait_s:
                raise self._busy("no turn came in time")
            await asyncio.sleep(wait_s)

    async def _try(self, start: AttemptStart, deadline_s: float) -> Denied | None:
        if self._booking.left_s <= 0:
            words = f"{self._name} was not asked: the time of limits.deadline_s.action is over"
            raise BackendError(FailureKind.TIMEOUT_TOTAL, words)
        purse = self._booking.purse
        lease_us = int((deadline_s + _LEASE_SLACK_S) * 10**6)
        # From here on the money is held, and a cancel must give it back.
        self.is_entered = True
        purse.hold(self._most)
        try:
            denied = await self._admit(start, lease_us)
        except BackendError:
            self._step_back()
            raise
        if denied is not None:
            self._step_back()
        return denied

    def _step_back(self) -> None:
        self.is_entered = False
        self._booking.purse.settle(self._most, 0)

    async def _admit(self, start: AttemptStart, lease_us: int) -> Denied | None:
        purse, site = self._booking.purse, self._site
        terms = Terms(
            most_pico_usd=self._most or 0,
            day_cap=purse.day_cap,
            month_cap=purse.month_cap,
            target=site.target,
            fingerprint=site.fingerprint,
            lease_us=lease_us,
            origin=site.origin,
            n_turns=site.n_turns,
            n_own=max(0, self._runtime.lines.n_running(site.origin) - 1),
            team_hold=self._team_hold,
        )
        denied = await self._entry.begin(start, terms) if self._booking.has_ledger else None
        if self._entry.row is not None or denied is not None:
            return denied
        if purse.needs_ledger and self._most:
            raise purse.unbooked(self._candidate, self._booking.problem or "there is no ledger to tell what was spent")
        admitted = self._runtime.troubles.admit(site, lease_us)
        if isinstance(admitted, Paused):
            return admitted
        self._number = admitted
        return None

    def _patience(self, paused: Paused, waited_s: float) -> float:
        """How long to wait for a server that will soon be asked again. Raises BackendError when that is too long."""
        is_soon = paused.left_s is not None and waited_s + paused.left_s <= LONGEST_WAIT_S
        if paused.left_s is None or not is_soon or paused.breaker.kind not in _WORTH_WAITING:
            words = self._runtime.troubles.words(self._site, paused)
            raise BackendError(FailureKind.PAUSED, f"{self._name} was not asked: {words}")
        # While another call tries the server, its outcome is awaited.
        return paused.left_s + self._runtime.chance.uniform(0.01, _LOOK_AGAIN_S if paused.left_s else _LOOK_RARELY_S)

    @property
    def _name(self) -> str:
        return display_name(self._candidate)

    def _busy(self, why: str) -> BackendError:
        return BackendError(FailureKind.PAUSED, f"{self._name} was not asked: {why}")
