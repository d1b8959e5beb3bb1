"""Up a ladder: who is asked next after a failed call, and after a rejected edit. Pure."""

from collections.abc import Sequence
from typing import Literal

from tierwise.routing.tiers import MODEL_TIERS, Candidate, Tier

ORDER = {tier: i for i, tier in enumerate(MODEL_TIERS)}
"""How high each tier stands."""
StepKind = Literal["fallback", "escalated"]


def step(tier: Tier, by: int) -> Tier:
    """The tier so many steps above, or below; the highest and the lowest are the end."""
    index = ORDER[tier] + by
    return MODEL_TIERS[max(0, min(index, len(MODEL_TIERS) - 1))]


def escalations(ladder: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Everybody who is asked when every edit is rejected, and nobody's call fails."""
    asked: list[Candidate] = []
    at: int | None = 0 if ladder else None
    while at is not None:
        asked.append(ladder[at])
        at = next_rung(ladder, at, "escalated")
    return tuple(asked)


def next_rung(ladder: Sequence[Candidate], at: int, event: StepKind) -> int | None:
    """The index of who is asked next, or None.

    A failed call falls back to the next candidate, on the same tier if there is one. A rejected edit escalates to the
    next higher tier, never sideways and never down: a weaker model would not mend what a stronger one broke.
    """
    for index in range(at + 1, len(ladder)):
        if event == "fallback" or ORDER[ladder[at].tier] < ORDER[ladder[index].tier]:
            return index
    return None
