"""Book one action and its attempts; a cancelled task still books."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tierwise.dispatch.budgets import Purse
from tierwise.store.admission import Denied, Terms
from tierwise.store.breakers import Breaker, Heard
from tierwise.store.calls import FREELY
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptStart, CacheHit
from tierwise.telemetry.events import CallEvent, Journal

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
_UNKNOWN = ActionStart(action="", language="")
"""What an action is before it has begun."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a model said in the course of an action, with the secrets back in it."""

    text: str
    code: str
    """Why it was refused; empty: it passed."""


class Booking:
    """One action's entry in the ledger.

    Writes run in a thread and outlive a cancel of the task that asked for them, so that a cancel in the middle neither
    loses nor doubles a row. A ledger that fails in the middle of an action is reported and does not take the user's
    edit away.
    """

    def __init__(self, ledger: Ledger | None, purse: Purse, deadline_s: float, journal: Journal | None = None) -> None:
        """`deadline_s` is how long the action may take from now; called in its event loop."""
        self._ledger = ledger
        self._journal = journal or Journal()
        self._event = self._journal.begin(_UNKNOWN)
        self._ends_at = asyncio.get_running_loop().time() + deadline_s
        self.purse = purse
        self.action = ""
        """The action's id, once it has begun."""
        self.key = ""
        self.given: list[Given] = []
        """Every answer that was read as an edit, in memory only."""
        self._hits: list[CacheHit] = []
        self.problem: str | None = None
        """The sentence for the user when something could not be booked."""

    @property
    def left_s(self) -> float:
        """Seconds the action may still take, never negative."""
        return max(0.0, self._ends_at - asyncio.get_running_loop().time())

    @property
    def has_ledger(self) -> bool:
        """Whether what is booked is kept."""
        return self._ledger is not None and self.problem is None

    async def begin(self, start: ActionStart) -> dict[str, Breaker] | None:
        """Open the action's row; returns which servers had trouble lately, None where nobody knows."""

        self.action = start.action
        self._event = self._journal.begin(start)

        def write(ledger: Ledger) -> dict[str, Breaker]:
            self.key = ledger.begin_action(start)
            return ledger.breakers()

        return await self.write(write)

    def note_call(self, start: AttemptStart) -> CallEvent:
        """Note a call for telemetry, if there is any."""
        return self._event.note_call(start)

    def entry(self) -> "Entry":
        """The row of a call that is about to be made; several may be open at once."""
        return Entry(self)

    def note_hit(self, hit: CacheHit) -> None:
        """An answer kept from an earlier call served a part of the action; it is booked with the action's end."""
        self._hits.append(hit)
        self._event.hits.append(hit)

    async def end(self, outcome: ActionOutcome, code: str) -> None:
        """Close the action's row, and book what was answered from the cache."""
        hits, self._hits = self._hits, []
        self._event.key = self.key
        self._journal.end(self._event, outcome, code)

        def write(ledger: Ledger) -> None:
            if self.key:
                for hit in hits:
                    ledger.book_cache_hit(hit)
                ledger.end_action(self.key, outcome, code)

        await self.write(write)

    async def write(self, write: Callable[[Ledger], T]) -> T | None:
        """Write in a thread; None when it cannot be written, which `problem` then says."""
        if self._ledger is None:
            return None
        writing = asyncio.ensure_future(asyncio.to_thread(write, self._ledger))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            # The row is being written by a thread that cannot be stopped: what it does must be known before we leave.
            await asyncio.wait({writing})
            raise
        except LedgerError as err:
            self.problem = str(err)
            _LOG.warning("not booked: %s", err)
            return None


class Entry:
    """One attempt's row: opened before anything is sent, closed exactly once."""

    def __init__(self, booking: Booking) -> None:
        self._booking = booking
        self._row: int | None = None
        self._leaving: asyncio.Future[None] | None = None

    @property
    def row(self) -> int | None:
        """The row's number while it is open."""
        return self._row

    async def begin(self, start: AttemptStart, terms: Terms = FREELY) -> Denied | None:
        """Open the row, or learn why the call may not be made now.

        When this is cancelled in the middle, the row is known all the same and can be closed.
        """

        def write(ledger: Ledger) -> Denied | None:
            if not self._booking.key:
                return None
            admitted = ledger.admit(start, terms)
            if not isinstance(admitted, int):
                return admitted
            self._row = admitted
            return None

        return await self._booking.write(write)

    def leave(self) -> None:
        """Give the turn at the server back while the row stays open; returns at once."""
        row = self._row

        def write(ledger: Ledger) -> None:
            if row is not None:
                ledger.leave_turn(row)

        self._leaving = asyncio.ensure_future(self._booking.write(write))

    async def settle(self, end: AttemptEnd, heard: Heard | None = None) -> None:
        """Close the row; nothing happens when it never was opened or is closed already."""

        def write(ledger: Ledger) -> None:
            if self._row is not None:
                ledger.settle_attempt(self._row, end, heard)
                self._row = None

        await self._booking.write(write)
