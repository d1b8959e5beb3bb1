"""What a campaign may cost before it is begun: the same prompts are made, and nothing is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.actions import Scope
from tierwise.backends.base import BackendError
from tierwise.config import Loaded
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch import Refusal, Runtime
from tierwise.dispatch.attempt import put
from tierwise.dispatch.budgets import most_of
from tierwise.dispatch.opening import open_runtime
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.request import input_tokens_of
from tierwise.evals.entrants import with_only
from tierwise.evals.judging import most_of_judging
from tierwise.evals.scoring import Entrant
from tierwise.evals.workspaces import task_of, workspace_of
from tierwise.routing.money import cost
from tierwise.text import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCost:
    """What one run of a case may take."""

    expected_pico_usd: int | None
    """None: the price is unknown."""
    most_pico_usd: int | None
    """Every token at its dearest, and a reply as long as is allowed."""
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What all the runs may take."""

    n_runs: int
    expected_pico_usd: int
    most_pico_usd: int
    n_unknown: int
    """Runs of unknown price; they are in neither sum."""
    largest_pico_usd: int
    """The most a single run may cost."""
    input_tokens: int
    output_tokens: int

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing at all, for certain."""
        return not self.most_pico_usd and not self.n_unknown


async def forecast(
    loaded: Loaded, cases: Sequence[EvalCase], runs_of: Sequence[tuple[Entrant, Sequence[int]]], judge: Entrant | None
) -> Forecast:
    """What is to come; `runs_of` says for each model how often each case, in the order of `cases`, is still to run."""
    found: list[tuple[CallCost, int]] = []
    for entrant, counts in runs_of:
        runtime = open_runtime(with_only(loaded, entrant))
        try:
            await runtime.learn()
            for case, n in zip(cases, counts, strict=True):
                if n:
                    found.append((await _cost_of(runtime, entrant, case), n))
        finally:
            await runtime.aclose()
    n_judged = [sum(counts[i] for _, counts in runs_of) for i in range(len(cases))]
    if judge is not None:
        found += await _judging(loaded, cases, n_judged, judge)
    known = [(one, n) for one, n in found if one.most_pico_usd is not None]
    return Forecast(
        n_runs=sum(n_judged),
        expected_pico_usd=sum((one.expected_pico_usd or 0) * n for one, n in known),
        most_pico_usd=sum((one.most_pico_usd or 0) * n for one, n in known),
        n_unknown=sum(n for one, n in found if one.most_pico_usd is None),
        largest_pico_usd=max((one.most_pico_usd or 0 for one, _ in known), default=0),
        input_tokens=sum(one.input_tokens * n for one, n in found),
        output_tokens=sum(one.output_tokens * n for one, n in found),
    )


_NOTHING = CallCost(expected_pico_usd=0, most_pico_usd=0, input_tokens=0, output_tokens=0)


async def _cost_of(runtime: Runtime, entrant: Entrant, case: EvalCase) -> CallCost:
    """One call; nothing where there will be none."""
    action = runtime.action(case.action)
    candidate = next((c for c in runtime.candidates if c.ref == entrant.ref), None)
    if action is None or candidate is None:
        return _NOTHING
    async with workspace_of(case, runtime.max_file_bytes) as workspace:
        if isinstance(workspace, Rejection):
            return _NOTHING
        task = task_of(case, workspace.root, entrant.tier)
        prepared = await asyncio.to_thread(prepare, action, task, workspace, runtime.is_never_sent)
        if isinstance(prepared, Refusal):
            return _NOTHING
        _, request = await put(runtime, prepared, candidate)
    if isinstance(request, BackendError):
        return _NOTHING
    n_input, n_output = input_tokens_of(request), prepared.estimate.output_tokens
    expected = None
    if candidate.price is not None:
        expected = cost(candidate.price, input_tokens=n_input, output_tokens=n_output, cached_tokens=0)
    most = most_of(candidate, request)
    if action.scope is Scope.FILES and most is not None:
        # A change over several files may be planned, which takes several calls.
        most *= max(2, len(case.files))
    return CallCost(expected_pico_usd=expected, most_pico_usd=most, input_tokens=n_input, output_tokens=n_output)


async def _judging(
    loaded: Loaded, cases: Sequence[EvalCase], counts: Sequence[int], judge: Entrant
) -> list[tuple[CallCost, int]]:
    runtime = open_runtime(with_only(loaded, judge))
    try:
        await runtime.learn()
        found = []
        for case, n in zip(cases, counts, strict=True):
            if n and "judge" in case.scored_by:
                most = most_of_judging(runtime, judge, case)
                # A verdict is a few words, so the reply's limit is far above what is expected.
                one = CallCost(
                    expected_pico_usd=None if most is None else most // 3,
                    most_pico_usd=most,
                    input_tokens=sum(map(len, case.files.values())) // 3 + 300,
                    output_tokens=60,
                )
                found.append((one, n))
        return found
    finally:
        await runtime.aclose()
