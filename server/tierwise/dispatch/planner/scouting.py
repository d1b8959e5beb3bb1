"""The outline a planner is shown; in a large project a cheap model picks the files it begins with."""

from tierwise.actions import Difficulty
from tierwise.backends.base import Completion
from tierwise.dispatch.attempt import Run, Rung, ask
from tierwise.dispatch.planner.asking import scout_messages
from tierwise.dispatch.planner.calls import Form, Log, call_of
from tierwise.dispatch.planner.json_reply import json_of
from tierwise.dispatch.planner.outlines import outline_file, survey_text
from tierwise.dispatch.planner.survey import Survey, likely_files, texts_of
from tierwise.dispatch.prepared import Prepared
from tierwise.routing.estimate import Estimate, estimate_tokens
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Reason, Tier
from tierwise.text import Rejection

_SCOUT_TOKENS = 800


async def outlines_for(run: Run, prepared: Prepared, survey: Survey, log: Log) -> str:
    """The outline the planner is shown; a scout picks the files where the project's whole outline is too long."""
    texts = texts_of(survey)
    budget = run.runtime.config.planner.outline_tokens
    likely = likely_files(survey)
    order = survey.order
    whole = {path: outline_file(path, texts[path]) for path in order}
    needed = [outlined for path, outlined in whole.items() if not likely or path in likely]
    if budget < sum(estimate_tokens(outlined.text) for outlined in needed):
        picked = await _scout(run, prepared, survey, log)
        likely = frozenset((*likely, *picked))
        order = tuple(dict.fromkeys((prepared.path, *picked, *order)))
    return survey_text([whole[path] for path in order], budget, likely)


async def _scout(run: Run, prepared: Prepared, survey: Survey, log: Log) -> tuple[str, ...]:
    """The files a cheap model holds for concerned, the likeliest first; empty when it gives no usable answer.

    Its answer only changes the order of outlines, so a failure costs nothing but that.
    """
    messages = scout_messages(
        instruction=prepared.instruction or "",
        place=f"{prepared.path}, {prepared.target.name}",
        names=survey.order,
        mentions=[mention.text for mention in survey.mentions],
    )
    n_input = sum(estimate_tokens(message.content) for message in messages)
    request = RouteRequest(
        difficulty=Difficulty.STANDARD,
        estimate=Estimate(input_tokens=n_input, output_tokens=_SCOUT_TOKENS // 4),
        is_local_only=run.runtime.is_local_only(prepared.seen),
    )
    route = choose_route(request, run.runtime.candidates)
    ladder = [candidate for candidate in route.ladder if candidate.tier is not Tier.TOP]
    if not ladder:
        return ()
    candidate = ladder[0]
    known = frozenset(survey.order)

    async def read(completion: Completion) -> tuple[str, ...] | Rejection:
        found = json_of(completion.text)
        if isinstance(found, Rejection):
            return found
        names = found.get("files")
        listed = names if isinstance(names, list) else []
        picked = tuple(name for name in listed if isinstance(name, str) and name in known)
        return picked or Rejection("scout-empty", "the scout named no file of the project")

    rung = Rung(candidate=candidate, planned="first", why=Reason("scout", "the project is too large for one outline"))
    attempted = await ask(run, call_of(run, rung, messages, Form(_SCOUT_TOKENS)), read)
    log.note(attempted.summary, ())
    return attempted.result if isinstance(attempted.result, tuple) else ()
