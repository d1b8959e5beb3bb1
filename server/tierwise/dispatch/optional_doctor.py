"""What the doctor says of what is off unless the user wants it: telemetry, and vectors of instructions."""

import asyncio
from typing import TYPE_CHECKING

from tierwise.backends.base import BackendError
from tierwise.config.doctor import Finding
from tierwise.config.similarity_options import is_bundled

if TYPE_CHECKING:
    from tierwise.dispatch.runtime import Runtime

_LONGEST_S = 5.0
_TELEMETRY, _SIMILARITY = "telemetry", "similarity"
_OTEL, _SIMILAR = "pip install 'tierwise[otel]'", "pip install 'tierwise[similar]'"
_WORD = "rename"
"""What a vector is asked of; it says nothing of anybody's code."""


async def examine_optional(runtime: "Runtime") -> tuple[Finding, ...]:
    """One line for each, also where it is off; what is on is asked, unless a call would cost money."""
    return tuple(await asyncio.gather(_telemetry(runtime), _similarity(runtime)))


async def _telemetry(runtime: "Runtime") -> Finding:
    if not runtime.config.telemetry.is_on:
        return Finding(name=_TELEMETRY, is_ok=True, found="off: nothing is sent (telemetry.otlp_endpoint is not set)")
    journal = runtime.journal
    if journal.problem is not None:
        fix = _OTEL if _OTEL in journal.problem else ""
        return Finding(name=_TELEMETRY, is_ok=False, found="", words=journal.problem, fix=fix)
    places = ", ".join(journal.places)
    if not places:
        return Finding(name=_TELEMETRY, is_ok=True, found="on, but variables of the environment say not to send any")
    try:
        async with asyncio.timeout(_LONGEST_S):
            objection = await journal.ask()
    except TimeoutError:
        objection = f"the collector did not answer within {_LONGEST_S:g} s"
    if objection is None:
        return Finding(name=_TELEMETRY, is_ok=True, found=f"on, taken in at {places}")
    return Finding(name=_TELEMETRY, is_ok=False, found="", words=f"on, to {places}, but {objection}")


async def _similarity(runtime: "Runtime") -> Finding:
    ref = runtime.config.cache.similarity.model
    if ref is None:
        words = "off: answers are found by the same words only (cache.similarity.model is not set)"
        return Finding(name=_SIMILARITY, is_ok=True, found=words)
    if runtime.sentences.ref is None:
        return Finding(name=_SIMILARITY, is_ok=True, found=f"{ref!r} is not used: cache.enabled is false")
    candidate = runtime.embedder
    where = "in this process" if candidate is None else f"by backend {candidate.backend!r}"
    if candidate is not None and (candidate.price is None or not candidate.price.is_free):
        return Finding(name=_SIMILARITY, is_ok=True, found=f"vectors of {ref!r} {where}; not asked, since a call costs")
    try:
        async with asyncio.timeout(_LONGEST_S):
            embedder = await runtime.sentences.embedder(candidate)
            (vector,) = (await embedder.embed((_WORD,))).vectors
    except TimeoutError:
        words = f"{ref!r} made no vector within {_LONGEST_S:g} s; one that is being loaded is ready next time"
        return Finding(name=_SIMILARITY, is_ok=False, found="", words=words)
    except BackendError as err:
        fix = _SIMILAR if is_bundled(ref) else ""
        return Finding(name=_SIMILARITY, is_ok=False, found="", words=f"no vectors: {err.words}", fix=fix)
    return Finding(name=_SIMILARITY, is_ok=True, found=f"vectors of {ref!r} {where}, {len(vector)} numbers each")
