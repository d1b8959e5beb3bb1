"""The outline a planner is shown; in a large project a cheap model picks the files it begins with."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from tierwise.actions import Difficulty
from tierwise.backends.base import ChatMessage, Completion
from tierwise.dispatch.attempt import Call, Run, Rung, ask
from tierwise.dispatch.planner.asking import scout_messages
from tierwise.dispatch.planner.calls import Form, Log, call_of
from tierwise.dispatch.planner.json_reply import json_of
from tierwise.dispatch.planner.outlines import Outlined, outline_file, survey_text
from tierwise.dispatch.planner.requests import SCOUT, request_of_call
from tierwise.dispatch.planner.survey import Survey, likely_files, texts_of
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.routing.estimate import Estimate, estimate_tokens
from tierwise.routing.obstacles import obstacle_for
from tierwise.routing.policy import choose_route
from tierwise.routing.tiers import Candidate, Reason, Tier
from tierwise.text import Rejection

_SCOUT_TOKENS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A project's outline, of which a planner is shown as much as its budget has room for."""

    outlines: Mapping[str, Outlined]
    """Of each file in the scope."""
    order: tuple[str, ...]
    likely: frozenset[str]
    """The files that mention what the change is about."""
    budget_tokens: int
    is_too_long: bool
    """Whether not all that is needed fits, so that somebody has to choose."""

    def shown(self, first: str, picked: tuple[str, ...] = ()) -> str:
        """The outline for the planner: the file the task was given in, then what a scout picked, then the rest."""
        order = dict.fromkeys((first, *picked, *self.order)) if picked else self.order
        likely = frozenset((*self.likely, *picked))
        return survey_text([self.outlines[path] for path in order], self.budget_tokens, likely)


def sketch_of(runtime: Runtime, survey: Survey) -> Sketch:
    """The outline of every file in the scope; takes seconds of computing in a large project."""
    texts, likely = texts_of(survey), likely_files(survey)
    budget = runtime.config.planner.outline_tokens
    outlines = {path: outline_file(path, texts[path]) for path in survey.order}
    needed = (outlined for path, outlined in outlines.items() if not likely or path in likely)
    return Sketch(
        outlines=outlines,
        order=survey.order,
        likely=likely,
        budget_tokens=budget,
        is_too_long=budget < sum(estimate_tokens(outlined.text) for outlined in needed),
    )


async def outlines_for(run: Run, prepared: Prepared, survey: Survey, log: Log) -> str:
    """The outline the planner is shown; a scout picks the files where the project's whole outline is too long."""
    sketch = await asyncio.to_thread(sketch_of, run.runtime, survey)
    picked = await _scout(run, prepared, survey, log) if sketch.is_too_long else ()
    return sketch.shown(prepared.path, picked)


async def _scout(run: Run, prepared: Prepared, survey: Survey, log: Log) -> tuple[str, ...]:
    """The files a cheap model holds for concerned, the likeliest first; empty when it gives no usable answer.

    Its answer only changes the order of outlines, so a failure costs nothing but that.
    """
    call = scout_call(run.runtime, prepared, survey)
    if call is None:
        return ()
    known = known_picks(run.runtime, call)
    if known is not None:
        return known
    names = frozenset(survey.order)

    async def read(completion: Completion) -> tuple[str, ...] | Rejection:
        found = json_of(completion.text)
        if isinstance(found, Rejection):
            return found
        listed = found.get("files")
        listed = listed if isinstance(listed, list) else []
        picked = tuple(name for name in listed if isinstance(name, str) and name in names)
        return picked or Rejection("scout-empty", "the scout named no file of the project")

    attempted = await ask(run, call, read)
    log.note(attempted.summaries, ())
    if not isinstance(attempted.result, tuple):
        return ()
    run.runtime.picks.note(_key(call), attempted.result)
    return attempted.result


def known_picks(runtime: Runtime, call: Call) -> tuple[str, ...] | None:
    """What a scout answered to the very same question before; None when nobody was asked it."""
    return runtime.picks.get(_key(call))


def _key(call: Call) -> bytes:
    words = "\0".join((call.rung.candidate.ref, *(message.content for message in call.request.messages)))
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def scout_call(runtime: Runtime, prepared: Prepared, survey: Survey) -> Call | None:
    """The scout's call as it would be made; None when there is nobody cheap to ask."""
    messages = scout_messages(
        instruction=prepared.instruction or "",
        place=f"{prepared.path}, {prepared.target.name}",
        names=survey.order,
        mentions=[mention.text for mention in survey.mentions],
    )
    candidate = _scout_candidate(runtime, prepared, messages)
    if candidate is None:
        return None
    rung = Rung(candidate=candidate, planned="first", why=Reason("scout", "the project is too large for one outline"))
    must_stay = runtime.is_local_only(prepared.seen)
    return call_of(runtime, rung, messages, Form(_SCOUT_TOKENS, named=frozenset(survey.order), must_stay=must_stay))


def _scout_candidate(runtime: Runtime, prepared: Prepared, messages: tuple[ChatMessage, ...]) -> Candidate | None:
    """The model of the economy role where the user named one, else the first on the route that is not at the top."""
    n_input = sum(estimate_tokens(message.content) for message in messages)
    request = request_of_call(
        runtime,
        prepared,
        SCOUT,
        Difficulty.STANDARD,
        Estimate(input_tokens=n_input, output_tokens=_SCOUT_TOKENS // 4),
    )
    economy = runtime.economy if runtime.config.roles.economy is not None else None
    if economy is not None and request.forced is None and obstacle_for(request, economy) is None:
        return economy
    ladder = choose_route(request, runtime.candidates).ladder
    return next((candidate for candidate in ladder if candidate.tier is not Tier.TOP), None)
