"""Rows added up: counts, tokens, money and latencies by tier and by day. Pure, and exact but for latencies.

Sums of different rows add up to the sums of all of them, so finished parts of the ledger need not be read again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from operator import add
from typing import Any

from tierwise.store.checksums import Row
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table

DAY_US = 24 * 60 * 60 * 10**6
_BUCKET_BITS = 6
"""A latency keeps its first six binary digits: it is off by 1.6 % at most."""

Histogram = Counter[int]
"""How many latencies fell into each bucket."""


@dataclass(slots=True)
class Tally:
    """The sum of some rows. Money is in pico-USD; calls whose money is unknown are counted beside it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    spend: Counter[str] = field(default_factory=Counter)
    """Money by why the model was asked: first, escalated, fallback, forced."""
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
            mine, others = getattr(self, name), getattr(other, name)
            for key, number in others.items():
                mine[key] += number
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it, zeros left out."""
        return {name: value for name in _COUNTERS + _NUMBERS if (value := getattr(self, name))}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Tally":
        """Back from JSON that `to_plain` made."""
        tally = cls()
        for name, value in plain.items():
            if name in _HISTOGRAMS:
                setattr(tally, name, Counter({int(key): number for key, number in value.items()}))
            else:
                setattr(tally, name, Counter(value) if name in _COUNTERS else value)
        return tally


_COUNTERS = ("outcomes", "spend", "escalations", "fallbacks", "durations", "first_tokens")
_HISTOGRAMS = ("durations", "first_tokens")
_NUMBERS = tuple(entry.name for entry in fields(Tally) if entry.name not in _COUNTERS)

DAY_FIGURES = [
    "n_calls",
    "n_accepted",
    "n_rejected",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "pico_usd",
    "n_unknown_cost",
]
"""What is kept of each tier on each day, in this order."""


@dataclass(slots=True)
class Sums:
    """Some rows of one table added up."""

    groups: dict[str, Tally] = field(default_factory=dict)
    """By tier for attempts, by the action's id for actions."""
    days: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    """Attempts by day since 1970 in UTC, then by tier: `DAY_FIGURES`."""
    first_us: int | None = None
    """When the earliest of the rows was begun; None of no rows."""
    last_us: int | None = None
    """When the latest of them was begun."""
    n_damaged: int = 0
    """Rows that are not what was written or not there; nothing else here counts them."""

    def add(self, other: "Sums") -> None:
        """Add the sums of other rows; `other` is not to be used afterwards."""
        for name, tally in other.groups.items():
            if name in self.groups:
                self.groups[name].add(tally)
            else:
                self.groups[name] = tally
        for day, tiers in other.days.items():
            known = self.days.setdefault(day, {})
            for tier, figures in tiers.items():
                mine = known.get(tier)
                known[tier] = figures if mine is None else list(map(add, mine, figures))
        self.first_us = min((time for time in (self.first_us, other.first_us) if time is not None), default=None)
        self.last_us = max((time for time in (self.last_us, other.last_us) if time is not None), default=None)
        self.n_damaged += other.n_damaged

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "groups": {name: tally.to_plain() for name, tally in self.groups.items()},
            "days": self.days,
            "first": self.first_us,
            "last": self.last_us,
            "damaged": self.n_damaged,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Sums":
        """Back from JSON that `to_plain` made."""
        return cls(
            groups={name: Tally.from_plain(tally) for name, tally in plain["groups"].items()},
            days={int(day): tiers for day, tiers in plain["days"].items()},
            first_us=plain["first"],
            last_us=plain["last"],
            n_damaged=plain["damaged"],
        )


def sum_rows(table: Table, rows: Sequence[Row]) -> Sums:
    """Add up sound rows of either table."""
    started = table.columns.index("started_us")
    times = [row[started] for row in rows]
    sums = Sums(first_us=min(times, default=None), last_us=max(times, default=None))
    for row in rows:
        if table is ATTEMPTS:
            _add_attempt(sums, row)
        else:
            _group(sums, row[_ACTION_NAME]).outcomes[row[_ACTION_OUTCOME]] += 1
    return sums


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


def _group(sums: Sums, name: str) -> Tally:
    tally = sums.groups.get(name)
    if tally is None:
        tally = sums.groups[name] = Tally()
    return tally


def _add_attempt(sums: Sums, row: Row) -> None:
    tier, outcome, cost = row[_TIER], row[_OUTCOME], row[_COST]
    tally = _group(sums, tier)
    tally.outcomes[outcome] += 1
    tally.n_clock_behind += row[_CLOCK_BEHIND]
    _add_reason(tally, row[_PLANNED], row[_REASON])
    is_running = outcome == "running"
    if not is_running:
        _add_cost(tally, row[_PLANNED], cost, row[_IS_ESTIMATED])
        _add_tokens(tally, row)
    if outcome in ("accepted", "rejected"):
        _add_latency(tally, row[_DURATION], row[_FIRST_TOKEN], row[_OUTPUT])
    figures = sums.days.setdefault(row[_STARTED] // DAY_US, {}).setdefault(tier, [0] * len(DAY_FIGURES))
    figures[0] += 1
    figures[1] += outcome == "accepted"
    figures[2] += outcome == "rejected"
    figures[3] += row[_INPUT] or 0
    figures[4] += row[_OUTPUT] or 0
    figures[5] += row[_CACHED] or 0
    figures[6] += cost or 0
    figures[7] += cost is None and not is_running


def _add_reason(tally: Tally, planned: str, code: str) -> None:
    if planned == "escalated":
        tally.escalations[code] += 1
    elif planned == "fallback":
        tally.fallbacks[code] += 1


def _add_cost(tally: Tally, planned: str, cost: int | None, is_estimated: int) -> None:
    if cost is None:
        tally.n_unknown_cost += 1
        return
    tally.spend[planned] += cost
    if is_estimated:
        tally.estimated_pico_usd += cost


def _add_tokens(tally: Tally, row: Row) -> None:
    if row[_INPUT] is None:
        tally.n_unknown_tokens += 1
        return
    tally.input_tokens += row[_INPUT]
    tally.output_tokens += row[_OUTPUT]
    tally.cached_tokens += row[_CACHED]
    tally.reasoning_tokens += row[_REASONING]


def _add_latency(tally: Tally, duration_us: int, first_token_us: int | None, output_tokens: int | None) -> None:
    tally.durations[bucket(duration_us)] += 1
    if first_token_us is None:
        return
    tally.first_tokens[bucket(first_token_us)] += 1
    if output_tokens is not None and first_token_us < duration_us:
        tally.timed_tokens += output_tokens
        tally.timed_us += duration_us - first_token_us


_ACTION_NAME, _ACTION_OUTCOME = map(ACTIONS.columns.index, ("action", "outcome"))
_STARTED, _CLOCK_BEHIND, _TIER, _PLANNED, _REASON, _OUTCOME = map(
    ATTEMPTS.columns.index, ("started_us", "is_clock_behind", "tier", "planned", "reason_code", "outcome")
)
_INPUT, _OUTPUT, _CACHED, _REASONING, _IS_ESTIMATED, _FIRST_TOKEN, _DURATION, _COST = map(
    ATTEMPTS.columns.index,
    (
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
        "is_usage_estimated",
        "first_token_us",
        "duration_us",
        "cost_pico_usd",
    ),
)
