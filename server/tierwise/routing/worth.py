"""What a ladder is expected to cost until an edit is accepted, wrong edits that slip through included. Pure.

Whether a place is hard is not known beforehand, and it is hard for every model: after one failed, the next is less
likely to succeed than on its own. So chances are averaged over how hard the place may be (a logistic model with one
normal trait, as in item response theory). The spread comes from EDIT-Bench: with it, the three chances of qwen3-14b,
glm-4.6 and claude-sonnet-4 alone foretell how often one solves what the cheaper ones did not: 62.9, 71.7 and 73.5 % for
the first two, the last two and all three, against 64.3, 71.5 and 73.3 % counted.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.actions.base import Difficulty
from tierwise.routing.check_strength import CheckStrength
from tierwise.routing.money import PICO_USD_PER_USD

SPREAD = 3.2
"""Standard deviation of the difficulty of places, in log-odds."""
_POINTS = (-1.534121, -0.887147, -0.488776, -0.157311, 0.157311, 0.488776, 0.887147, 1.534121)
"""The middles of eight equally likely parts of the standard normal distribution."""
_GRID = 1000
_CENT = PICO_USD_PER_USD // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What things other than calls are worth to the user, in pico-USD. Assumed, configurable, and not measured."""

    waiting_per_s: int = _CENT // 50
    """A second of waiting: 0.02 ¢, since one goes on working meanwhile."""
    mechanical: int = _CENT
    """An action that ends without a right edit: a wrong one slipped through, or there was none. Seen at a glance."""
    standard: int = 10 * _CENT
    """The same for standard work, which takes a minute to look through and do over."""
    deep: int = 60 * _CENT
    """The same for work over several files."""

    def of(self, level: Difficulty) -> int:
        """What an action of this level is worth that ends with a right edit."""
        match level:
            case Difficulty.MECHANICAL:
                return self.mechanical
            case Difficulty.STANDARD:
                return self.standard
            case Difficulty.DEEP:
                return self.deep


DEFAULT_STAKES = Stakes()


@dataclass(frozen=True, slots=True)
class Rung:
    """One call on a ladder as it is expected to go."""

    pico_usd: int
    seconds: float
    chance: float
    """That its edit is right, on average over places."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What is expected of a ladder. All are averages, so money is not whole pico-USD here."""

    pico_usd: float
    """Of all calls."""
    seconds: float
    right: float
    """The chance that a right edit is accepted in the end."""
    wrong: float
    """The chance that a wrong one is."""
    total: float
    """Money, waiting and what is lost without a right edit, in pico-USD: what is compared."""


def worth_of(rungs: Sequence[Rung], strength: CheckStrength, stake: int, waiting_per_s: int) -> Worth:
    """What a ladder is expected to cost; the first accepted edit ends it."""
    return _worth_of(tuple(rungs), strength, stake, waiting_per_s)


@functools.lru_cache(maxsize=2048)
def _worth_of(rungs: tuple[Rung, ...], strength: CheckStrength, stake: int, waiting_per_s: int) -> Worth:
    """The same; a menu asks it again and again while the cursor moves within one function."""
    money = seconds = right = wrong = 0.0
    refused, slips = strength.refuses, strength.lets_through
    by_rung = [(rung, _spread(round(min(max(rung.chance, 0.0), 1.0) * _GRID))) for rung in rungs]
    for at in range(len(_POINTS)):
        reach = 1 / len(_POINTS)
        for rung, chances in by_rung:
            chance = chances[at]
            money += reach * rung.pico_usd
            seconds += reach * rung.seconds
            is_right, is_wrong = reach * chance * (1 - refused), reach * (1 - chance) * slips
            right += is_right
            wrong += is_wrong
            reach -= is_right + is_wrong
    total = money + seconds * waiting_per_s + (1 - right) * stake
    return Worth(money, seconds, right, wrong, total)


@functools.lru_cache(maxsize=_GRID + 1)
def _spread(thousandths: int) -> tuple[float, ...]:
    """The chances at each point of difficulty whose average is the given one."""
    wanted = min(max(thousandths / _GRID, 0.001), 0.999)
    low, high = -30.0, 30.0
    for _ in range(40):
        middle = (low + high) / 2
        if sum(_at_points(middle)) / len(_POINTS) < wanted:
            low = middle
        else:
            high = middle
    return _at_points(low)


def _at_points(skill: float) -> tuple[float, ...]:
    return tuple(1 / (1 + math.exp(-(skill - SPREAD * point))) for point in _POINTS)
