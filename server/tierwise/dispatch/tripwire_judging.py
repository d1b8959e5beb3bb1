"""One sample repeated on the judge inside the tripwire's own budget, compared, and taken into the cell's test."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from decimal import Decimal

from tierwise.backends.base import BackendError
from tierwise.config.budgets import Allowance, BudgetsOptions
from tierwise.dispatch.attempt import Run, Rung, attempt, put
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.budgets import Purse, most_of, pico
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.tripwire import Sample
from tierwise.dispatch.tripwire_comparing import compare
from tierwise.dispatch.values import Progress, total_cost
from tierwise.routing.money import PICO_USD_PER_USD
from tierwise.routing.tiers import Candidate, Reason
from tierwise.routing.tripwire import CellState, TripwireCell, TripwireEvent
from tierwise.store.errors import LedgerError
from tierwise.store.rows import ActionStart
from tierwise.store.tripwire import Compared, TripwireTable, raised_cells

_LOG = logging.getLogger(__name__)
PURPOSE = "tripwire"
"""The action, the client and the reason under which such calls stand in the ledger."""
_WHY = Reason(PURPOSE, "to see whether a cheap model is still as good as it was")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of one sample."""

    sample: Sample
    compared: Compared
    why: str
    """Why the judge said nothing; empty where it did."""
    event: TripwireEvent | None = None
    state: CellState | None = None
    """The cell's state before a recovery or after an alarm; None where nothing changed."""
    others: tuple[tuple[TripwireCell, CellState], ...] = ()
    """Other cells of the same model that were raised with it."""


async def judge_sample(runtime: Runtime, sample: Sample) -> Judgement:
    """Repeat one sample. Whatever keeps the judge from a verified edit counts as no word, never as disagreement.

    A cancel closes the call under way, books it, and leaves the cell as it was.
    """
    ledger = runtime.ledger
    if ledger is None:
        return Judgement(sample=sample, compared="unjudged", why="there is no ledger")
    try:
        compared, why = await _compared(runtime, ledger.tripwire, sample)
        return await asyncio.to_thread(_noted, ledger.tripwire, sample, compared, why, runtime.config.tripwire.judge)
    except LedgerError as err:
        _LOG.warning("a sample of the tripwire was lost: %s", err)
        return Judgement(sample=sample, compared="unjudged", why=str(err))


def _noted(table: TripwireTable, sample: Sample, compared: Compared, why: str, judge: str | None) -> Judgement:
    before = raised_cells(table, judge or "")
    event = table.note_sample(sample.cell, judge or "", compared)
    cells = table.cells()
    new = [cell for cell in sorted(raised_cells(table, judge or "") - before) if cell.ref == sample.cell.ref]
    if new and event is None:
        # The alarm of the whole model came with a sample of a cell that gives no cause for suspicion itself.
        sample, event = replace(sample, cell=new[0]), "raised"
    state = cells.get(sample.cell) if event is not None else None
    others = tuple((cell, cells[cell]) for cell in new if cell != sample.cell)
    return Judgement(sample=sample, compared=compared, why=why, event=event, state=state, others=others)


async def _compared(runtime: Runtime, table: TripwireTable, sample: Sample) -> tuple[Compared, str]:
    who = _who(runtime, sample)
    if isinstance(who, str):
        return "unjudged", who
    most = await _most(runtime, sample, who)
    if isinstance(most, str):
        return "unjudged", most
    cap = pico(runtime.config.tripwire.day_usd) or 0
    if not await _reserve(table, most, cap):
        return "unjudged", "the day's money for the tripwire is spent"
    run = _run(runtime, sample, most)
    try:
        return await _asked(run, sample, who)
    finally:
        spent = total_cost(tuple(run.taken))
        # Written down even when this is being cancelled: the money must not stay set aside.
        await asyncio.shield(asyncio.to_thread(table.settle, most, most if spent is None else spent))


async def _reserve(table: TripwireTable, most: int, cap: int) -> bool:
    """Set money aside; a cancel in the middle gives it back."""
    reserving = asyncio.ensure_future(asyncio.to_thread(table.reserve, most, cap))
    try:
        return await asyncio.shield(reserving)
    except asyncio.CancelledError:
        if await reserving:
            await asyncio.to_thread(table.settle, most, 0)
        raise


def _who(runtime: Runtime, sample: Sample) -> tuple[Candidate, ...] | str:
    """Who is asked, the judge last; or why nobody is."""
    judge, prepared = runtime.judge, sample.prepared
    if judge is None or not judge.can_be_tried:
        return "the judge cannot be asked now"
    if judge.ref == sample.cell.ref:
        return "the judge would be compared with itself"
    who = [judge]
    if sample.made is None:
        known = next((c for c in runtime.candidates if c.ref == sample.cell.ref and c.can_be_tried), None)
        if known is None:
            return "the model that was raised cannot be asked now"
        who.insert(0, known)
    if runtime.is_local_only(prepared.seen) and not all(one.is_on_this_machine for one in who):
        return "the files may be seen on this machine only"
    return tuple(who)


async def _most(runtime: Runtime, sample: Sample, who: tuple[Candidate, ...]) -> int | str:
    """The most the calls may cost together, in pico-USD, or why they are not made."""
    total = 0
    for candidate in who:
        _, request = await put(runtime, sample.prepared, candidate)
        if isinstance(request, BackendError):
            return request.words
        most = most_of(candidate, request)
        if most is None:
            return f"the price of {candidate.ref!r} is unknown"
        total += most
    return total


def _run(runtime: Runtime, sample: Sample, most: int) -> Run:
    budgets = runtime.config.budgets
    # Who names a judge has agreed to its being asked; a second try must not lead beyond what was set aside.
    own = budgets.model_copy(
        update={"ask_before_top": "never", "action": _allowance(budgets, most)},
    )
    purse, deadline_s = Purse(own, runtime.ledger), runtime.config.limits.deadline_s.action
    booking = Booking(runtime.ledger, purse, deadline_s, runtime.journal)
    return Run(runtime=runtime, booking=booking, running=runtime.running_checks(sample.workspace), report=_silently)


def _allowance(budgets: BudgetsOptions, most: int) -> Allowance:
    bound = Decimal(most) / PICO_USD_PER_USD
    users = budgets.action.hard_usd
    return Allowance().model_copy(update={"hard_usd": bound if users is None else min(bound, users)})


async def _asked(run: Run, sample: Sample, who: tuple[Candidate, ...]) -> tuple[Compared, str]:
    prepared, booking = sample.prepared, run.booking
    folder = hashlib.sha256(str(prepared.root).encode()).hexdigest()[:16]
    await booking.begin(ActionStart(action=PURPOSE, language=prepared.language, workspace=folder, client=PURPOSE))
    edits = [] if sample.made is None else [sample.made]
    try:
        for candidate in who:
            attempted = await attempt(run, prepared, Rung(candidate=candidate, planned="tripwire", why=_WHY))
            if not isinstance(attempted.result, Judged):
                summary = attempted.summary
                await booking.end("refused", summary.code)
                return "unjudged", f"{candidate.ref!r} gave no edit that passed: {summary.detail or summary.code}"
            edits.append(attempted.result)
        made, judged = edits
        compared = await compare(prepared, made, judged, run.runtime.config.checks, sample.workspace)
    except asyncio.CancelledError:
        await booking.end("cancelled", "cancelled")
        raise
    await booking.end("proposed", "")
    return compared, "" if compared != "unjudged" else "the tests could not be run"


def _silently(progress: Progress) -> None:
    """Nobody waits for the judge."""
    del progress
