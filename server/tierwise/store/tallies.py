"""Rows added up: counts, tokens, money and latencies by day and tier. Pure, and exact but for latencies.

Tallies of different rows add up to the tally of all of them, so sealed parts of the ledger need not be read again.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from tierwise.store.checksums import Row
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table

DAY_US = 24 * 60 * 60 * 10**6
_BUCKET_BITS = 7
"""A latency keeps its first seven binary digits: it is off by 0.8 % at most."""

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

Tallies = dict[int, dict[str, Tally]]
"""By day since 1970 in UTC, then by tier for attempts or by the action's id for actions."""


def add_tallies(total: Tallies, part: Tallies) -> None:
    """Add `part` to `total`; `part` is not to be used afterwards."""
    for day, groups in part.items():
        known = total.setdefault(day, {})
        for name, tally in groups.items():
            if name in known:
                known[name].add(tally)
            else:
                known[name] = tally


def tally_rows(table: Table, rows: Iterable[Row]) -> Tallies:
    """Add up sound rows of either table."""
    return _tally_attempts(rows) if table is ATTEMPTS else _tally_actions(rows)


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


def _tally_actions(rows: Iterable[Row]) -> Tallies:
    tallies: Tallies = {}
    for row in rows:
        _group(tallies, row[_ACTION_STARTED], row[_ACTION_NAME]).outcomes[str(row[_ACTION_OUTCOME])] += 1
    return tallies


def _tally_attempts(rows: Iterable[Row]) -> Tallies:
    tallies: Tallies = {}
    for row in rows:
        _add_attempt(_group(tallies, row[_STARTED], row[_TIER]), row)
    return tallies


def _group(tallies: Tallies, started_us: Any, name: Any) -> Tally:
    groups = tallies.setdefault(started_us // DAY_US, {})
    tally = groups.get(name)
    if tally is None:
        tally = groups[name] = Tally()
    return tally


def _add_attempt(tally: Tally, row: tuple[Any, ...]) -> None:
    outcome, planned = row[_OUTCOME], row[_PLANNED]
    tally.outcomes[outcome] += 1
    tally.n_clock_behind += row[_CLOCK_BEHIND]
    if planned == "escalated":
        tally.escalations[row[_REASON]] += 1
    elif planned == "fallback":
        tally.fallbacks[row[_REASON]] += 1
    if outcome == "running":
        return
    cost = row[_COST]
    if cost is None:
        tally.n_unknown_cost += 1
    else:
        tally.spend[planned] += cost
        if row[_IS_ESTIMATED]:
            tally.estimated_pico_usd += cost
    _add_tokens(tally, row)
    if outcome in ("accepted", "rejected"):
        _add_latency(tally, row[_DURATION], row[_FIRST_TOKEN], row[_OUTPUT])


def _add_tokens(tally: Tally, row: tuple[Any, ...]) -> None:
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


_ACTION_STARTED, _ACTION_NAME, _ACTION_OUTCOME = map(ACTIONS.columns.index, ("started_us", "action", "outcome"))
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
