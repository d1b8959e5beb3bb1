"""The uncertain middle of free instructions: one short question to the model of the economy role."""

import asyncio
from dataclasses import replace
from hashlib import blake2b

from tierwise.actions import Difficulty
from tierwise.backends.base import ChatMessage, Completion
from tierwise.dispatch.alike_levels import keep_level, known_level
from tierwise.dispatch.attempt import Call, Run, Rung, ask
from tierwise.dispatch.planner.calls import Form, call_of
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import AttemptSummary
from tierwise.routing.difficulty import LEVELS
from tierwise.routing.free_instructions import (
    MAX_ANSWER_TOKENS,
    Reading,
    classification_prompt,
    parse_classification,
    with_answer,
)
from tierwise.routing.obstacles import obstacle_for
from tierwise.routing.policy import RouteRequest
from tierwise.routing.tiers import Reason
from tierwise.text import Rejection

_LONGEST_S = 8.0
"""Longer than this the answer is not worth waiting for."""
_SCHEMA = {
    "type": "object",
    "properties": {"level": {"enum": [str(level) for level in LEVELS]}},
    "required": ["level"],
    "additionalProperties": False,
}


async def settle_reading(
    run: Run, prepared: Prepared, reading: Reading, request: RouteRequest
) -> tuple[Reading, tuple[AttemptSummary, ...]]:
    """The reading of a free instruction, after the economy role was asked where it was not clear, and what that took.

    Without such a model, or without a usable answer in time, it stays as it is.
    """
    call = classification_call(run.runtime, prepared, reading, request)
    if call is None:
        return reading, ()
    answer = run.runtime.opinions.get(_key(call)) or await known_level(run, prepared, call)
    summaries: tuple[AttemptSummary, ...] = ()
    if answer is None:
        answer, summaries = await _asked(run, call)
        if answer is None:
            return reading, summaries
        await keep_level(run, prepared, call, answer, summaries[-1].cost_pico_usd if summaries else None)
    run.runtime.opinions.note(_key(call), answer)
    return with_answer(reading, answer, call.rung.candidate.model), summaries


def known_reading(runtime: Runtime, call: Call, reading: Reading) -> Reading | None:
    """The reading with an earlier answer to the same question; None when nobody was asked it."""
    answer = runtime.opinions.get(_key(call))
    return None if answer is None else with_answer(reading, answer, call.rung.candidate.model)


def classification_call(runtime: Runtime, prepared: Prepared, reading: Reading, request: RouteRequest) -> Call | None:
    """The question as it would be put; None where it needs no answer, or nobody may give one."""
    candidate = runtime.economy
    is_asked = request.forced is None and request.hint == "auto" and not reading.is_clear
    if not is_asked or candidate is None or obstacle_for(request, candidate) is not None:
        return None
    system, question = classification_prompt(prepared.instruction or "", tuple(prepared.files))
    messages = (ChatMessage("system", system), ChatMessage("user", question))
    rung = Rung(candidate=candidate, planned="first", why=Reason("classify", "the instruction could be read two ways"))
    form = Form(
        MAX_ANSWER_TOKENS,
        schema=_SCHEMA,
        named=frozenset(prepared.files),
        must_stay=request.is_local_only,
        longest_s=_LONGEST_S,
    )
    return call_of(runtime, rung, messages, form)


def _key(call: Call) -> bytes:
    words = f"{call.rung.candidate.ref}\0{call.request.messages[-1].content}"
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()


async def _asked(run: Run, call: Call) -> tuple[Difficulty | None, tuple[AttemptSummary, ...]]:
    async def read(completion: Completion) -> Difficulty | Rejection:
        found = parse_classification(completion.text)
        return found or Rejection("no-level", "the answer is none of mechanical, standard and deep")

    own = replace(run, taken=[])
    try:
        attempted = await asyncio.wait_for(ask(own, call, read), _LONGEST_S)
    except TimeoutError:
        # It was closed and booked when it was broken off.
        return None, tuple(own.taken)
    return attempted.result if isinstance(attempted.result, Difficulty) else None, attempted.summaries
