"""The calls of a planned change that are not subtasks: how they are put, and what they took."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tierwise.backends.base import ChatMessage, ChatRequest
from tierwise.dispatch.attempt import Call, Rung
from tierwise.dispatch.audit import Audit
from tierwise.dispatch.request import window_for
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import AttemptSummary, Refusal, total_cost
from tierwise.routing.estimate import estimate_tokens
from tierwise.routing.tiers import Reason
from tierwise.text import Rejection


@dataclass(slots=True, kw_only=True)
class Log:
    """What a planned change has taken so far."""

    audit: Audit
    attempts: list[AttemptSummary] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reasons: tuple[Reason, ...] = ()

    def note(self, summaries: Iterable[AttemptSummary], files: Iterable[str]) -> None:
        """Take calls down, each made for the same prompt, with the files of which it held text.

        A call that was not made saw nothing.
        """
        shown = frozenset(files)
        for summary in summaries:
            self.attempts.append(summary)
            if summary.outcome != "skipped":
                self.audit.note(summary.tier, shown, summary.input_tokens + summary.output_tokens)

    def refusal(self, action_id: str, rejection: Rejection) -> Refusal:
        """The end of a change that came to nothing."""
        attempts = tuple(self.attempts)
        return Refusal(
            action_id=action_id,
            code=rejection.code,
            words=rejection.detail,
            attempts=attempts,
            reasons=self.reasons,
            cost_pico_usd=total_cost(attempts),
            audit=self.audit,
        )


@dataclass(frozen=True, slots=True)
class Form:
    """What a reply may be, and what is seen for it."""

    max_tokens: int
    files: frozenset[str] = frozenset()
    """Files of which bodies are in the prompt."""
    schema: dict[str, Any] | None = None
    named: frozenset[str] = frozenset()
    """Files whose names or signatures are in the prompt."""
    must_stay: bool = False
    """Whether nothing of it may leave this machine."""
    longest_s: float = math.inf
    """The most seconds its answer is worth."""


def call_of(runtime: Runtime, rung: Rung, messages: tuple[ChatMessage, ...], form: Form) -> Call:
    """One call of a candidate, with a limit on its reply that the model has room for."""
    candidate = rung.candidate
    n_input = sum(estimate_tokens(message.content) for message in messages)
    limit = min(form.max_tokens, runtime.max_output_tokens(candidate.ref))
    request = ChatRequest(
        model=candidate.model,
        messages=messages,
        max_output_tokens=limit,
        deadline_s=min(runtime.deadline_s(candidate.tier), form.longest_s),
        window=window_for(n_input + limit, candidate.window),
        schema=form.schema,
        must_stay=form.must_stay,
    )
    return Call(
        rung=rung,
        request=request,
        n_files=len(form.files),
        expected_tokens=limit // 4,
        files=tuple(sorted(form.files | form.named)),
    )
