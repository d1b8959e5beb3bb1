"""Score a router against what diffs turned out to be. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.actions import Difficulty
from tierwise.routing.difficulty import LEVELS, OVER_COST, UNDER_COST

Pair = tuple[Difficulty, Difficulty]
"""What it was, and what it was taken for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteScore:
    """How one router did."""

    n: int
    accuracy: float
    under: float
    """Share of cases taken for easier than they were."""
    over: float
    """Share of cases taken for harder than they were."""
    error: float
    """2 × under + over."""
    low: float
    """The lower end of the middle 95 % of the error over resampled cases."""
    high: float


def weighted_error(pairs: Sequence[Pair]) -> float:
    """2 × the share taken for too easy + the share taken for too hard."""
    return sum(_cost(true, guess) for true, guess in pairs) / len(pairs) if pairs else 0.0


def _cost(true: Difficulty, guess: Difficulty) -> float:
    a, b = LEVELS.index(true), LEVELS.index(guess)
    return UNDER_COST if b < a else OVER_COST if a < b else 0.0


def score(pairs: Sequence[Pair], *, n_samples: int = 1000, seed: int = 1) -> RouteScore:
    """The shares, and a bootstrap interval of the error. Raises ValueError without pairs."""
    if not pairs:
        raise ValueError("there is nothing to score")
    n = len(pairs)
    order = [(LEVELS.index(true), LEVELS.index(guess)) for true, guess in pairs]
    costs = [_cost(true, guess) for true, guess in pairs]
    chance = random.Random(seed)  # noqa: S311 - resampling, nothing secret.
    means = sorted(sum(chance.choices(costs, k=n)) / n for _ in range(n_samples))
    return RouteScore(
        n=n,
        accuracy=sum(a == b for a, b in order) / n,
        under=sum(b < a for a, b in order) / n,
        over=sum(a < b for a, b in order) / n,
        error=sum(costs) / n,
        low=means[int(0.025 * n_samples)],
        high=means[int(0.975 * n_samples)],
    )
