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
        self._open: set[int] = set()
        self.key = ""
        self.problem: str | None = None
        """The sentence for the user when something could not be booked."""

    async def begin(self, start: ActionStart) -> None:
        """Open the action's row."""

        def write(ledger: Ledger) -> None:
            self.key = ledger.begin_action(start)

        await self._write(write)

    async def begin_attempt(self, start: AttemptStart) -> int | None:
        """Open an attempt's row before anything is sent."""

        def write(ledger: Ledger) -> int | None:
            if not self.key:
                return None
            attempt = ledger.begin_attempt(start)
            self._open.add(attempt)
            return attempt

        return await self._write(write)

    async def settle(self, attempt: int | None, end: AttemptEnd) -> None:
        """Close an attempt's row."""

        def write(ledger: Ledger) -> None:
            if attempt is not None and attempt in self._open:
                ledger.settle_attempt(attempt, end)
                self._open.discard(attempt)

        await self._write(write)

    async def settle_open(self, end: AttemptEnd) -> None:
        """Close whatever a cancel left open."""
        for attempt in tuple(self._open):
            await self.settle(attempt, end)

    async def end(self, outcome: ActionOutcome, code: str) -> None:
        """Close the action's row."""

        def write(ledger: Ledger) -> None:
            if self.key:
                ledger.end_action(self.key, outcome, code)

        await self._write(write)

    async def _write(self, write: Callable[[Ledger], T]) -> T | None:
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
