"""The calls of a planned change that are not subtasks: how they are put, and what they took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tierwise.backends.base import ChatMessage, ChatRequest
from tierwise.dispatch.attempt import Call, Run, Rung
from tierwise.dispatch.audit import Audit
from tierwise.dispatch.request import window_for
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

    def note(self, summary: AttemptSummary, files: Iterable[str]) -> None:
        """Take one call down, with the files of which its prompt held text."""
        self.attempts.append(summary)
        self.audit.note(summary.tier, files, summary.input_tokens + summary.output_tokens)

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


def call_of(run: Run, rung: Rung, messages: tuple[ChatMessage, ...], form: Form) -> Call:
    """One call of a candidate, with a limit on its reply that the model has room for."""
    candidate = rung.candidate
    n_input = sum(estimate_tokens(message.content) for message in messages)
    limit = min(form.max_tokens, run.runtime.max_output_tokens(candidate.ref))
    request = ChatRequest(
        model=candidate.model,
        messages=messages,
        max_output_tokens=limit,
        deadline_s=run.runtime.deadline_s(candidate.tier),
        window=window_for(n_input + limit, candidate.window),
        schema=form.schema,
    )
    files = tuple(sorted(form.files))
    return Call(rung=rung, request=request, n_files=len(files), expected_tokens=limit // 4, files=files)
