"""Run many cases with many models at the same time, inside a budget, and go on where an earlier try ended."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tierwise.config import Loaded
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch import Runtime
from tierwise.dispatch.opening import open_runtime
from tierwise.evals.costing import Forecast
from tierwise.evals.entrants import with_only
from tierwise.evals.judging import Judge
from tierwise.evals.run_files import Campaign, Plan, RunFile
from tierwise.evals.runner import NOT_HEARD, Job, run_case
from tierwise.evals.scoring import Entrant, Run
from tierwise.store.ledger import Ledger

Tell = Callable[[Run], None]


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What a campaign needs to begin."""

    loaded: Loaded
    ledger: Ledger | None
    cases: Sequence[EvalCase]
    plan: Plan
    judge: Entrant | None
    done: Campaign | None
    """What an earlier try left."""
    concurrency: int
    cap_pico_usd: int | None
    """What the campaign may cost, what was spent on it before included."""
    forecast: Forecast
    file: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a campaign."""

    campaign: Campaign
    n_left: int
    """Runs that were not begun, because the money was at its end."""


def jobs_left(cases: Sequence[EvalCase], plan: Plan, done: Campaign | None) -> list[Job]:
    """What is still to do. What a server, a window or the budget prevented is tried again."""
    latest = {} if done is None else done.latest
    finished = {key for key, run in latest.items() if run.stage is not None or run.code not in _AGAIN}
    jobs = [
        Job(case=case, entrant=entrant, repetition=repetition)
        for entrant in plan.entrants
        for repetition in range(1, plan.repeat + 1)
        for case in cases
    ]
    return [job for job in jobs if job.blank.key not in finished]


_AGAIN = frozenset({*map(str, NOT_HEARD), "no-model"})


@dataclass
class _Purse:
    """Money of one campaign: what may be spent is held before a run is begun."""

    cap: int | None
    most: int
    spent: int = 0
    held: int = 0

    def hold(self) -> bool:
        """Keep the most one run may cost aside; False: it does not fit."""
        if self.cap is not None and self.cap < self.spent + self.held + self.most:
            return False
        self.held += self.most
        return True

    def settle(self, actual: int | None) -> None:
        """A run is over; an unknown cost counts in full."""
        self.held -= self.most
        self.spent += self.most if actual is None else actual


async def run_campaign(orders: Orders, tell: Tell) -> Ended:
    """Do what is left to do; every result is in the file before the next run takes its place.

    Raises OSError when the file cannot be written. Cancelling closes the calls under way, which are booked.
    """
    before = () if orders.done is None else orders.done.runs
    # A run is one answer and, with a judge, one verdict.
    most = orders.forecast.largest_pico_usd * (1 if orders.judge is None else 2)
    purse = _Purse(orders.cap_pico_usd, most, spent=sum(run.whole_cost_pico_usd or 0 for run in before))
    jobs = iter(jobs_left(orders.cases, orders.plan, orders.done))
    runs: list[Run] = []
    async with AsyncExitStack() as stack:
        file = stack.enter_context(RunFile(orders.file, orders.plan))
        bound = orders.forecast.largest_pico_usd if orders.cap_pico_usd is not None else None
        judge = None if orders.judge is None else Judge(orders.loaded, orders.ledger, orders.judge, bound)
        if judge is not None:
            stack.push_async_callback(judge.aclose)
        runtimes = _Runtimes(orders, bound, stack)
        left: list[Job] = []

        async def work() -> None:
            for job in jobs:
                if not purse.hold():
                    left.append(job)
                    continue
                cost: int | None = None
                try:
                    run = await run_case(await runtimes.of(job.entrant), job, judge)
                    cost = run.whole_cost_pico_usd
                finally:
                    purse.settle(cost)
                file.add(run)
                runs.append(run)
                tell(run)

        async with asyncio.TaskGroup() as group:
            for _ in range(orders.concurrency):
                group.create_task(work())
    return Ended(Campaign(orders.plan, (*before, *runs)), len(left))


class _Runtimes:
    """One live bundle for each model, opened when it is first needed."""

    def __init__(self, orders: Orders, most_pico_usd: int | None, stack: AsyncExitStack) -> None:
        self._orders = orders
        self._most = most_pico_usd
        self._stack = stack
        self._opened: dict[str, Runtime] = {}
        self._opening = asyncio.Lock()

    async def of(self, entrant: Entrant) -> Runtime:
        """The bundle in which only this model is asked."""
        async with self._opening:
            if entrant.ref not in self._opened:
                loaded = with_only(self._orders.loaded, entrant, self._most)
                runtime = open_runtime(loaded, ledger=self._orders.ledger)
                self._stack.push_async_callback(runtime.aclose)
                await runtime.learn()
                await runtime.probe()
                self._opened[entrant.ref] = runtime
            return self._opened[entrant.ref]
