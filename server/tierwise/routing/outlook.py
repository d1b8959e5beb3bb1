"""All the policy believes beyond a single request: how good models are, how fast, and what things are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tierwise.actions.base import Difficulty
from tierwise.routing.beliefs import NO_BELIEFS, Beliefs, Cell
from tierwise.routing.estimate import Estimate
from tierwise.routing.money import Price
from tierwise.routing.priors import TIER_PACES, Pace
from tierwise.routing.tiers import Candidate, Tier
from tierwise.routing.tripwire import TripwireCell
from tierwise.routing.worth import DEFAULT_STAKES, Rung, Stakes

FLAT_RATE_PRICES = {
    Tier.BULK: Price(input=1_400_000, output=4_400_000, source="glm-5.1, genai-prices"),
    Tier.TOP: Price(input=4_000_000, output=20_000_000, source="claude-opus-5-5, genai-prices"),
}
"""What a call on these tiers is counted as where its price is zero or unknown, for deciding only: plans at a flat rate
and scripted models have limits too, and a top model that seems free must not be asked for everything."""

LEAST_CHANCE = {Difficulty.MECHANICAL: 0.3, Difficulty.STANDARD: 0.15, Difficulty.DEEP: 0.15}
"""A tier whose first edit is right less often is not started on, however cheap it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is believed and wanted; the same for many requests."""

    beliefs: Beliefs = NO_BELIEFS
    stakes: Stakes = DEFAULT_STAKES
    paces: Mapping[str, Pace] = field(default_factory=dict)
    """How fast models answered, by reference, where the ledger has timed them."""
    raised: frozenset[TripwireCell] = frozenset()
    """What no longer agrees with the judge as often as it did; its work starts a tier higher."""
    least_chance: Mapping[Difficulty, float] = field(default_factory=lambda: LEAST_CHANCE)
    """The quality floor by difficulty."""

    def rung(self, candidate: Candidate, cell: Cell, level: Difficulty, estimate: Estimate) -> Rung:
        """What one call of a candidate is expected to take and to give."""
        price = candidate.price
        if price is None or price.is_free:
            price = FLAT_RATE_PRICES.get(candidate.tier, price)
        pace = self.paces.get(candidate.ref) or TIER_PACES[candidate.tier]
        return Rung(
            pico_usd=estimate.cost(price) or 0,
            seconds=pace.seconds(estimate.output_tokens),
            chance=self.beliefs.chance(candidate, cell, level),
        )


DEFAULT_OUTLOOK = Outlook()
