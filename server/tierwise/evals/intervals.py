"""How sure a share is, and whether two differ. Pure.

Sources: E. B. Wilson, Probable inference, JASA 22 (1927), for the interval; L. Kish, Survey Sampling (1965), for what
repeated runs of one case are worth; Q. McNemar, Psychometrika 12 (1947), with exact binomial tails as in A. Agresti,
Categorical Data Analysis, for pairs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

_Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A share between 0 and 1, and the 95 % interval around it."""

    share: float
    low: float
    high: float


def wilson(n_passed: float, n: float) -> Interval:
    """Wilson's score interval; both counts may be fractions. Raises ValueError for no runs."""
    if n <= 0:
        raise ValueError("an interval needs at least one run")
    share, z2 = n_passed / n, _Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if n_passed == 0 else max(0.0, middle - half)
    return Interval(share, low, 1.0 if n_passed == n else min(1.0, middle + half))


def share_interval(cases: Sequence[Sequence[bool]]) -> Interval | None:
    """The share of runs that passed, given the outcomes of each case's repetitions; None without any.

    Repetitions of one case are alike, so they count as fewer runs than they are: n is divided by Kish's design effect.
    """
    runs = [outcome for case in cases for outcome in case]
    if not runs:
        return None
    effect = design_effect(cases)
    return wilson(sum(runs) / effect, len(runs) / effect)


def design_effect(cases: Sequence[Sequence[bool]]) -> float:
    """By how much repetitions of the same cases are worth less than runs of different ones; at least 1.

    1 + (m - 1) times the intra-class correlation, which is estimated from the variances between and within cases.
    """
    n, n_cases = sum(map(len, cases)), len(cases)
    if n_cases < 2 or n == n_cases:
        # A single case that is repeated tells of that case only.
        return max(1.0, n / max(1, n_cases)) if n_cases == 1 else 1.0
    mean = sum(map(sum, cases)) / n
    between = sum(len(case) * (sum(case) / len(case) - mean) ** 2 for case in cases) / (n_cases - 1)
    within = sum(sum((outcome - sum(case) / len(case)) ** 2 for outcome in case) for case in cases) / (n - n_cases)
    m = (n - sum(len(case) ** 2 for case in cases) / n) / (n_cases - 1)
    total = between + (m - 1) * within
    # Without any variance nothing can be told apart, and repetitions add nothing.
    correlation = 1.0 if total <= 0 else min(1.0, max(0.0, (between - within) / total))
    return 1 + (m - 1) * correlation


def percentile(values: Sequence[float], part: float) -> float | None:
    """The smallest value that at least this part of the values does not exceed (nearest rank); None without any."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs on the same cases."""

    n: int
    """Cases that both have."""
    n_better: int
    """Cases of which the second passed a larger share."""
    n_worse: int
    difference: float
    """The second's share less the first's, over these cases."""
    p_value: float
    """How likely a difference as large is if there is none."""


def compare_pairs(first: Mapping[str, Sequence[bool]], second: Mapping[str, Sequence[bool]]) -> Paired:
    """McNemar's exact test on the cases both have; with repetitions the shares of a case are compared."""
    shared = [case for case in first if first[case] and second.get(case)]
    differences = [sum(second[c]) / len(second[c]) - sum(first[c]) / len(first[c]) for c in shared]
    better, worse = sum(0 < d for d in differences), sum(d < 0 for d in differences)
    mean = sum(differences) / len(shared) if shared else 0.0
    return Paired(len(shared), better, worse, mean, mcnemar(better, worse))


def mcnemar(n_better: int, n_worse: int) -> float:
    """The two-sided p-value of a fair coin falling so unevenly over the pairs that differ."""
    n = n_better + n_worse
    tail = sum(math.comb(n, k) for k in range(min(n_better, n_worse) + 1))
    return min(1.0, float(Fraction(2 * tail, 2**n)))
