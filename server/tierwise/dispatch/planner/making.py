"""Ask for a plan: the planner sees outlines, and a few bodies once if it asks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tierwise.actions import Difficulty
from tierwise.backends.base import BackendError, Completion
from tierwise.checks.protected import protection_words
from tierwise.dispatch.attempt import Call, Run, Rung, ask
from tierwise.dispatch.climbing import step_after
from tierwise.dispatch.planner.asking import Question, planner_messages
from tierwise.dispatch.planner.calls import Form, Log, call_of
from tierwise.dispatch.planner.outlines import body_of
from tierwise.dispatch.planner.plan import Plan, PlanReply, read_plan, schema
from tierwise.dispatch.planner.requests import PLAN, request_of_call
from tierwise.dispatch.planner.scouting import outlines_for
from tierwise.dispatch.planner.survey import Survey, texts_of
from tierwise.dispatch.planner.validating import Scope, check_plan
from tierwise.dispatch.prepared import Prepared, names_of
from tierwise.dispatch.refused import REFUSED_TOKENS, shortened, worth_showing
from tierwise.dispatch.runtime import Runtime
from tierwise.routing.estimate import Estimate, estimate_tokens
from tierwise.routing.policy import choose_route
from tierwise.routing.tiers import Candidate, Reason, Route, Tier
from tierwise.text import Rejection

_PLAN_TOKENS = 4000
_MAX_PLANNER_CALLS = 4


@dataclass(frozen=True, slots=True)
class Made:
    """A plan and who made it."""

    plan: Plan
    planner: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A plan, or the bodies the planner asked for before it makes one."""

    plan: Plan | None = None
    bodies: Mapping[str, str] = field(default_factory=dict)


async def make_plan(run: Run, prepared: Prepared, survey: Survey, log: Log) -> Made | Rejection:
    """A valid plan, or why there is none. Every call is booked and in the log."""
    outlines = await outlines_for(run, prepared, survey, log)
    route = plan_route(run.runtime, prepared, outlines)
    log.reasons = route.reasons
    if not route.ladder:
        skipped = "; ".join(reason.words for reason in route.reasons if reason.code.startswith("skipped-"))
        return Rejection("no-model", f"nobody can be asked for a plan ({skipped or 'no tier has a model'})")
    made = await _ask_planner(run, prepared, survey, outlines, route, log)
    if isinstance(made, Rejection):
        return Rejection(made.code, f"there is no usable plan: {made.detail}")
    if made.planner.tier is not Tier.TOP:
        log.notes.append(f"no top model could be asked, so {made.planner.model!r} made the plan")
    if made.plan.note:
        log.notes.append(f"the planner says: {made.plan.note}")
    log.notes += [f"the plan would also change {path!r}, which was not given" for path in made.plan.outside]
    return made


def plan_route(runtime: Runtime, prepared: Prepared, outlines: str) -> Route:
    """Planning is deep work, whatever is planned; the tiers beneath stand in when nobody above can be asked."""
    estimate = Estimate(input_tokens=estimate_tokens(outlines) + 900, output_tokens=_PLAN_TOKENS // 4)
    request = request_of_call(runtime, prepared, PLAN, Difficulty.DEEP, estimate)
    return choose_route(request, runtime.candidates)


def first_rung(route: Route) -> Rung:
    """Who is asked for the plan; the ladder is not empty."""
    forced = next((reason for reason in route.reasons if reason.code == "forced"), None)
    why = Reason(PLAN, "the change is planned")
    return Rung(candidate=route.ladder[0], planned="first" if forced is None else "forced", why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a planner's prompt is made of, beside what it asked for."""

    runtime: Runtime
    prepared: Prepared
    survey: Survey
    outlines: str

    def call(self, rung: Rung, granted: Mapping[str, str] = MappingProxyType({})) -> Call:
        """The planner's call as it would be made; `granted` are the bodies it asked for."""
        prepared, survey = self.prepared, self.survey
        messages = planner_messages(
            Question(
                instruction=prepared.instruction or "",
                place=f"{prepared.path}, {prepared.target.name}",
                outlines=self.outlines,
                mentions=[mention.text for mention in survey.mentions],
                diagnostics=survey.diagnostics,
                granted=granted,
                evidence=rung.evidence,
                refused=shortened(rung.refused, REFUSED_TOKENS[rung.candidate.tier]),
            )
        )
        form = Form(
            _PLAN_TOKENS,
            _files_of(granted),
            schema(),
            named=frozenset(survey.order),
            must_stay=self.runtime.is_local_only(prepared.seen),
        )
        return call_of(self.runtime, rung, messages, form)


async def _ask_planner(
    run: Run, prepared: Prepared, survey: Survey, outlines: str, route: Route, log: Log
) -> Made | Rejection:
    """Up to a few calls: bodies it asks for once, a plan that was refused once more, the next one when one fails."""
    asking = Asking(runtime=run.runtime, prepared=prepared, survey=survey, outlines=outlines)
    granted: Mapping[str, str] = {}
    rung, index = first_rung(route), 0
    last = Rejection("plan-empty", "nobody was asked")
    for _ in range(_MAX_PLANNER_CALLS + len(route.ladder)):
        attempted = await ask(run, asking.call(rung, granted), _reader(run, survey, may_ask=not granted))
        log.note(attempted.summaries, _files_of(granted))
        match attempted.result:
            case _Answer(plan=Plan() as plan):
                return Made(plan, rung.candidate)
            case _Answer(bodies=bodies):
                granted = bodies
            case Rejection() as rejection if not rung.evidence:
                last = rejection
                why = Reason(PLAN, f"the plan was refused ({rejection.code})")
                refused = worth_showing(attempted)
                rung = replace(rung, planned="escalated", why=why, evidence=(rejection,), refused=refused)
            case Rejection() as rejection:
                return rejection
            case BackendError() as err:
                last = Rejection(str(err.kind), err.words)
                step = step_after(route, index, attempted, rung)
                if step is None:
                    return last
                index, rung = step[0], replace(step[1], why=Reason(PLAN, step[1].why.words))
    return last


def _reader(run: Run, survey: Survey, *, may_ask: bool) -> Callable[[Completion], Awaitable[_Answer | Rejection]]:
    """Reads a planner's reply: bodies it needs, where it still may ask, or a plan."""
    root = survey.field.root

    def is_protected(path: str) -> str | None:
        return next((words for name in names_of(root, path) if (words := protection_words(name))), None)

    scope = Scope(files=frozenset(survey.order), exists=survey.field.exists, protected=is_protected)

    async def read(completion: Completion) -> _Answer | Rejection:
        reply = read_plan(completion.text)
        if isinstance(reply, Rejection):
            return reply
        if reply.need and not reply.subtasks:
            if not may_ask:
                return Rejection("plan-asks-again", "the planner has seen what it asked for and asks for more")
            return _grant(reply, texts_of(survey), run.runtime.config.planner.grant_tokens)
        plan = check_plan(reply, scope)
        return plan if isinstance(plan, Rejection) else _Answer(plan=plan)

    return read


def _grant(reply: PlanReply, texts: Mapping[str, str], budget_tokens: int) -> _Answer | Rejection:
    """The bodies asked for, as many as the grant has room for; those it has none for are empty."""
    bodies: dict[str, str] = {}
    left = budget_tokens
    for asked in dict.fromkeys(reply.need):
        body = body_of(asked, texts)
        if isinstance(body, Rejection):
            return body
        n_tokens = estimate_tokens(body)
        if left < n_tokens and not any(bodies.values()):
            words = f"{asked!r} is longer than the {budget_tokens} tokens of code a planner may see; name a symbol"
            return Rejection("plan-asks-too-much", words)
        bodies[asked] = body if n_tokens <= left else ""
        left -= len(bodies[asked]) and n_tokens
    return _Answer(bodies=bodies)


def _files_of(granted: Mapping[str, str]) -> frozenset[str]:
    return frozenset(asked.partition("::")[0] for asked, text in granted.items() if text)
