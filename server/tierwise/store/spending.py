"""What was spent on each day, added up as calls are settled, so that a budget need not read every call.

A day's row is a memory of the sum of that day's calls: one that is damaged is added up anew.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import apsw

from tierwise.routing.tiers import Tier
from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.sums import DAY_US
from tierwise.store.tables import ATTEMPTS, fetch
from tierwise.store.written import count

_SELECT = "SELECT day, pico_usd, top_pico_usd, crc FROM spending"
SHARE_DAYS = 30
"""The top tier's share is that of so many days, today included."""
_LATER_DAYS = 1
"""A clock that is set back by up to a day opens no period again: what stands in the day after counts too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent, in pico-USD; days are UTC."""

    day: int
    month: int
    """Since the first of the month."""
    recent: int
    """In the last thirty days."""
    recent_top: int
    """The top tier's part of that."""
    held: int
    """The most that the calls under way now may cost together."""

    @property
    def top_share(self) -> float | None:
        """The top tier's part of what was spent lately; None: nothing was."""
        return self.recent_top / self.recent if self.recent else None


def first_of_month(day: int) -> int:
    """The first day of the month of a day, both counted from 1970-01-01."""
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return day - date.day + 1


def book_cost(connection: apsw.Connection, started_us: int, tier: str, pico_usd: int) -> None:
    """Add what a call cost, or correct it by a negative amount, in the transaction that ended it just before."""
    if not pico_usd:
        return
    day = started_us // DAY_US
    rows = fetch(connection, f"{_SELECT} WHERE day = ?", (day,))
    if rows and not is_sound(rows[0]):
        _, total, total_top = _added_up(connection, day)
    else:
        _, before, before_top, _ = rows[0] if rows else (day, 0, 0, 0)
        total, total_top = before + pico_usd, before_top + (pico_usd if tier == Tier.TOP else 0)
    values = (day, count(total), count(total_top))
    connection.execute(
        "INSERT OR REPLACE INTO spending (day, pico_usd, top_pico_usd, crc) VALUES (?, ?, ?, ?)",
        (*values, row_checksum(values)),
    )


def spent_since(connection: apsw.Connection, first: int, last: int) -> tuple[int, int]:
    """All money and the top tier's, from the day `first` to the day `last`, both included."""
    total = top = 0
    for row in fetch(connection, f"{_SELECT} WHERE day BETWEEN ? AND ?", (first, last)):
        sound = row if is_sound(row) else _added_up(connection, row[0])
        total, top = total + sound[1], top + sound[2]
    return total, top


def spent_on(connection: apsw.Connection, today: int) -> int:
    """What counts for a day's budget."""
    return spent_since(connection, today, today + _LATER_DAYS)[0]


def spent_in_month(connection: apsw.Connection, today: int) -> int:
    """What counts for the budget of a day's month."""
    first = first_of_month(today)
    return spent_since(connection, first, first_of_month(first + 31) - 1 + _LATER_DAYS)[0]


def held(connection: apsw.Connection) -> int:
    """What the calls under way may cost. Raises apsw.CorruptError when that cannot be known."""
    rows = fetch(connection, "SELECT attempt, owner, origin, pico_usd, crc FROM holds")
    if not all(is_sound(row) for row in rows):
        raise apsw.CorruptError("a hold is not what was written")
    return sum(row[3] for row in rows)


def spent_now(connection: apsw.Connection, now_us: int) -> Spent:
    """All of it at once."""
    today = now_us // DAY_US
    recent, top = spent_since(connection, today - SHARE_DAYS + 1, today + _LATER_DAYS)
    return Spent(
        day=spent_on(connection, today),
        month=spent_in_month(connection, today),
        recent=recent,
        recent_top=top,
        held=held(connection),
    )


def _added_up(connection: apsw.Connection, day: int) -> tuple[int, int, int]:
    """A day's sums from its calls, for a row that is damaged."""
    started, cost, tier = (ATTEMPTS.columns.index(name) for name in ("started_us", "cost_pico_usd", "tier"))
    calls = [
        (row[cost], row[tier])
        for row in ATTEMPTS.sound_rows(connection, 1, ATTEMPTS.last_id(connection))
        if row[started] // DAY_US == day and row[cost]
    ]
    return day, sum(money for money, _ in calls), sum(money for money, name in calls if name == Tier.TOP)
