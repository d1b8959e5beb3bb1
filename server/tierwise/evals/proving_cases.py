"""Prove cases by their own replies: the right ones must pass and the wrong ones must not. No model is asked."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.backends.options import ScriptedOptions
from tierwise.config import Loaded
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch.opening import open_runtime
from tierwise.evals.entrants import with_only
from tierwise.evals.runner import Job, run_case
from tierwise.evals.scoring import Entrant, Run
from tierwise.routing.tiers import Tier

_BACKEND = "proof"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a case's own replies say of it."""

    case: EvalCase
    right: tuple[Run, ...]
    wrong: tuple[Run, ...]

    @property
    def not_run(self) -> Run | None:
        """A reply nobody here can judge, if there is one."""
        return next((run for run in (*self.right, *self.wrong) if run.stage is None), None)

    @property
    def objection(self) -> str | None:
        """Why the case proves nothing; None when it holds."""
        if not self.right or not self.wrong:
            return "a case is proved by at least one right and one wrong reply"
        for number, run in enumerate(self.right, start=1):
            if run.is_passed is False:
                return f"its right reply {number} does not pass: {run.detail or run.failed_scorer} [{run.code}]"
        passed = [number for number, run in enumerate(self.wrong, start=1) if run.is_passed]
        return f"its wrong reply {passed[0]} passes" if passed else None


async def prove_cases(loaded: Loaded, cases: Sequence[EvalCase], concurrency: int = 1) -> AsyncIterator[Proof]:
    """Each case's proof, in the order they come to an end."""
    turns = asyncio.Semaphore(concurrency)

    async def one(case: EvalCase) -> Proof:
        async with turns:
            return await prove_case(loaded, case)

    for proof in asyncio.as_completed([one(case) for case in cases]):
        yield await proof


async def prove_case(loaded: Loaded, case: EvalCase) -> Proof:
    """Let a script give each reply in turn. A judge is not asked, so what only a judge decides is left open."""
    by_programs = tuple(scorer for scorer in case.scored_by if scorer != "judge")
    judged = case.model_copy(update={"scorers": by_programs or ("accepted",)})
    replies = {f"right-{i}": reply for i, reply in enumerate(case.right, start=1)}
    replies |= {f"wrong-{i}": reply for i, reply in enumerate(case.wrong, start=1)}
    with tempfile.TemporaryDirectory(prefix="tierwise-proof-") as folder:
        script = Path(folder) / "script.json"
        rules = [{"when": "", "model": name, "reply": reply} for name, reply in replies.items()]
        await asyncio.to_thread(script.write_text, json.dumps(rules), "utf-8")
        backends = {_BACKEND: ScriptedOptions(type="scripted", script=str(script))}
        config = loaded.config.model_copy(update={"backends": backends})
        runs = {name: await _run(replace(loaded, config=config), judged, name) for name in replies}
    right = tuple(run for name, run in runs.items() if name.startswith("right"))
    return Proof(case, right, tuple(run for name, run in runs.items() if name.startswith("wrong")))


async def _run(loaded: Loaded, case: EvalCase, name: str) -> Run:
    entrant = Entrant(ref=f"{_BACKEND}/{name}", tier=Tier.BULK, is_scripted=True)
    runtime = open_runtime(with_only(loaded, entrant))
    try:
        return await run_case(runtime, Job(case=case, entrant=entrant, repetition=1))
    finally:
        await runtime.aclose()
