"""How soon a swap can be noticed at best: the fastest test there is, told both rates, worked out and not drawn.

Page's test with the true likelihoods has the least delay of all tests with as few false alarms, whatever was seen
before the change: Moustakides, "Optimal stopping times for detecting changes in distributions", Annals of Statistics
14, 1986. Its sum is a walk on a lattice, so its false alarms and its delay follow from the chance of standing at each
point. The same is asked of it as of the tripwire: false alarms in `WATCHED` samples without a swap, and the mean delay
after those of a swap that comes then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log

from tierwise.evals.tripwire_simulation import PATIENCE, WATCHED, Swap

_HEIGHTS = tuple(range(4, 13))
"""Alarms that are tried, in nats; what lies between two is read off between them, as a test that draws lots has it."""
_UNIT = 0.02
"""A point of the lattice is at most this wide, in nats."""
_NEGLIGIBLE = 1e-9
"""A chance that need not be followed any further."""
_LEAST_STEPS = 12
"""And a sample moves by at least so many points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastest:
    """What the fastest test makes of a swap."""

    false_alarms: float
    """The chance of an alarm in `WATCHED` samples without a swap."""
    mean_delay: float
    """Samples from the swap to the alarm, where there was none before."""
    caught: float
    """The chance of an alarm within so many samples of the swap, and of none before it."""


def fastest_tests(swap: Swap, within: int = 120) -> tuple[Fastest, ...]:
    """The fastest tests for a swap, from many false alarms to few."""
    (p, q), walk = swap.rates, _Walk.of(swap)
    found = []
    for height in _HEIGHTS:
        points = [0.0] * max(1, ceil(height / walk.unit))
        points[0] = 1.0
        for _ in range(WATCHED):
            points = walk.step(points, p)
        n_before = sum(points)
        points = [share / n_before for share in points]
        left = [1.0]
        while len(left) <= PATIENCE and _NEGLIGIBLE < left[-1]:
            points = walk.step(points, q)
            left.append(sum(points))
        found.append(
            Fastest(
                false_alarms=1 - n_before,
                mean_delay=sum(left[:PATIENCE]),
                caught=n_before * (1 - sum(left[within : within + 1])),
            )
        )
    return tuple(found)


def fastest_with(tests: Sequence[Fastest], false_alarms: float) -> Fastest | None:
    """The fastest test with so many false alarms; None where no test was tried that has so many or so few."""
    for loud, quiet in pairwise(tests):
        if 0 < quiet.false_alarms <= false_alarms <= loud.false_alarms:
            width = log(loud.false_alarms / quiet.false_alarms)
            part = log(loud.false_alarms / false_alarms) / width if width else 0.0
            return Fastest(
                false_alarms=false_alarms,
                mean_delay=loud.mean_delay + part * (quiet.mean_delay - loud.mean_delay),
                caught=loud.caught + part * (quiet.caught - loud.caught),
            )
    return None


@dataclass(frozen=True, slots=True)
class _Walk:
    """How far a sample moves the sum, in points of the lattice."""

    unit: float
    """A point's width in nats."""
    up: int
    down: int

    @classmethod
    def of(cls, swap: Swap) -> "_Walk":
        p, q = swap.rates
        up, down = log(q / p), log((1 - p) / (1 - q))
        least = max(_LEAST_STEPS, ceil(up / _UNIT))
        # Of several lattices the one on which the other step is nearest to a whole number of points.
        steps = min(range(least, 2 * least), key=lambda n: abs(down * n / up - round(down * n / up)) / n)
        return cls(up / steps, steps, max(1, round(down * steps / up)))

    def step(self, points: list[float], rate: float) -> list[float]:
        """The chance of standing at each point without an alarm after one more sample that disagrees at this rate."""
        n = len(points)
        above = [0.0] * min(n, self.up) + points[: max(0, n - self.up)]
        below = points[self.down :] + [0.0] * min(n, self.down)
        after = [rate * one + (1 - rate) * other for one, other in zip(above, below, strict=True)]
        after[0] += (1 - rate) * sum(points[: self.down])
        return after
