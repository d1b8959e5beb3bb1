"""Rows added up: counts, tokens, money and latencies. Pure, and exact but for latencies.

Tallies of different rows add up to the tally of all of them, so finished parts of the ledger need not be read again.
"""

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

_BUCKET_BITS = 6
"""A latency keeps its first six binary digits: it is off by 1.6 % at most."""

Histogram = Counter[int]
"""How many latencies fell into each bucket."""


@dataclass(slots=True)
class Tally:
    """The sum of some rows of one table. Money is in pico-USD; rows whose money is unknown are counted beside it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """By outcome; answers from the cache by their kind, edits that were applied by their fate."""
    spend: Counter[str] = field(default_factory=Counter)
    """Money by why the model was asked: first, escalated, fallback, forced; of answers from the cache: saved."""
    escalations: Counter[str] = field(default_factory=Counter)
    """Calls after a rejected edit, by the reason's code."""
    fallbacks: Counter[str] = field(default_factory=Counter)
    """Calls after a backend's failure, by the reason's code."""
    durations: Histogram = field(default_factory=Counter)
    """Of calls that ended in an edit, accepted or rejected."""
    first_tokens: Histogram = field(default_factory=Counter)
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    accepted_input_tokens: int = 0
    """The part of the tokens that went into accepted edits."""
    accepted_output_tokens: int = 0
    n_unknown_accepted: int = 0
    """Accepted edits whose tokens nobody counted."""
    prompt_files: int = 0
    """Files shown, once for every call that was shown them."""
    estimated_pico_usd: int = 0
    """The part of the money that is our upper bound because the server did not count."""
    n_unknown_cost: int = 0
    n_unknown_tokens: int = 0
    timed_tokens: int = 0
    """Output tokens of calls whose writing time is known."""
    timed_us: int = 0
    """Microseconds from first token to end of those calls."""
    n_clock_behind: int = 0

    @property
    def pico_usd(self) -> int:
        """All the known money."""
        return self.spend.total()

    @property
    def n_rows(self) -> int:
        """How many rows were added up."""
        return self.outcomes.total()

    def add(self, other: "Tally") -> None:
        """Add another tally of other rows."""
        for name in _COUNTERS:
            others = getattr(other, name)
            if others:
                mine = getattr(self, name)
                for key, number in others.items():
                    mine[key] += number
        for name in _NUMBERS:
            number = getattr(other, name)
            if number:
                setattr(self, name, getattr(self, name) + number)

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it, zeros left out; a histogram as buckets and numbers in turn."""
        plain = {name: value for name in _COUNTERS + _NUMBERS if (value := getattr(self, name))}
        for name in _HISTOGRAMS:
            if name in plain:
                plain[name] = [number for pair in plain[name].items() for number in pair]
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Tally":
        """Back from JSON that `to_plain` made."""
        tally = cls()
        for name, value in plain.items():
            if name in _HISTOGRAMS:
                setattr(tally, name, Counter(dict(zip(value[::2], value[1::2], strict=True))))
            else:
                setattr(tally, name, Counter(value) if name in _COUNTERS else value)
        return tally


_HISTOGRAMS = ("durations", "first_tokens")
_COUNTERS = ("outcomes", "spend", "escalations", "fallbacks", *_HISTOGRAMS)
_NUMBERS = tuple(entry.name for entry in fields(Tally) if entry.name not in _COUNTERS)


def bucket(value: int) -> int:
    """The histogram's bucket of a number of microseconds."""
    shift = max(value.bit_length() - _BUCKET_BITS, 0)
    return (shift << _BUCKET_BITS) + (value >> shift)


def bucket_middle(number: int) -> int:
    """The number of microseconds that stands for a bucket."""
    shift, head = number >> _BUCKET_BITS, number & ((1 << _BUCKET_BITS) - 1)
    return (head << shift) + ((1 << shift) >> 1)


def quantile(histogram: Histogram, percent: int) -> int | None:
    """The smallest latency, in microseconds, that `percent` of all do not exceed; None of nothing."""
    wanted = -(-histogram.total() * percent // 100)
    for number in sorted(histogram):
        wanted -= histogram[number]
        if wanted <= 0:
            return bucket_middle(number)
    return None
