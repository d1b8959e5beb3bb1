"""What a planned change would send, as far as that can be known before the first answer."""

import asyncio
from dataclasses import dataclass

from tierwise.dispatch.attempt import Call, Rung
from tierwise.dispatch.offers import display_name
from tierwise.dispatch.planner.making import Asking, first_rung, plan_route
from tierwise.dispatch.planner.scouting import known_picks, scout_call, sketch_of
from tierwise.dispatch.planner.survey import Survey
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.routing.rungs import escalations
from tierwise.routing.tiers import Candidate, Reason, Route

_MOST_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The calls that come first, and in words what comes of their answers."""

    purpose: str
    """`scout` or `plan`."""
    calls: tuple[Call, ...]
    """In the order they are made; of plans each is asked only if those before it fail."""
    words: tuple[str, ...]
    reasons: tuple[Reason, ...]


async def foresee(runtime: Runtime, prepared: Prepared, survey: Survey) -> Foreseen:
    """The scout's call, or the planner's where nobody scouts; then what follows and what it may hold."""
    sketch = await asyncio.to_thread(sketch_of, runtime, survey)
    scout = scout_call(runtime, prepared, survey) if sketch.is_too_long else None
    picked = () if scout is None else known_picks(runtime, scout)
    outlines = sketch.shown(prepared.path, picked or ())
    route = plan_route(runtime, prepared, outlines)
    if scout is not None and picked is None:
        words = (_of_plan(runtime, route, sketch.budget_tokens), *_of_work(runtime, prepared, survey, route))
        return Foreseen(purpose="scout", calls=(scout,), words=(*words, *survey.notes), reasons=route.reasons)
    asking = Asking(runtime=runtime, prepared=prepared, survey=survey, outlines=outlines)
    rungs = [] if not route.ladder else [first_rung(route)]
    rungs += [_falling_back(rungs[0], candidate) for candidate in route.ladder[1:]]
    return Foreseen(
        purpose="plan",
        calls=tuple(asking.call(rung) for rung in rungs),
        words=(*_of_work(runtime, prepared, survey, route), *survey.notes),
        reasons=route.reasons,
    )


def _falling_back(rung: Rung, candidate: Candidate) -> Rung:
    return Rung(candidate=candidate, planned="fallback", why=rung.why)


def _of_plan(runtime: Runtime, route: Route, budget_tokens: int) -> str:
    if route.first is None:
        return "nobody can be asked for the plan that would follow"
    return (
        f"then {_who(runtime, route.first)} is asked for a plan and sent names and signatures, at most about"
        f" {budget_tokens} tokens of them, of the files that answer picks first; no bodies"
    )


def _of_work(runtime: Runtime, prepared: Prepared, survey: Survey, route: Route) -> tuple[str, ...]:
    """What the answer to the plan decides: what else the planner sees, and which files go where."""
    grant = runtime.config.planner.grant_tokens
    words: list[str] = []
    if grant and route.first is not None:
        words.append(
            f"whoever plans may ask once for the text of named symbols, and is sent at most {grant} tokens of it"
        )
    workers = _workers(runtime, prepared)
    if not workers:
        return (*words, "nobody can be asked for the parts of the plan")
    listed = ", ".join(survey.order[:_MOST_LISTED])
    more = f" and {len(survey.order) - _MOST_LISTED} more" if _MOST_LISTED < len(survey.order) else ""
    words.append(
        "each part of the plan goes out in a call of its own, with the text of its files and of what it has to see of"
        f" others, to {' or '.join(_who(runtime, one) for one in workers)}: the first for mechanical parts, the next"
        " tier when an answer is refused"
    )
    words.append(f"which files these are is for the plan to say, out of {len(survey.order)}: {listed}{more}")
    return tuple(words)


def _workers(runtime: Runtime, prepared: Prepared) -> tuple[Candidate, ...]:
    """The first of each tier that may get a part of the plan."""
    is_local_only = runtime.is_local_only(prepared.seen)
    forced = prepared.task.tier
    there = tuple(
        candidate
        for candidate in runtime.candidates
        if candidate.can_be_tried
        and (candidate.is_on_this_machine or not is_local_only)
        and forced in (None, candidate.tier)
    )
    return escalations(there)


def _who(runtime: Runtime, candidate: Candidate) -> str:
    origin = runtime.site(candidate).origin
    place = f" at {origin}" if origin else ""
    stays = ", on this machine" if candidate.is_on_this_machine else ""
    return f"{display_name(candidate)} ({candidate.tier}{place}{stays})"
