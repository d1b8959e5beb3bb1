"""Candidates and requests for tests of routing."""

from tierwise.actions import Difficulty
from tierwise.routing.check_strength import CheckStrength
from tierwise.routing.estimate import Estimate
from tierwise.routing.money import FREE, Price
from tierwise.routing.policy import RouteRequest
from tierwise.routing.tiers import Availability, Candidate, Tier

SMALL = Estimate(input_tokens=500, output_tokens=200)
PRICES = {
    Tier.LOCAL: FREE,
    Tier.BULK: Price(input=1_400_000, output=4_400_000),
    Tier.TOP: Price(input=4_000_000, output=20_000_000),
}


def candidate(tier: Tier, model: str, **more: object) -> Candidate:
    """A model on a tier, at that tier's usual price."""
    values: dict[str, object] = {"price": PRICES[tier], "is_on_this_machine": tier is Tier.LOCAL} | more
    return Candidate(tier=tier, backend="b", model=model, **values)  # type: ignore[arg-type]


LOCAL = candidate(Tier.LOCAL, "small")
BULK = candidate(Tier.BULK, "medium")
BULK_2 = candidate(Tier.BULK, "medium-too")
TOP = candidate(Tier.TOP, "large")
ALL = (LOCAL, BULK, BULK_2, TOP)


def off(one: Candidate, availability: Availability = Availability.UNREACHABLE) -> Candidate:
    """The same, out of reach."""
    return candidate(one.tier, one.model, availability=availability, availability_detail="down")


def request(difficulty: Difficulty = Difficulty.STANDARD, **more: object) -> RouteRequest:
    """A small request for a document in Python."""
    values: dict[str, object] = {"estimate": SMALL, "action": "do", "language": "python"} | more
    return RouteRequest(difficulty=difficulty, **values)  # type: ignore[arg-type]


def lets_through(share: float, refuses: float = 0.0) -> CheckStrength:
    """Checks that err this often."""
    return CheckStrength(lets_through=share, refuses=refuses)
