"""Book one action and its attempts; a cancelled task still books."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptStart

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class Booking:
    """One action's entry in the ledger.

    Writes run in a thread and outlive a cancel of the task that asked for them, so that a cancel in the middle neither
    loses nor doubles a row. A ledger that fails in the middle of an action is reported and does not take the user's
    edit away.
    """

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self.key = ""
        self.problem: str | None = None
        """The sentence for the user when something could not be booked."""

    async def begin(self, start: ActionStart) -> None:
        """Open the action's row."""

        def write(ledger: Ledger) -> None:
            self.key = ledger.begin_action(start)

        await self.write(write)

    def entry(self) -> "Entry":
        """The row of a call that is about to be made; several may be open at once."""
        return Entry(self)

    async def end(self, outcome: ActionOutcome, code: str) -> None:
        """Close the action's row."""

        def write(ledger: Ledger) -> None:
            if self.key:
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

    async def begin(self, start: AttemptStart) -> None:
        """Open the row. When this is cancelled in the middle, the row is known all the same and can be closed."""

        def write(ledger: Ledger) -> None:
            if self._booking.key:
                self._row = ledger.begin_attempt(start)

        await self._booking.write(write)

    async def settle(self, end: AttemptEnd) -> None:
        """Close the row; nothing happens when it never was opened or is closed already."""

        def write(ledger: Ledger) -> None:
            if self._row is not None:
                ledger.settle_attempt(self._row, end)
                self._row = None

        await self._booking.write(write)
