"""What came of an action, as the JSON that commands answer with."""

from collections.abc import Sequence
from typing import Any

from tierwise.dispatch import AttemptSummary, Offer, Proposal, Refusal
from tierwise.routing.money import format_money
from tierwise.routing.tiers import Reason


def report(
    outcome: Proposal | Refusal, status: str, message: str, *, code: str = "", notes: Sequence[str] = ()
) -> dict[str, Any]:
    """One finished action; `status` is applied, proposed, refused or cancelled."""
    proposal = outcome if isinstance(outcome, Proposal) else None
    return {
        "status": status,
        "code": code,
        "message": message,
        "action": outcome.action_id,
        "tier": None if proposal is None else str(proposal.tier),
        "model": None if proposal is None else proposal.model,
        "scripted": proposal is not None and proposal.is_scripted,
        "cost": format_money(outcome.cost_pico_usd),
        "costPicoUsd": outcome.cost_pico_usd,
        "attempts": [_attempt(attempt) for attempt in outcome.attempts],
        "reasons": reasons(outcome.reasons),
        "notes": [*(() if proposal is None else proposal.notes), *notes],
    }


def refusal(action_id: str, status: str, code: str, message: str) -> dict[str, Any]:
    """One action that ended before anybody was asked, or was cancelled."""
    return report(Refusal(action_id=action_id, code=code, words=message), status, message, code=code)


def offer(one: Offer, arguments: dict[str, Any]) -> dict[str, Any]:
    """One entry of the menu for palette pickers; `arguments` are those of `tierwise.run`."""
    return {
        "action": one.action_id,
        "title": one.title,
        "kind": one.kind,
        "tier": None if one.tier is None else str(one.tier),
        "model": one.model,
        "price": format_money(one.price_pico_usd),
        "pricePicoUsd": one.price_pico_usd,
        "needsInstruction": one.needs_instruction,
        "disabledReason": one.disabled_reason,
        "reasons": reasons(one.reasons),
        "arguments": arguments,
    }


def reasons(found: Sequence[Reason]) -> list[dict[str, str]]:
    """Reasons as codes and words."""
    return [{"code": reason.code, "words": reason.words} for reason in found]


def _attempt(attempt: AttemptSummary) -> dict[str, Any]:
    return {
        "tier": str(attempt.tier),
        "model": attempt.model,
        "scripted": attempt.is_scripted,
        "outcome": attempt.outcome,
        "code": attempt.code,
        "detail": attempt.detail,
        "cost": format_money(attempt.cost_pico_usd),
        "seconds": round(attempt.duration_s, 3),
        "inputTokens": attempt.input_tokens,
        "outputTokens": attempt.output_tokens,
    }
