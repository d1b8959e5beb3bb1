"""A change over many files: planned from outlines, carried out in sealed pieces, checked as a whole."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from tierwise.dispatch.attempt import Run
from tierwise.dispatch.audit import Audit
from tierwise.dispatch.offers import display_name
from tierwise.dispatch.planner.calls import Log
from tierwise.dispatch.planner.changes import changes_of
from tierwise.dispatch.planner.crew import side_by_side
from tierwise.dispatch.planner.making import Made, make_plan
from tierwise.dispatch.planner.plan import Subtask
from tierwise.dispatch.planner.survey import Survey, survey_of, texts_of
from tierwise.dispatch.planner.whole import faults_of
from tierwise.dispatch.planner.work import Worked, seal, shown_files, work
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sealing import Seal
from tierwise.dispatch.values import AttemptSummary, Progress, Proposal, Refusal, Report, Workspace, total_cost
from tierwise.routing.estimate import estimate_tokens
from tierwise.text import Rejection

_MAX_ROUNDS = 3
"""The work itself, and two rounds of mending what only the whole shows."""


async def survey_to_plan(runtime: Runtime, prepared: Prepared, workspace: Workspace) -> Survey | None:
    """The project around a change over many files, where it is to be planned.

    None when one model can simply be shown what there is, since a plan would cost more than it saves.
    """
    options = runtime.config.planner
    if not options.enabled or prepared.root not in workspace.roots:
        return None
    survey = await asyncio.to_thread(survey_of, runtime, prepared, workspace)
    n_tokens = sum(estimate_tokens(text) for text in texts_of(survey).values())
    return None if len(survey.order) < 2 or n_tokens <= options.single_call_tokens else survey


async def carry_out_plan(
    run: Run, prepared: Prepared, survey: Survey, asked: tuple[AttemptSummary, ...] = ()
) -> Proposal | Refusal:
    """Plan, carry out and check one change over many files; nothing is written anywhere but in the ledger.

    `asked` are the calls it took to see that there is something to plan.
    """
    log = Log(audit=Audit(n_files=len(survey.order)), notes=list(survey.notes))
    log.note(asked, ())
    made = await make_plan(run, prepared, survey, log)
    if isinstance(made, Rejection):
        return log.refusal(prepared.action.id, made)
    return await _Works(run, prepared, survey, made, log).carry_out()


class _Works:
    """The subtasks of one plan under way."""

    def __init__(self, run: Run, prepared: Prepared, survey: Survey, made: Made, log: Log) -> None:
        self._run = run
        self._prepared = prepared
        self._field = survey.field
        self._plan = made.plan
        self._planner = made.planner
        self._log = log
        self._candidates = [made.planner]
        self._replies: dict[str, str] = {}
        """What was accepted of each subtask, by its id."""

    async def carry_out(self) -> Proposal | Refusal:
        """All subtasks, then the whole, then again those in whose files the whole shows a fault."""
        subtasks: Sequence[Subtask] = self._plan.subtasks
        evidence: Mapping[str, Rejection] = {}
        for _ in range(_MAX_ROUNDS):
            failed = await self._work_on(subtasks, evidence)
            if failed is not None:
                return self._refuse(failed)
            found = await faults_of(self._run, self._prepared, self._field)
            if not found.faults:
                self._log.notes += found.notes
                return self._proposal()
            first = found.faults[0]
            evidence = {fault.path: fault.rejection for fault in found.faults}
            subtasks = [s for s in self._plan.subtasks if not evidence.keys().isdisjoint({*s.touched, *s.edited})]
            if not any(subtask.needs_model for subtask in subtasks):
                break
        return self._refuse(Rejection(first.rejection.code, f"{first.path!r}: {first.rejection.detail}"))

    async def _work_on(self, subtasks: Sequence[Subtask], evidence: Mapping[str, Rejection]) -> Rejection | None:
        """Carry out subtasks side by side; the first that nobody ends well is the reason why all end."""
        for subtask in subtasks:
            self._field.undo(subtask)
        for subtask in subtasks:
            self._field.move(subtask)
        meant = [subtask for subtask in subtasks if subtask.needs_model]
        if not meant:
            return None
        n_all, n_ended = len(meant), 0
        parallel = self._run.runtime.config.planner.parallel

        async def carry(subtask: Subtask) -> Worked:
            words = f"{n_ended + 1} of {n_all}, {subtask.title}"
            told = _prefixed(self._run.report, words, 100 * n_ended // n_all)
            run = replace(self._run, report=told, taken=[], seal=Seal())
            contracts = [other.contract for other in self._plan.subtasks if other.contract and other != subtask]
            reasons = dict.fromkeys(evidence[p] for p in (*subtask.edited, *subtask.touched) if p in evidence)
            sealed = seal(self._field, self._prepared, subtask, contracts, tuple(reasons))
            try:
                return await work(run, sealed, subtask, tuple(reasons), self._replies.get(subtask.id, ""))
            finally:
                # Also when another subtask came to nothing and this one is broken off: its calls were paid for.
                self._log.note(run.taken, shown_files(sealed))

        async with aclosing(side_by_side(meant, carry, parallel)) as workers:
            async for _, worked in workers:
                n_ended += 1
                rejection = self._take(worked)
                if rejection is not None:
                    return rejection
        return None

    def _take(self, worked: Worked) -> Rejection | None:
        if worked.climbed is not None:
            self._candidates.append(worked.climbed.candidate)
            self._replies[worked.subtask.id] = worked.climbed.last.reply
            if worked.climbed.recalled:
                self._log.note(worked.climbed.attempts, ())
        self._log.notes += worked.notes
        if isinstance(worked.result, Rejection):
            words = f"the subtask {worked.subtask.title!r} came to nothing: {worked.result.detail}"
            return Rejection(worked.result.code, words)
        self._field.take(worked.result)
        return None

    def _proposal(self) -> Proposal | Refusal:
        changes = changes_of(self._field, self._plan, self._prepared)
        if not changes:
            return self._refuse(Rejection("no-change", "the plan was carried out and leaves everything as it is"))
        attempts = tuple(self._log.attempts)
        names = ", ".join(change.path.name for change in changes)
        n_subtasks = len(self._plan.subtasks)
        by = f"{n_subtasks} subtask{'s' * (n_subtasks != 1)} planned by {display_name(self._planner)}"
        return Proposal(
            action_id=self._prepared.action.id,
            action_key=self._run.booking.key,
            changes=changes,
            summary=f"{self._prepared.action.title_for(self._prepared.target)}: {names}, {by}",
            tier=self._planner.tier,
            model=self._planner.model,
            cost_pico_usd=total_cost(attempts),
            attempts=attempts,
            reasons=self._log.reasons,
            notes=tuple(dict.fromkeys((self._log.audit.words, *self._log.notes))),
            is_scripted=any(candidate.is_scripted for candidate in self._candidates),
            audit=self._log.audit,
        )

    def _refuse(self, rejection: Rejection) -> Refusal:
        detail = f"nothing was changed: {rejection.detail}"
        return self._log.refusal(self._prepared.action.id, Rejection(rejection.code, detail))


def _prefixed(report: Report, words: str, percentage: int) -> Report:
    """A report that says which subtask speaks; the bar shows how many have ended."""

    def tell(progress: Progress) -> None:
        report(
            Progress(
                message=f"{words}: {progress.message}",
                tier=progress.tier,
                model=progress.model,
                n_tokens=progress.n_tokens,
                percentage=percentage,
            )
        )

    return tell
