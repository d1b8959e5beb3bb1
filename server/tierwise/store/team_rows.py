"""Rows of the ledger as they travel to a team's server and back: without numbers that mean something here only.

No code, prompts or paths stand in any row; words for people, which a ledger may keep on request, stay here.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import apsw

from tierwise.routing.tiers import Tier
from tierwise.store.checksums import Row, is_sound, row_checksum
from tierwise.store.rows import ActionOutcome, AttemptOutcome, FateName, HitKind, Planned, RowOutcome
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS, Table, fetch
from tierwise.store.written import MAX_INTEGER, clean

_KEY = ("click", "started_us", "twin")
_AT_HOME = frozenset({"id", "key", "action", "owner", "started_us"})
"""What is replaced by the key, or means nothing elsewhere."""
_NEAR = 64
"""Rows of one click at the same microsecond stand at most so far apart."""
_UNSAID = ("reason_words", "detail")
_OUTCOMES = {*get_args(ActionOutcome), *get_args(AttemptOutcome), *get_args(RowOutcome)}
_WORDS: dict[str, set[str]] = {
    "outcome": _OUTCOMES,
    "tier": {tier.value for tier in Tier},
    "planned": set(get_args(Planned)),
    "kind": set(get_args(HitKind)),
    "fate": set(get_args(FateName)),
}
_NAMES = frozenset(
    [
        "action",
        "language",
        "workspace",
        "client",
        "code",
        "backend",
        "model",
        "reason_code",
        "reason_words",
        "price_source",
        "detail",
    ]
)
_MAY_BE_UNKNOWN = frozenset(
    [
        "ended_us",
        "price_input",
        "price_output",
        "price_cache_read",
        "price_cache_write",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
        "first_token_us",
        "duration_us",
        "cost_pico_usd",
        "saved_pico_usd",
    ]
)
_NOT_FINAL = frozenset({"running", "unknown", "proposed"})


@dataclass(frozen=True)
class Travelling:
    """How rows of one table travel."""

    table: Table

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns on the way, checksum last."""
        own = ("action",) if self.table is ACTIONS else ()
        rest = tuple(name for name in self.table.columns if name not in _AT_HOME or name in own)
        return (*_KEY, *rest, "crc")

    @cached_property
    def upsert(self) -> str:
        """The statement that writes rows on the server, unless a later state of them is there.

        Its one parameter is a list of objects in JSON: `columns`, `origin` and, for calls, the `hold` they end.
        """
        name, more, values = self.table.name, "", ""
        if self.table is ATTEMPTS:
            more = ", booked_day"
            values = (
                ", coalesce((SELECT day FROM tierwise.holds WHERE holds.hold = new.hold),"
                " least(new.started_us / 86400000000, tierwise.today() + 1))"
            )
        columns = ", ".join((*self.columns, "origin"))
        types = ", ".join(f"{column} {_type_of(column)}" for column in (*self.columns, "origin", "hold"))
        on_conflict = "NOTHING"
        if "outcome" in self.columns:
            settings = [f"{column} = excluded.{column}" for column in (*self.columns[3:], "seq")]
            settings += ["booked_day = excluded.booked_day"] if more else []
            is_later = f"tierwise.rank({name}.outcome) < tierwise.rank(excluded.outcome)"
            on_conflict = f"UPDATE SET {', '.join(settings)} WHERE {is_later}"
        return (  # The names are constants.
            f"INSERT INTO tierwise.{name} ({columns}, seq{more})"  # noqa: S608
            f" SELECT {columns}, nextval('tierwise.changes'){values}"
            f" FROM jsonb_to_recordset(%s::jsonb) AS new({types})"
            f" ON CONFLICT (click, started_us, twin) DO {on_conflict}"
        )

    def depart(self, connection: apsw.Connection, row: Row, origin: str) -> Row:
        """A sound row of the file as it travels."""
        value: dict[str, Any] = dict(zip(self.table.columns, row, strict=False))
        if self.table is ACTIONS:
            key: Row = (value["key"], value["started_us"], 0)
        else:
            click = _click_key(connection, value["action"], origin)
            key = (click, value["started_us"], _twin(connection, self, value))
        value |= dict.fromkeys(_UNSAID, "")
        values = (*key, *(value[name] for name in self.columns[3:-1]))
        return (*values, row_checksum(values))

    def arrive(self, row: Row, number: int, click: int) -> Row:
        """The columns of the file, from `id` on, of a row that travelled; `click` is its click's number there."""
        value: dict[str, Any] = dict(zip(self.columns, row, strict=True))
        value |= {"id": number, "owner": 0}
        if self.table is ACTIONS:
            value["key"] = value["click"]
        else:
            value["action"] = click
        return tuple(value[name] for name in self.table.columns)

    def is_believable(self, row: Row) -> bool:
        """Whether a row from elsewhere is what was sent, and something our own program could have written."""
        if len(row) != len(self.columns) or not is_sound(row):
            return False
        return all(_is_possible(name, value) for name, value in zip(self.columns, row, strict=True))

    def is_final(self, row: Row) -> bool:
        """Whether a row of the file stays as it is for good."""
        return "outcome" not in self.table.columns or self.table.column(row, "outcome") not in _NOT_FINAL


TRAVELLING = tuple(Travelling(table) for table in (ACTIONS, ATTEMPTS, HITS, FATES))
"""Clicks first, so that nothing arrives before its click."""


def _click_key(connection: apsw.Connection, number: int, origin: str) -> str:
    click = ACTIONS.find(connection, number)
    if click is None or not is_sound(click):
        return f"{origin}/{number}"
    return str(ACTIONS.column(click, "key"))


def _twin(connection: apsw.Connection, travelling: Travelling, value: dict[str, Any]) -> int:
    query = (
        f"SELECT count(*) FROM {travelling.table.name} "  # noqa: S608 -- the name is a constant.
        "WHERE id BETWEEN ? AND ? AND action = ? AND started_us = ?"
    )
    bindings = (value["id"] - _NEAR, value["id"] - 1, value["action"], value["started_us"])
    return int(fetch(connection, query, bindings)[0][0])


def _type_of(column: str) -> str:
    is_text = column in _NAMES or column in _WORDS or column in ("click", "origin", "hold")
    return "text" if is_text else "bigint"


def _is_possible(name: str, value: object) -> bool:
    if name in _WORDS:
        return value in _WORDS[name]
    if name in _NAMES or name == "click":
        return isinstance(value, str) and clean(value) == value
    if value is None:
        return name in _MAY_BE_UNKNOWN
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER
