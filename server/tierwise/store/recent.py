"""The newest clicks with what came of them, for a list that people look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tierwise.store.checksums import Row, is_sound
from tierwise.store.database import Database
from tierwise.store.exports import iso
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, Table, fetch

_CALLS_PER_CLICK = 8
"""So many of the newest calls are read for every click that is asked for; a plan's older calls may be left out."""
_SEARCHED = 20
"""So many clicks are looked at for every one that is wanted, since one file serves all workspaces."""

_AS_STORED = ("action", "language", "client", "outcome", "code")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentAction:
    """One click, its calls added up."""

    action_key: str
    started_at: str
    """UTC, ISO 8601 with microseconds."""
    action: str
    language: str
    client: str
    outcome: str
    code: str
    fate: str | None
    """What the user made of the edit: `kept`, `changed` or `undone`; None: not known, or not yet."""
    tier: str | None
    """Of the call that ended it; None: no model was asked."""
    model: str | None
    n_calls: int
    cost_pico_usd: int | None
    """None: the cost of a call is unknown."""
    seconds: float
    """What the calls took together."""


def recent_actions(database: Database, n: int, workspace: str | None) -> tuple[RecentAction, ...]:
    """The newest `n` clicks in a workspace, given by the hash in its rows, newest first; None: in all of them.

    Damaged rows are passed over. Raises LedgerError.
    """
    with database.read() as connection:
        last = ACTIONS.last_id(connection)
        rows = ACTIONS.sound_rows(connection, max(1, last - n * _SEARCHED + 1), last)
        clicks = [row for row in map(ACTIONS.named, rows) if workspace in (None, row["workspace"])][::-1][:n]
        newest = f" ORDER BY id DESC LIMIT {n * _SEARCHED * _CALLS_PER_CLICK}"
        calls = _by_click(ATTEMPTS, fetch(connection, ATTEMPTS.select + newest))
        fates = _by_click(FATES, fetch(connection, FATES.select + newest))
    return tuple(_recent(click, calls.get(click["id"], []), fates.get(click["id"], [])) for click in clicks)


def _by_click(table: Table, rows: Iterable[Row]) -> dict[int, list[dict[str, Any]]]:
    """Sound rows by their click, oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if is_sound(row):
            named = table.named(row)
            found.setdefault(named["action"], []).insert(0, named)
    return found


def _recent(click: dict[str, Any], calls: list[dict[str, Any]], fates: list[dict[str, Any]]) -> RecentAction:
    paid = [call for call in calls if call["planned"] != "tripwire"]
    costs = [call["cost_pico_usd"] for call in paid]
    return RecentAction(
        action_key=click["key"],
        started_at=iso(click["started_us"]),
        **{name: click[name] for name in _AS_STORED},
        fate=fates[-1]["fate"] if fates else None,
        tier=paid[-1]["tier"] if paid else None,
        model=paid[-1]["model"] if paid else None,
        n_calls=len(paid),
        cost_pico_usd=None if None in costs else sum(costs),
        seconds=sum(call["duration_us"] or 0 for call in paid) / 10**6,
    )
