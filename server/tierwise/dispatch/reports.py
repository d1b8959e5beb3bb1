"""Attempts and reasons as the JSON that commands and editors get."""

from collections.abc import Sequence
from typing import Any

from tierwise.dispatch.values import AttemptSummary, Offer
from tierwise.routing.money import format_money
from tierwise.routing.tiers import Reason


def attempt_json(attempt: AttemptSummary) -> dict[str, Any]:
    """One call."""
    return {
        "tier": str(attempt.tier),
        "model": attempt.model,
        "scripted": attempt.is_scripted,
        "outcome": attempt.outcome,
        "code": attempt.code,
        "detail": attempt.detail,
        "cost": format_money(attempt.cost_pico_usd),
        "cached": attempt.is_cached,
        "savedPicoUsd": attempt.saved_pico_usd,
        "seconds": round(attempt.duration_s, 3),
        "inputTokens": attempt.input_tokens,
        "outputTokens": attempt.output_tokens,
        "sent": [
            {
                "origin": sent.origin,
                "onThisMachine": sent.is_on_this_machine,
                "bytes": sent.n_bytes,
                "tokens": sent.n_tokens,
                "files": list(sent.files),
            }
            for sent in attempt.sent
        ],
    }


def reasons_json(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    """Reasons as codes and words."""
    return [{"code": reason.code, "words": reason.words} for reason in reasons]


def twins_json(offer: Offer) -> list[dict[str, Any]]:
    """An entry of the menu on the other tiers."""
    return [
        {
            "direction": twin.direction,
            "title": twin.title,
            "tier": str(twin.tier),
            "model": twin.model,
            "price": format_money(twin.price_pico_usd),
            "pricePicoUsd": twin.price_pico_usd,
        }
        for twin in offer.twins
    ]
