"""Rows of one table added up by tier, model, action, language, workspace, day or cell. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import add, itemgetter
from typing import Any, Literal, get_args

from tierwise.store.checksums import Row
from tierwise.store.counting import TALLIED, measured
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table
from tierwise.store.tallies import Plain, Tally, joined

DAY_US = 24 * 60 * 60 * 10**6
Dimension = Literal["tier", "model", "action", "language", "workspace", "day", "cell"]
"""A cell is an action in a language done by a model."""
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
OF_CLICKS: tuple[Dimension, ...] = ("action", "language", "workspace")
"""What only the click's own row says."""
NEEDS_CLICKS: frozenset[Dimension] = frozenset({*OF_CLICKS, "cell"})
"""What rows of other tables cannot be grouped by without their clicks."""
BETWEEN = " · "
"""Between a cell's action, language and model."""

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
_Cell = tuple[str, str, str, tuple[str, ...] | None]
"""Tier, backend, model, and the click's action and language, None where its row is damaged: what rows have in common
that are added up first where many sums are wanted."""
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

    kept: dict[str, Plain] = field(default_factory=dict)
    """Groups as they were kept, for `join_sums` to take apart; empty but between reading and joining."""

    @property
    def total(self) -> Tally:
        """All groups together."""
        return joined(self.groups.values())

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it, of sums that have nothing `kept`."""
        return {
            "groups": {name: tally.to_plain() for name, tally in self.groups.items()},
            "days": self.days,
            "first": self.first_us,
            "last": self.last_us,
            "damaged": self.n_damaged,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Sums":
        """Back from JSON that `to_plain` made, to be joined."""
        return cls(
            kept=plain["groups"],
            days={int(day): groups for day, groups in plain["days"].items()},
            first_us=plain["first"],
            last_us=plain["last"],
            n_damaged=plain["damaged"],
        )


def dimensions_of(table: Table) -> tuple[Dimension, ...]:
    """What a table's rows can be grouped by: a click has neither tier nor model."""
    return (*OF_CLICKS, "day") if table is ACTIONS else DIMENSIONS


def join_sums(parts: Iterable[Sums]) -> Sums:
    """The sums of the rows of all parts, which are not to be used afterwards."""
    found = tuple(parts)
    groups: dict[str, list[Tally | Plain]] = defaultdict(list)
    days: dict[int, dict[str, list[int]]] = {}
    for part in found:
        for name, tally in part.groups.items():
            groups[name].append(tally)
        for name, plain in part.kept.items():
            groups[name].append(plain)
        for day, figures_of in part.days.items():
            known = days.setdefault(day, {})
            for name, figures in figures_of.items():
                known[name] = list(map(add, known[name], figures)) if name in known else figures
    return Sums(
        groups={name: _joined(tallies) for name, tallies in groups.items()},
        days=days,
        first_us=min((part.first_us for part in found if part.first_us is not None), default=None),
        last_us=max((part.last_us for part in found if part.last_us is not None), default=None),
        n_damaged=sum(part.n_damaged for part in found),
    )


def _joined(parts: Sequence[Tally | Plain]) -> Tally:
    if 1 < len(parts):
        return joined(parts)
    return parts[0] if isinstance(parts[0], Tally) else Tally.from_plain(parts[0])


def sum_rows(
    table: Table, rows: Sequence[Row], clicks: Clicks, dimensions: Iterable[Dimension]
) -> dict[Dimension, Sums]:
    """Add up sound rows by several dimensions at once; `clicks` may be empty where no dimension is one `OF_CLICKS`."""
    started = itemgetter(table.columns.index("started_us"))
    first, last = min(map(started, rows), default=None), max(map(started, rows), default=None)
    wanted = tuple(dimensions)
    prepared = [measured(row) for row in rows] if table is ATTEMPTS else rows
    cells: dict[_Cell, Tally] = {}
    if table is not ACTIONS and _OF_CELLS.keys() <= set(wanted):
        cells = _tallied(table, prepared, _cell_of(table, clicks))
    daily: dict[tuple[int, str], Tally] = {}
    if table is ATTEMPTS and "tier" in wanted:
        daily = _tallied(table, prepared, _day_of_tier)
    groups: dict[Dimension, dict[str, Tally]] = {}
    for dimension in wanted:
        # Rows are added up once for all that is made of whole cells, or of whole days of tiers.
        if cells and dimension in _OF_CELLS:
            groups[dimension] = _named(cells, _OF_CELLS[dimension])
        elif daily and dimension in _OF_DAILY:
            groups[dimension] = _named(daily, _OF_DAILY[dimension])
        else:
            key, label = _naming(table, clicks, dimension)
            groups[dimension] = _named(_tallied(table, prepared, key), label)
    days = _days(daily)
    return {name: Sums(tallies, days if name == "tier" else {}, first, last) for name, tallies in groups.items()}


def _tallied(table: Table, rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, Tally]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    tally = TALLIED[table.name]
    return {value: tally(group) for value, group in groups.items()}


def _named(tallies: Mapping[Any, Tally], label: Callable[[Any], str]) -> dict[str, Tally]:
    """Tallies by their name, which is `label` of their key; different keys may have the same."""
    named: dict[str, list[Tally]] = defaultdict(list)
    for value, tally in tallies.items():
        named[label(value)].append(tally)
    return {name: parts[0] if len(parts) == 1 else joined(parts) for name, parts in named.items()}


def _naming(table: Table, clicks: Clicks, dimension: Dimension) -> tuple[Callable[[Row], Any], Callable[[Any], str]]:
    """What rows are told apart by, and what turns that into a name."""
    columns = table.columns
    if dimension == "day":
        started = columns.index("started_us")
        return lambda row: row[started] // DAY_US, _day_name
    if dimension == "model":
        return itemgetter(columns.index("backend"), columns.index("model")), _model_name
    if dimension == "cell":
        return _cell_of(table, clicks), _OF_CELLS["cell"]
    if table is ACTIONS or dimension == "tier":
        return itemgetter(columns.index(dimension)), str
    action, place = columns.index("action"), OF_CLICKS.index(dimension)
    return lambda row: clicks.get(row[action], _NAMELESS)[place], str


def _day_name(day: int) -> str:
    return date.fromordinal(_DAY_ZERO + day).isoformat()


def _model_name(names: tuple[str, str]) -> str:
    backend, model = names
    return f"{backend}/{model}" if backend else model


def _cell_of(table: Table, clicks: Clicks) -> Callable[[Row], _Cell]:
    action, tier, backend, model = map(table.columns.index, ("action", "tier", "backend", "model"))
    names = {number: of_click[:2] for number, of_click in clicks.items()}
    return lambda row: (row[tier], row[backend], row[model], names.get(row[action]))


def _cell_name(cell: _Cell) -> str:
    _, backend, model, click = cell
    return "" if click is None else BETWEEN.join((*click, _model_name((backend, model))))


_OF_CELLS: Mapping[Dimension, Callable[[_Cell], str]] = {
    "tier": itemgetter(0),
    "model": lambda cell: _model_name(cell[1:3]),
    "action": lambda cell: cell[3][0] if cell[3] else "",
    "language": lambda cell: cell[3][1] if cell[3] else "",
    "cell": _cell_name,
}
"""What turns a cell into the name it has by each dimension that is made of whole cells."""


_OF_DAILY: Mapping[Dimension, Callable[[tuple[int, str]], str]] = {
    "tier": itemgetter(1),
    "day": lambda daily: _day_name(daily[0]),
}
"""What turns a day and a tier into names."""


def _day_of_tier(row: Row) -> tuple[int, str]:
    return row[_STARTED] // DAY_US, row[_TIER]


def _days(tallies: Mapping[tuple[int, str], Tally]) -> dict[int, dict[str, list[int]]]:
    days: dict[int, dict[str, list[int]]] = {}
    for (day, tier), tally in tallies.items():
        days.setdefault(day, {})[tier] = _day_figures(tally)
    return days


def _day_figures(tally: Tally) -> list[int]:
    passed, failed = (tally.outcomes.get(outcome, 0) for outcome in ("accepted", "rejected"))
    tokens = (tally.input_tokens, tally.output_tokens, tally.cached_tokens)
    return [tally.n_rows, passed, failed, *tokens, tally.pico_usd, tally.n_unknown_cost]


_STARTED, _TIER = ATTEMPTS.columns.index("started_us"), ATTEMPTS.columns.index("tier")
