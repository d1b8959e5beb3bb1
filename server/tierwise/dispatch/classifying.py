"""The uncertain middle of free instructions: one short question to the model of the economy role."""

import asyncio
from hashlib import blake2b

from tierwise.actions import Difficulty
from tierwise.backends.base import ChatMessage, Completion
from tierwise.dispatch.attempt import Run, Rung, ask
from tierwise.dispatch.planner.calls import Form, call_of
from tierwise.dispatch.prepared import Prepared
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
from tierwise.routing.tiers import Candidate, Reason
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
    candidate = run.runtime.economy
    if reading.is_clear or candidate is None or obstacle_for(request, candidate) is not None:
        return reading, ()
    system, question = classification_prompt(prepared.instruction or "", tuple(prepared.files))
    key = blake2b(f"{candidate.ref}\0{question}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    answer = run.runtime.opinions.get(key)
    summaries: tuple[AttemptSummary, ...] = ()
    if answer is None:
        messages = (ChatMessage("system", system), ChatMessage("user", question))
        answer, summaries = await _asked(run, candidate, messages)
        if answer is None:
            return reading, summaries
        run.runtime.opinions.note(key, answer)
    return with_answer(reading, answer, candidate.model), summaries


async def _asked(
    run: Run, candidate: Candidate, messages: tuple[ChatMessage, ...]
) -> tuple[Difficulty | None, tuple[AttemptSummary, ...]]:
    async def read(completion: Completion) -> Difficulty | Rejection:
        found = parse_classification(completion.text)
        return found or Rejection("no-level", "the answer is none of mechanical, standard and deep")

    rung = Rung(candidate=candidate, planned="first", why=Reason("classify", "the instruction could be read two ways"))
    call = call_of(run, rung, messages, Form(MAX_ANSWER_TOKENS, schema=_SCHEMA))
    try:
        attempted = await asyncio.wait_for(ask(run, call, read), _LONGEST_S)
    except TimeoutError:
        return None, ()
    return attempted.result if isinstance(attempted.result, Difficulty) else None, attempted.summaries
