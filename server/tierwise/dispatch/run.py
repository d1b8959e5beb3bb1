"""One action from the click to a verified proposal."""

import asyncio
import hashlib
from dataclasses import replace

from tierwise.actions import Action
from tierwise.backends.base import BackendError
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.budgets import Ask, Purse, ask_nobody
from tierwise.dispatch.classifying import settle_reading
from tierwise.dispatch.climbing import Climbed, climb, gave_up
from tierwise.dispatch.native_road import NativeDone, try_native
from tierwise.dispatch.offers import display_name, with_reading
from tierwise.dispatch.planner.road import carry_out_plan, survey_to_plan
from tierwise.dispatch.prepare import prepare, too_long
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.recalling import begin_task
from tierwise.dispatch.recording import record
from tierwise.dispatch.repeats import piece_of
from tierwise.dispatch.requesting import reaches_far, reading_of, request_of
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import (
    AttemptSummary,
    Proposal,
    Refusal,
    Report,
    Task,
    Workspace,
    total_cost,
)
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import MODEL_TIERS, Reason, Route, Tier
from tierwise.store.rows import ActionStart


async def run_action(
    runtime: Runtime, task: Task, workspace: Workspace, report: Report, ask: Ask = ask_nobody
) -> Proposal | Refusal:
    """Carry out one task; nothing is written anywhere but in the ledger.

    `ask` puts a question about money to the user. Cancelling closes the call under way, books it, and makes no
    further one.
    """
    action = runtime.action(task.action_id)
    obstacle = _obstacle(runtime, action, task)
    if action is None or obstacle is not None:
        return obstacle or _refusal(task, "unknown-action", f"there is no action {task.action_id!r}")
    prepared = await asyncio.to_thread(prepare, action, task, workspace, runtime.is_never_sent)
    if isinstance(prepared, Refusal):
        return prepared
    async with runtime.first_look:
        # Whoever clicks in the first moment waits for what the ledger knows of the models.
        pass
    purse = Purse(runtime.config.budgets, runtime.ledger, ask)
    booking = Booking(runtime.ledger, purse, runtime.config.limits.deadline_s.action, runtime.journal)
    folder = hashlib.sha256(str(prepared.root).encode()).hexdigest()[:16]
    try:
        troubles = await booking.begin(
            ActionStart(action=action.id, language=prepared.language, workspace=folder, client=task.client)
        )
        if troubles is not None:
            runtime.take_troubles(troubles)
        outcome = await _carry_out(runtime, prepared, workspace, booking, report)
        await purse.look_back()
        purse.notes += runtime.team.passed()
    except asyncio.CancelledError:
        await booking.end("cancelled", "cancelled")
        raise
    await _book_end(booking, outcome)
    await record(runtime, booking.key, prepared, outcome, booking.given)
    await runtime.means.look()
    runtime.note_action()
    told = replace(_with_notices(_with_money(outcome, purse), runtime), action_key=booking.key)
    return _with_ledger_problem(told, booking.problem or runtime.ledger_problem)


def _obstacle(runtime: Runtime, action: Action | None, task: Task) -> Refusal | None:
    """What speaks against even looking at the task."""
    if action is None:
        known = ", ".join(repr(a.id) for a in runtime.actions)
        return _refusal(task, "unknown-action", f"there is no action {task.action_id!r}; there are {known}")
    size = len(task.snapshot.text.encode("utf-8", "surrogatepass"))
    if runtime.max_file_bytes < size:
        words = f"the document has {size} bytes, over the limit of {runtime.max_file_bytes} (limits.max_file_bytes)"
        return _refusal(task, "too-large", words)
    language = task.snapshot.language
    if action.languages is not None and language not in action.languages:
        known = ", ".join(sorted(action.languages))
        return _refusal(task, "wrong-language", f"{action.id!r} is offered for {known}, not for {language!r}")
    if "\0" in task.snapshot.text:
        return _refusal(task, "binary", "the document holds NUL characters, so it is not taken for text")
    return None


def _refusal(task: Task, code: str, words: str) -> Refusal:
    return Refusal(action_id=task.action_id, code=code, words=words)


async def _carry_out(
    runtime: Runtime, prepared: Prepared, workspace: Workspace, booking: Booking, report: Report
) -> Proposal | Refusal:
    native = await try_native(runtime, prepared, workspace, report)
    if isinstance(native, NativeDone):
        return native.proposal(booking.key)
    request = request_of(runtime, prepared)
    run = Run(
        runtime=runtime,
        booking=booking,
        running=runtime.running_checks(workspace),
        report=report,
        task=piece_of(prepared),
        is_repeat=request.rejected_on is not None,
    )
    await begin_task(run, prepared)
    reading = reading_of(prepared)
    asked: tuple[AttemptSummary, ...] = ()
    if reading is not None:
        reading, asked = await settle_reading(run, prepared, reading, request)
        request = with_reading(request, reading)
    survey = await survey_to_plan(runtime, prepared, workspace) if reaches_far(prepared, reading) else None
    if survey is not None:
        outcome = await carry_out_plan(run, prepared, survey, asked)
        if isinstance(outcome, Proposal):
            runtime.repeats.note(prepared, outcome.tier)
        return outcome
    outcome = too_long(prepared) or await _climb_ladder(run, prepared, workspace, request, native.reasons)
    return _after(asked, outcome)


async def _climb_ladder(
    run: Run, prepared: Prepared, workspace: Workspace, request: RouteRequest, native: tuple[Reason, ...]
) -> Proposal | Refusal:
    """Ask one model after the other; `native` is why no tool of the project does it."""
    runtime, booking = run.runtime, run.booking
    route = choose_route(request, runtime.candidates)
    reasons = (*native, *route.reasons)
    if not route.ladder:
        return _nobody(prepared, reasons)
    route = replace(route, reasons=reasons)
    climbed = await climb(run, prepared, route)
    if not isinstance(climbed.last.result, BackendError):
        runtime.repeats.note(prepared, climbed.candidate.tier)
    if climbed.judged is not None and not climbed.recalled:
        runtime.tripwire.note_proposal(booking.key, prepared, workspace, climbed.candidate, climbed.judged)
    outcome = _outcome(prepared, route, booking, climbed)
    if isinstance(outcome, Refusal) and prepared.action.is_native_first:
        # The formatter that comes with Tierwise is the last resort, when neither the project nor a model helped.
        last = await try_native(runtime, prepared, workspace, run.report, is_last_resort=True)
        if isinstance(last, NativeDone):
            return last.proposal(booking.key, outcome.attempts)
    return outcome


def _after(asked: tuple[AttemptSummary, ...], outcome: Proposal | Refusal) -> Proposal | Refusal:
    """An outcome with the calls before it, which were paid for too."""
    if not asked:
        return outcome
    attempts = (*asked, *outcome.attempts)
    return replace(outcome, attempts=attempts, cost_pico_usd=total_cost(attempts))


def _nobody(prepared: Prepared, reasons: tuple[Reason, ...]) -> Refusal:
    skipped = [r.words for r in reasons if r.code.startswith("skipped-")]
    why = "; ".join(skipped) if skipped else "no tier has a model"
    return Refusal(
        action_id=prepared.action.id,
        code="no-model",
        words=f"no model can be asked ({why}); `tierwise doctor` says what would mend it",
        reasons=reasons,
    )


def _outcome(prepared: Prepared, route: Route, booking: Booking, climbed: Climbed) -> Proposal | Refusal:
    judged, candidate = climbed.judged, climbed.candidate
    if judged is None:
        return gave_up(prepared.action.id, route.reasons, climbed)
    names = ", ".join(change.path.name for change in judged.changes) or "nothing to change"
    made = f"by {display_name(candidate)}{', from the cache' if climbed.recalled else ''}"
    return Proposal(
        action_id=prepared.action.id,
        action_key=booking.key,
        changes=judged.changes,
        summary=f"{prepared.action.title_for(prepared.target)}: {names}, {made}",
        tier=candidate.tier,
        model=candidate.model,
        cost_pico_usd=total_cost(climbed.attempts),
        attempts=climbed.attempts,
        reasons=(*climbed.recalled, *route.reasons),
        notes=(*judged.notes, *_fallen(route, climbed)),
        is_scripted=candidate.is_scripted,
    )


def _fallen(route: Route, climbed: Climbed) -> tuple[str, ...]:
    """The mark on an edit made by a lower tier than the one that was to make it."""
    wanted, asked = route.ladder[0], climbed.candidate
    if MODEL_TIERS.index(wanted.tier) <= MODEL_TIERS.index(asked.tier):
        return ()
    why = next((a.detail or a.code for a in climbed.attempts if a.model == wanted.model and a.code), "")
    return (f"made by {display_name(asked)} of the {asked.tier} tier in place of {display_name(wanted)}: {why}",)


def _with_money(outcome: Proposal | Refusal, purse: Purse) -> Proposal | Refusal:
    """What the user should know of the money, with the outcome."""
    if not purse.notes and not purse.reasons:
        return outcome
    reasons = (*outcome.reasons, *purse.reasons)
    if isinstance(outcome, Refusal):
        return replace(outcome, reasons=reasons)
    return replace(outcome, reasons=reasons, notes=(*outcome.notes, *dict.fromkeys(purse.notes)))


def _with_notices(outcome: Proposal | Refusal, runtime: Runtime) -> Proposal | Refusal:
    """What went wrong with the cache or the team's servers, beside an outcome that did without it."""
    if isinstance(outcome, Refusal):
        return outcome
    told = (*runtime.replies.take_notice(), *runtime.sentences.take_notice(), *runtime.team.take_notice())
    return replace(outcome, notes=(*outcome.notes, *told))


async def _book_end(booking: Booking, outcome: Proposal | Refusal) -> None:
    if isinstance(outcome, Proposal):
        await booking.end("native" if outcome.tier is Tier.NATIVE else "proposed", "")
        return
    is_failure = bool(outcome.attempts) and outcome.attempts[-1].outcome == "failed"
    await booking.end("failed" if is_failure else "refused", outcome.code)


def _with_ledger_problem(outcome: Proposal | Refusal, problem: str | None) -> Proposal | Refusal:
    if problem is None:
        return outcome
    if isinstance(outcome, Refusal):
        return replace(outcome, words=f"{outcome.words} (not booked: {problem})") if outcome.attempts else outcome
    return replace(outcome, notes=(*outcome.notes, f"not booked: {problem}"))
