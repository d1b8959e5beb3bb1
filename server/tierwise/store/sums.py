"""Rows of one table added up by tier, model, action, language, workspace or day. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import add, itemgetter
from typing import Any, Literal, get_args

from tierwise.store.checksums import Row
from tierwise.store.counting import COUNTED, outcome_of
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table
from tierwise.store.tallies import Tally

DAY_US = 24 * 60 * 60 * 10**6
Dimension = Literal["tier", "model", "action", "language", "workspace", "day"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
OF_CLICKS: tuple[Dimension, ...] = ("action", "language", "workspace")
"""What only the click's own row says."""

Clicks = Mapping[int, tuple[str, ...]]
"""`OF_CLICKS` by the click's number; one whose row is damaged is left out, and its calls have no name there."""

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
"""What is kept of each group on each day, in this order."""
_DAY_ZERO = date(1970, 1, 1).toordinal()
_NAMELESS = ("",) * len(OF_CLICKS)


@dataclass(slots=True)
class Sums:
    """Some rows of one table added up by one dimension."""

    groups: dict[str, Tally] = field(default_factory=dict)
    """By the dimension's values; empty names stand for what is not known."""
    days: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    """By day since 1970 in UTC, then by group: `DAY_FIGURES`. Filled only for calls by tier."""
    first_us: int | None = None
    """When the earliest of the rows was begun; None of no rows."""
    last_us: int | None = None
    """When the latest of them was begun."""
    n_damaged: int = 0
    """Rows that are not what was written or not there; nothing else here counts them."""

    @property
    def total(self) -> Tally:
        """All groups together."""
        total = Tally()
        for tally in self.groups.values():
            total.add(tally)
        return total

    def add(self, other: "Sums") -> None:
        """Add the sums of other rows; `other` is not to be used afterwards."""
        for name, tally in other.groups.items():
            if name in self.groups:
                self.groups[name].add(tally)
            else:
                self.groups[name] = tally
        for day, groups in other.days.items():
            known = self.days.setdefault(day, {})
            for name, figures in groups.items():
                mine = known.get(name)
                known[name] = figures if mine is None else list(map(add, mine, figures))
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
            days={int(day): groups for day, groups in plain["days"].items()},
            first_us=plain["first"],
            last_us=plain["last"],
            n_damaged=plain["damaged"],
        )


def dimensions_of(table: Table) -> tuple[Dimension, ...]:
    """What a table's rows can be grouped by: a click has neither tier nor model."""
    return (*OF_CLICKS, "day") if table is ACTIONS else DIMENSIONS


def sum_rows(
    table: Table, rows: Sequence[Row], clicks: Clicks, dimensions: Iterable[Dimension]
) -> dict[Dimension, Sums]:
    """Add up sound rows by several dimensions at once; `clicks` may be empty where no dimension is one `OF_CLICKS`."""
    started = table.columns.index("started_us")
    times = [row[started] for row in rows]
    first, last = min(times, default=None), max(times, default=None)
    count = COUNTED[table.name]
    result: dict[Dimension, Sums] = {}
    for dimension in dimensions:
        name = _naming(table, clicks, dimension)
        groups: dict[str, Tally] = {}
        for row in rows:
            count(_group(groups, name(row)), row)
        days = _days(rows) if table is ATTEMPTS and dimension == "tier" else {}
        result[dimension] = Sums(groups, days, first, last)
    return result


def _naming(table: Table, clicks: Clicks, dimension: Dimension) -> Callable[[Row], str]:
    columns = table.columns
    if dimension == "day":
        started = columns.index("started_us")
        return lambda row: date.fromordinal(_DAY_ZERO + row[started] // DAY_US).isoformat()
    if dimension == "model":
        backend, model = columns.index("backend"), columns.index("model")
        return lambda row: f"{row[backend]}/{row[model]}" if row[backend] else row[model]
    if table is ACTIONS or dimension == "tier":
        return itemgetter(columns.index(dimension))
    action, place = columns.index("action"), OF_CLICKS.index(dimension)
    return lambda row: clicks.get(row[action], _NAMELESS)[place]


def _group(groups: dict[str, Tally], name: str) -> Tally:
    tally = groups.get(name)
    if tally is None:
        tally = groups[name] = Tally()
    return tally


def _days(rows: Sequence[Row]) -> dict[int, dict[str, list[int]]]:
    days: dict[int, dict[str, list[int]]] = {}
    for row in rows:
        outcome, cost = outcome_of(row), row[_COST]
        figures = days.setdefault(row[_STARTED] // DAY_US, {}).setdefault(row[_TIER], [0] * len(DAY_FIGURES))
        figures[0] += 1
        figures[1] += outcome == "accepted"
        figures[2] += outcome == "rejected"
        figures[3] += row[_INPUT] or 0
        figures[4] += row[_OUTPUT] or 0
        figures[5] += row[_CACHED] or 0
        figures[6] += cost or 0
        figures[7] += cost is None and outcome != "running"
    return days


_STARTED, _TIER, _COST, _INPUT, _OUTPUT, _CACHED = map(
    ATTEMPTS.columns.index,
    ("started_us", "tier", "cost_pico_usd", "input_tokens", "output_tokens", "cached_tokens"),
)
