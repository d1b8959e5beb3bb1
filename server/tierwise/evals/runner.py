"""Run one case with one model, along the same road a click takes, and score what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tierwise.backends.base import FailureKind
from tierwise.checks import RUNNING_CHECKS, Change, Check, verify
from tierwise.config.eval_cases import EvalCase, Scorer
from tierwise.dispatch import FileChange, Progress, Proposal, Refusal, Runtime, run_action
from tierwise.evals.judging import Judge, Opinion
from tierwise.evals.programs import run_tests
from tierwise.evals.scoring import Entrant, Run, Stage, stage_of_rejection
from tierwise.evals.workspaces import Texts, task_of, texts_of, workspace_of
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

NOT_HEARD = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.CONNECTION,
        FailureKind.TIMEOUT_CONNECT,
        FailureKind.RATE_LIMITED,
        FailureKind.OVERLOADED,
        FailureKind.SERVER_ERROR,
        FailureKind.AUTHENTICATION,
        FailureKind.NO_MODEL,
        FailureKind.BAD_REQUEST,
        FailureKind.TOO_LONG,
        FailureKind.TRUNCATED_PROMPT,
        FailureKind.NOT_CONFIGURED,
        FailureKind.OVER_BUDGET,
        FailureKind.UNKNOWN_PRICE,
    }
)
"""Failures that say something of a server, of a window or of money, and nothing of what the model would answer."""
_UNPROVED = "the tests are not proved"
_NOT_RUN = frozenset({"no-runner", "no-sandbox"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case with one model."""

    case: EvalCase
    entrant: Entrant
    repetition: int

    @property
    def blank(self) -> Run:
        """Nothing came of it yet."""
        return Run(case=self.case.id, model=self.entrant.ref, repetition=self.repetition, stage=None)


async def run_case(runtime: Runtime, job: Job, judge: Judge | None = None) -> Run:
    """Make the call, which is booked like any other, and score the answer."""
    case, blank = job.case, job.blank
    checks = _checks_of(runtime, case)
    if isinstance(checks, Rejection):
        return replace(blank, code=checks.code, detail=checks.detail)
    async with workspace_of(case, runtime.max_file_bytes) as workspace:
        if isinstance(workspace, Rejection):
            return replace(blank, code=workspace.code, detail=workspace.detail)
        task = task_of(case, workspace.root, job.entrant.tier)
        outcome = await run_action(runtime, task, workspace, _watch_nothing)
        root = workspace.root
    attempts = outcome.attempts
    run = replace(
        blank,
        cost_pico_usd=outcome.cost_pico_usd,
        duration_s=sum(attempt.duration_s for attempt in attempts),
        input_tokens=sum(attempt.input_tokens for attempt in attempts),
        output_tokens=sum(attempt.output_tokens for attempt in attempts),
    )
    if isinstance(outcome, Refusal):
        return _refused(run, outcome)
    changes = {change.path.relative_to(root).as_posix(): change for change in outcome.changes}
    run = _judged(replace(run, notes=outcome.notes), case, checks, changes)
    if run.stage is not Stage.ACCEPTED:
        return run
    after: Texts = {**texts_of(case), **{path: change.after for path, change in changes.items()}}
    return await _scored(run, case, after, outcome, judge)


def _watch_nothing(_progress: Progress) -> None:
    """Nobody waits for a single run."""


def _checks_of(runtime: Runtime, case: EvalCase) -> tuple[Check, ...] | Rejection:
    """The checks a case asks for beyond those its action has."""
    action = runtime.action(case.action)
    own = () if action is None else action.checks
    beyond = [name for name in case.checks if name not in own]
    known = [str(check) for check in Check if check not in RUNNING_CHECKS]
    unknown = next((name for name in beyond if name not in known), None)
    if unknown is not None:
        return Rejection(
            "unknown-check", f"a case cannot ask for the check {unknown!r}; take one of {', '.join(known)}"
        )
    return tuple(Check(name) for name in beyond)


def _refused(blank: Run, refusal: Refusal) -> Run:
    run = replace(blank, code=refusal.code, detail=refusal.words)
    if not refusal.attempts:
        return run
    last = refusal.attempts[-1]
    if last.outcome == "rejected":
        stage = stage_of_rejection(last.code)
        return replace(run, stage=stage, detail=last.detail, is_passed=False, failed_scorer=_missed(stage))
    return run if last.code in NOT_HEARD else replace(run, stage=Stage.NOTHING, is_passed=False)


def _missed(stage: Stage) -> Scorer:
    """The first scorer an answer fails that came no further."""
    return {Stage.NOTHING: "applies", Stage.APPLIED: "parses"}.get(stage, "accepted")  # type: ignore[return-value]


def _judged(blank: Run, case: EvalCase, checks: tuple[Check, ...], changes: Mapping[str, FileChange]) -> Run:
    """An answer the action's own checks accepted, against the checks the case asks for beyond them."""
    run = replace(blank, stage=Stage.ACCEPTED)
    if case.expected is not None:
        before = texts_of(case)
        wanted = {path: text for path, text in case.expected.items() if text != before.get(path)}
        run = replace(run, is_exact=wanted == {path: change.after for path, change in changes.items()})
    for path, change in changes.items():
        old = None if change.before is None else change.before.text
        verdict = verify(checks, Change(path=path, language=change.language, before=old, after=change.after))
        if isinstance(verdict, Rejection):
            stage = stage_of_rejection(verdict.code)
            return replace(run, stage=stage, code=verdict.code, detail=verdict.detail, is_passed=False)
    return run


async def _scored(run: Run, case: EvalCase, after: Texts, outcome: Proposal, judge: Judge | None) -> Run:
    """Whether an accepted answer holds what the case is scored by; cheap scorers first, the judge last."""
    if any(_is_same(unwanted, after) for unwanted in case.unwanted):
        words = "the answer is one that is known to be wrong"
        return replace(run, is_passed=False, failed_scorer="same-program", code="unwanted", detail=words)
    for scorer in sorted(case.scored_by, key=_ORDER.index):
        rejection = _compared(scorer, run, case, after)
        if scorer == "tests-pass":
            rejection = await _tested(case, after, outcome)
        elif scorer == "judge":
            opinion = await _asked(case, after, judge)
            run, rejection = replace(run, judge_pico_usd=opinion.pico_usd), opinion.rejection
        if rejection is not None:
            return _failed(run, scorer, rejection)
    return replace(run, is_passed=True)


def _failed(run: Run, scorer: Scorer, rejection: Rejection) -> Run:
    """An answer that did not hold, or of which nobody can tell."""
    run = replace(run, code=rejection.code, detail=rejection.detail)
    if rejection.code in _NOT_RUN:
        return replace(run, stage=None, is_passed=None)
    return run if rejection.code == "not-judged" else replace(run, is_passed=False, failed_scorer=scorer)


def _compared(scorer: Scorer, run: Run, case: EvalCase, after: Texts) -> Rejection | None:
    if scorer == "exact" and run.is_exact is not True:
        return Rejection("not-exact", "the answer is not the one that is right")
    if scorer == "same-program" and not _is_same(case.expected or texts_of(case), after):
        return Rejection("not-the-same-program", "the answer is another program than it should be")
    return None


_ORDER: tuple[Scorer, ...] = ("applies", "parses", "accepted", "exact", "same-program", "tests-pass", "judge")


def _is_same(wanted: Texts, after: Texts) -> bool:
    """Whether every one of these files is the same program as it should be."""
    for path, text in wanted.items():
        now = after.get(path)
        if text is None or now is None:
            if text is not now:
                return False
            continue
        change = Change(path=path, language=language_of(path), before=text, after=now, must_keep_comments=False)
        if text != now and isinstance(verify((Check.SAME_PROGRAM,), change), Rejection):
            return False
    return True


async def _tested(case: EvalCase, after: Texts, outcome: Proposal) -> Rejection | None:
    if case.tests is None:
        unproved = next((note for note in outcome.notes if note.startswith(_UNPROVED)), None)
        return None if unproved is None else Rejection("no-runner", unproved)
    return await run_tests(case.tests, after)


async def _asked(case: EvalCase, after: Texts, judge: Judge | None) -> Opinion:
    if judge is None:
        words = "no model judges; name one with --judge or set roles.judge"
        return Opinion(Rejection("not-judged", words))
    return await judge.look(case, after)
