"""Booking what became of applied edits: the follower with a clock and the ledger."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from tierwise.dispatch import Proposal
from tierwise.lsp.documents import Documents
from tierwise.lsp.following import Follower, Maker
from tierwise.routing.tiers import Candidate, Tier
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.rows import Fate

_LOG = logging.getLogger(__name__)


class Fates:
    """Follows the edits of one session and books their fates; belongs to its event loop."""

    def __init__(
        self,
        documents: Documents,
        ledger: Callable[[], Ledger | None],
        forget: Callable[[str], Awaitable[None]],
        tell: Callable[[], None],
    ) -> None:
        """`forget` is told the key of every action whose edit was undone; `tell` says that fates are known now."""
        self._follower = Follower(documents, self._settled)
        self._ledger = ledger
        self._forget = forget
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def follow(self, proposal: Proposal, candidates: Iterable[Candidate]) -> None:
        """Follow a proposal that is in the editor now; what a native tool did is nobody's merit or fault."""
        if proposal.tier is Tier.NATIVE or not proposal.action_key:
            return
        backends = (c.backend for c in candidates if c.tier is proposal.tier and c.model == proposal.model)
        maker = Maker(
            action_key=proposal.action_key, tier=proposal.tier, backend=next(backends, ""), model=proposal.model
        )
        self._follower.follow(maker, proposal.changes)
        self._set_timer()

    async def aclose(self) -> None:
        """Settle what is still followed and wait until it is booked."""
        if self._timer is not None:
            self._timer.cancel()
        self._tell = lambda: None
        self._follower.finish()
        if self._writing:
            await asyncio.wait(self._writing)

    def _set_timer(self) -> None:
        due = self._follower.next_due
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - time.monotonic()), self._tick)

    def _tick(self) -> None:
        self._follower.settle_due()
        self._set_timer()

    def _settled(self, fates: Sequence[Fate]) -> None:
        task = asyncio.ensure_future(self._book(fates))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _book(self, fates: Sequence[Fate]) -> None:
        for fate in fates:
            if fate.fate == "undone":
                await self._forget(fate.action_key)
        ledger = self._ledger()
        try:
            if ledger is not None:
                await asyncio.to_thread(ledger.book_fates, fates)
        except LedgerError as err:
            _LOG.warning("what became of edits was not booked: %s", err)
        self._tell()
