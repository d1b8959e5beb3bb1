"""A few numbers that describe many."""

from collections.abc import Iterable, Mapping
from math import prod


def spread(values, places=2):
    """The smallest, middle and largest of some numbers; Nones are left out."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    half = len(known) // 2
    middle = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
    return round(known[0], places), round(middle, places), round(known[-1], places)


def shares(parts: Mapping[str, float]) -> dict[str, float]:
    """Each part's share of the whole, in percent with one decimal place."""
    whole = sum(parts.values())
    if not whole:
        return dict.fromkeys(parts, 0.0)
    return {name: round(100 * amount / whole, 1) for name, amount in parts.items()}


def average_growth(factors: Iterable[float]) -> float:
    """The one factor that, applied each time, would have led to the same end; 1 for none."""
    known = list(factors)
    return prod(known) ** (1 / len(known)) if known else 1.0
