"""What came of an action, as the JSON that commands answer with."""

from typing import Any

from tierwise.dispatch import Offer, Proposal, Refusal
from tierwise.dispatch.reports import attempt_json, reasons_json, twins_json
from tierwise.routing.money import format_money


def report(outcome: Proposal | Refusal, status: str, message: str, *, code: str = "") -> dict[str, Any]:
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
        "attempts": [attempt_json(attempt) for attempt in outcome.attempts],
        "reasons": reasons_json(outcome.reasons),
        "notes": [] if proposal is None else list(proposal.notes),
        "audit": None if outcome.audit is None else outcome.audit.to_json(),
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
        "mostPicoUsd": one.most_pico_usd,
        "needsInstruction": one.needs_instruction,
        "disabledReason": one.disabled_reason,
        "reasons": reasons_json(one.reasons),
        "arguments": arguments,
        "twins": [twin | {"arguments": arguments | {"tier": twin["tier"]}} for twin in twins_json(one)],
    }
