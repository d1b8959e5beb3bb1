"""One call of one model: asked, checked, timed, priced and booked."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Usage
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.judge import Judged, judge
from tierwise.dispatch.meter import Meter
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.request import chat_request, input_tokens_of, reply_form
from tierwise.dispatch.running import RunningChecks
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import AttemptSummary, Report
from tierwise.routing.estimate import BYTES_PER_TOKEN
from tierwise.routing.money import cost
from tierwise.routing.tiers import Candidate, Reason
from tierwise.store.rows import AttemptEnd, AttemptOutcome, AttemptStart, Planned
from tierwise.text import Rejection

T = TypeVar("T")

_NOT_CHARGED = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.TIMEOUT_CONNECT,
        FailureKind.NOT_CONFIGURED,
        FailureKind.AUTHENTICATION,
        FailureKind.NO_MODEL,
        FailureKind.RATE_LIMITED,
        FailureKind.OVERLOADED,
        FailureKind.BAD_REQUEST,
        FailureKind.TOO_LONG,
    }
)
"""Failures nobody charges for, since the model never ran."""
_NOTHING = Usage(input_tokens=0, output_tokens=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Who is asked now, why, and with which evidence."""

    candidate: Candidate
    planned: Planned
    why: Reason
    evidence: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the calls of one action share."""

    runtime: Runtime
    booking: Booking
    running: RunningChecks
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model, before it is made."""

    rung: Rung
    request: ChatRequest
    n_files: int
    """How many files the model sees something of."""
    expected_tokens: int
    """About how long the reply will be, for the progress bar."""


@dataclass(frozen=True, slots=True)
class Attempted(Generic[T]):
    """What came of one attempt."""

    summary: AttemptSummary
    result: T | Rejection | BackendError


async def attempt(run: Run, prepared: Prepared, rung: Rung) -> Attempted[Judged]:
    """Ask, read, check and book one model. A cancel closes the call and books it at its upper bound."""
    candidate, runtime = rung.candidate, run.runtime
    form = reply_form(prepared, candidate, runtime.reply_format(candidate.ref))
    request = chat_request(
        prepared,
        candidate,
        form,
        rung.evidence,
        max_output_tokens=runtime.max_output_tokens(candidate.ref),
        deadline_s=runtime.deadline_s(candidate.tier),
    )
    call = Call(
        rung=rung,
        request=request,
        n_files=max(1, len(prepared.files)),
        expected_tokens=prepared.estimate.output_tokens,
    )
    return await ask(run, call, lambda completion: judge(prepared, completion.text, form, run.running))


async def ask(run: Run, call: Call, read: Callable[[Completion], Awaitable[T | Rejection]]) -> Attempted[T]:
    """Make one call, read its reply with `read` and book it. A cancel closes the call and books its upper bound."""
    candidate, runtime = call.rung.candidate, run.runtime
    meter = Meter(candidate, run.report, call.expected_tokens)
    under_way = _UnderWay(candidate, call.request, meter)
    entry = run.booking.entry()
    try:
        await entry.begin(_start(run.booking, call))
        meter.asking(call.rung.why.words if call.rung.planned in ("fallback", "escalated") else "")
        backend = await runtime.backend(candidate.backend)
        under_way.is_sent = True
        completion = under_way.completion = await backend.complete(call.request, meter.take)
        meter.checking()
        result = await read(completion)
    except BackendError as err:
        runtime.note_failure(candidate, err)
        end = _failed(under_way, err)
        await entry.settle(end)
        return Attempted(_summary(candidate, end), err)
    except asyncio.CancelledError:
        await entry.settle(under_way.cut("cancelled", "cancelled"))
        raise
    except BaseException:
        # A fault of ours in a check must not leave a paid call without its bill.
        await entry.settle(under_way.cut("failed", "internal"))
        raise
    runtime.note_success(candidate)
    end = _ended(candidate, completion, result)
    await entry.settle(end)
    return Attempted(_summary(candidate, end), result)


class _UnderWay:
    """A call under way, for the bill of one that does not end well."""

    def __init__(self, candidate: Candidate, request: ChatRequest, meter: Meter) -> None:
        self.candidate = candidate
        self._request = request
        self._meter = meter
        self._started = time.monotonic()
        self.is_sent = False
        self.completion: Completion | None = None

    @property
    def duration_s(self) -> float:
        return time.monotonic() - self._started

    def cut(self, outcome: AttemptOutcome, code: str, n_output_chars: int = 0) -> AttemptEnd:
        """The end of a call that came to nothing.

        Where the server never said what it counted it is billed the whole prompt and all that was streamed.
        """
        usage = _NOTHING
        if self.completion is not None:
            usage = self.completion.usage
        elif self.is_sent:
            n_bytes = max(self._meter.n_bytes, n_output_chars)
            n_output = int(n_bytes / BYTES_PER_TOKEN) + 1 if n_bytes else 0
            usage = Usage(input_tokens=input_tokens_of(self._request), output_tokens=n_output)
        return AttemptEnd(
            outcome=outcome,
            code=code,
            usage=usage,
            is_usage_estimated=self.is_sent and self.completion is None,
            duration_s=self.duration_s,
            cost_pico_usd=_cost(self.candidate, usage),
        )


def _start(booking: Booking, call: Call) -> AttemptStart:
    rung = call.rung
    return AttemptStart(
        action_key=booking.key,
        tier=rung.candidate.tier,
        backend=rung.candidate.backend,
        model=rung.candidate.model,
        price=rung.candidate.price,
        planned=rung.planned,
        reason_code=rung.why.code,
        reason_words=rung.why.words,
        prompt_files=call.n_files,
        estimated_input_tokens=input_tokens_of(call.request),
    )


def _failed(call: _UnderWay, err: BackendError) -> AttemptEnd:
    if err.usage is None and err.kind not in _NOT_CHARGED:
        return call.cut("failed", str(err.kind), err.n_output_chars)
    usage = err.usage or _NOTHING
    return AttemptEnd(
        outcome="failed",
        code=str(err.kind),
        usage=usage,
        duration_s=call.duration_s,
        cost_pico_usd=_cost(call.candidate, usage),
    )


def _ended(candidate: Candidate, completion: Completion, result: object) -> AttemptEnd:
    rejection = result if isinstance(result, Rejection) else None
    return AttemptEnd(
        outcome="accepted" if rejection is None else "rejected",
        code="" if rejection is None else rejection.code,
        detail="" if rejection is None else rejection.detail,
        usage=completion.usage,
        is_usage_estimated=completion.usage.is_estimated,
        first_token_s=completion.first_token_s,
        duration_s=completion.duration_s,
        cost_pico_usd=_cost(candidate, completion.usage),
    )


def _cost(candidate: Candidate, usage: Usage) -> int | None:
    if usage == _NOTHING:
        return 0
    if candidate.price is None:
        return None
    return cost(
        candidate.price,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )


def _summary(candidate: Candidate, end: AttemptEnd) -> AttemptSummary:
    usage = end.usage or _NOTHING
    return AttemptSummary(
        tier=candidate.tier,
        model=candidate.model,
        outcome=end.outcome,
        code=end.code,
        detail=end.detail,
        cost_pico_usd=end.cost_pico_usd,
        duration_s=end.duration_s,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        is_scripted=candidate.is_scripted,
    )
