"""Attempts, reasons and changes as commands and editors get them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tierwise.dispatch.values import AttemptSummary, FileChange, Offer
from tierwise.routing.money import format_money
from tierwise.routing.tiers import Reason
from tierwise.text.unified import unified_diff


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


def diff_of(change: FileChange, roots: Iterable[Path]) -> str:
    """The diff of one file, named from its project's folder; one that is new or goes away stands against nothing."""
    around = [root for root in roots if change.path.is_relative_to(root)]
    root = max(around, key=lambda one: len(one.parts), default=change.path.parent)
    name = change.path.relative_to(root).as_posix()
    words = unified_diff("" if change.before is None else change.before.text, change.after or "", name)
    if change.before is None:
        return words.replace(f"--- a/{name}\n", "--- /dev/null\n", 1)
    return words if change.after is not None else words.replace(f"+++ b/{name}\n", "+++ /dev/null\n", 1)
