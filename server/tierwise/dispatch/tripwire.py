"""Which accepted edits of cheap models are repeated on the judge: chosen here, kept in memory until there is time.

Nothing of them is ever written down. Edits from the cache, parts of planned changes and edits of the command line,
whose process has no idle time, are not looked at.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from dataclasses import dataclass, replace

from tierwise.checks import Check
from tierwise.config.tripwire_options import TripwireOptions
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.values import Workspace
from tierwise.routing.tiers import Candidate, Tier
from tierwise.routing.tripwire import TripwireCell
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.tripwire import Sampling

_LOG = logging.getLogger(__name__)
MOST_OFFERED = 20
"""Proposals remembered until the user has taken them in."""
MOST_WAITING = 8
"""Samples that wait for the judge; the oldest makes room."""
WHILE_RAISED = 10
"""A raised cell is sampled so many times as often, or it would take months to recover."""
CHEAP = (Tier.LOCAL, Tier.BULK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An edit that is to be repeated."""

    cell: TripwireCell
    prepared: Prepared
    workspace: Workspace
    made: Judged | None
    """What the cell's model made of it; None for a raised cell, whose model has to be asked as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    prepared: Prepared
    workspace: Workspace
    candidate: Candidate
    judged: Judged


class Tripwire:
    """The samples of one window."""

    def __init__(self, options: TripwireOptions, ledger: Ledger | None) -> None:
        self._options = options
        self._ledger = ledger
        self._offered: OrderedDict[str, _Offered] = OrderedDict()
        self._waiting: deque[Sample] = deque(maxlen=MOST_WAITING)
        self.is_armed = False
        """Whether somebody takes the samples: editors have idle time, single commands have none."""

    @property
    def is_on(self) -> bool:
        """Whether anything is compared."""
        return self.is_armed and self._options.judge is not None and self._ledger is not None

    @property
    def n_waiting(self) -> int:
        """How many samples wait."""
        return len(self._waiting)

    def note_proposal(
        self, key: str, prepared: Prepared, workspace: Workspace, candidate: Candidate, judged: Judged
    ) -> None:
        """Remember a verified edit until it is known whether the user takes it."""
        if not self.is_on or not judged.changes or Check.ONLY_DOCS in prepared.action.checks:
            # Words about a program are no program: there would be nothing to compare.
            return
        self._offered[key] = _Offered(prepared=prepared, workspace=workspace, candidate=candidate, judged=judged)
        while MOST_OFFERED < len(self._offered):
            self._offered.popitem(last=False)

    async def note_applied(self, key: str, raised: frozenset[TripwireCell]) -> None:
        """Choose whether an edit that the user has now is repeated; `raised` are the cells in need of recovery."""
        offered = self._offered.pop(key, None)
        if offered is None or not self.is_on or self._options.judge is None:
            return
        action, language = offered.prepared.action.id, offered.prepared.language
        made = frozenset(
            change.path.relative_to(offered.prepared.root).as_posix()
            for change in offered.judged.changes
            if change.before is None
        )
        prepared = replace(offered.prepared, made_before=made)
        own = TripwireCell(action, language, offered.candidate.ref)
        for cell in sorted(raised | {own}):
            if (cell.action, cell.language) != (action, language):
                continue
            if cell == own and offered.candidate.tier not in CHEAP:
                continue
            if await self._is_chosen(cell, is_raised=cell in raised):
                judged = offered.judged if cell == own else None
                self._waiting.append(Sample(cell=cell, prepared=prepared, workspace=offered.workspace, made=judged))

    def take(self) -> Sample | None:
        """The oldest sample."""
        return self._waiting.popleft() if self._waiting else None

    def give_back(self, sample: Sample) -> None:
        """Put back a sample nobody had the time for."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.appendleft(sample)

    async def _is_chosen(self, cell: TripwireCell, *, is_raised: bool) -> bool:
        if self._ledger is None or self._options.judge is None:
            return False
        times = WHILE_RAISED if is_raised else 1
        sampling = Sampling(
            judge=self._options.judge,
            share=min(1.0, times * float(self._options.sample_percent) / 100),
            least=times * self._options.least_per_week,
        )
        try:
            return await asyncio.to_thread(self._ledger.tripwire.note_edit, cell, sampling)
        except LedgerError as err:
            _LOG.warning("an edit was not looked at by the tripwire: %s", err)
            return False
