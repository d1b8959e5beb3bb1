"""What a call came to: tokens, money and time, however it ended."""

import time

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Outgoing, Usage
from tierwise.dispatch.meter import Meter
from tierwise.dispatch.request import input_tokens_of
from tierwise.dispatch.values import AttemptSummary
from tierwise.routing.estimate import BYTES_PER_TOKEN
from tierwise.routing.money import cost
from tierwise.routing.tiers import Candidate
from tierwise.store.rows import AttemptEnd, AttemptOutcome
from tierwise.text import Rejection

NOT_CHARGED = frozenset(
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


class Bill:
    """The bill of one call, drawn up when it ends."""

    def __init__(self, candidate: Candidate, request: ChatRequest, meter: Meter, most: int | None) -> None:
        self.candidate = candidate
        self._request = request
        self._meter = meter
        self._most = most
        self._started = time.monotonic()
        self.is_sent = False
        self.completion: Completion | None = None
        self.outgoing: Outgoing | None = None
        """The request as it is handed over."""

    def send(self) -> None:
        """The request leaves now: from here on it may cost money."""
        self._started = time.monotonic()
        self.is_sent = True

    @property
    def duration_s(self) -> float:
        """Seconds since the request left."""
        return time.monotonic() - self._started

    def cut(self, outcome: AttemptOutcome, code: str, n_output_chars: int = 0) -> AttemptEnd:
        """The end of a call that came to nothing.

        Where the server never said what it counted, nobody knows how far it went on after we left: it is billed the
        most it may have cost. The tokens are those of the prompt and of what was streamed.
        """
        if self.completion is not None:
            return self._end(outcome, code, self.completion.usage, self._cost(self.completion.usage))
        if not self.is_sent:
            return self._end(outcome, code, _NOTHING, 0)
        n_bytes = max(self._meter.n_bytes, n_output_chars)
        n_output = int(n_bytes / BYTES_PER_TOKEN) + 1 if n_bytes else 0
        usage = Usage(input_tokens=input_tokens_of(self._request), output_tokens=n_output, is_estimated=True)
        return self._end(outcome, code, usage, self._most)

    def failed(self, err: BackendError) -> AttemptEnd:
        """The end of a call whose server failed; what was streamed before is paid for."""
        is_charged = err.kind not in NOT_CHARGED or self._meter.n_bytes or err.n_output_chars
        if err.usage is None and is_charged:
            return self.cut("failed", str(err.kind), err.n_output_chars)
        usage = err.usage or _NOTHING
        return self._end("failed", str(err.kind), usage, self._cost(usage))

    def ended(self, completion: Completion, result: object) -> AttemptEnd:
        """The end of a call that brought a reply, which the checks accepted or rejected."""
        rejection = result if isinstance(result, Rejection) else None
        return AttemptEnd(
            outcome="accepted" if rejection is None else "rejected",
            code="" if rejection is None else rejection.code,
            detail="" if rejection is None else rejection.detail,
            usage=completion.usage,
            is_usage_estimated=completion.usage.is_estimated,
            first_token_s=completion.first_token_s,
            duration_s=completion.duration_s,
            cost_pico_usd=self._cost(completion.usage),
        )

    def _end(self, outcome: AttemptOutcome, code: str, usage: Usage, money: int | None) -> AttemptEnd:
        return AttemptEnd(
            outcome=outcome,
            code=code,
            usage=usage,
            is_usage_estimated=usage.is_estimated,
            duration_s=self.duration_s,
            cost_pico_usd=money,
        )

    def _cost(self, usage: Usage) -> int | None:
        if usage == _NOTHING:
            return 0
        price = self.candidate.price
        if price is None:
            return None
        return cost(
            price,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )


def summary_of(candidate: Candidate, end: AttemptEnd) -> AttemptSummary:
    """A call as the user is told of it."""
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


def not_asked(candidate: Candidate, err: BackendError) -> AttemptSummary:
    """A call that was not made, as the user is told of it."""
    return AttemptSummary(
        tier=candidate.tier,
        model=candidate.model,
        outcome="skipped",
        code=str(err.kind),
        detail=err.words,
        cost_pico_usd=0,
        is_scripted=candidate.is_scripted,
    )
