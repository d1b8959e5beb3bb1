"""What a team may spend, as it stands on its server: set by a command, read by everybody, and remembered here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import apsw

from tierwise.store.team_state import read_state, write_state

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer

Period = Literal["day", "month"]
READ_CAPS = """SELECT
    (SELECT pico_usd FROM tierwise.caps WHERE period = 'day'),
    (SELECT pico_usd FROM tierwise.caps WHERE period = 'month')"""
_CAPS = "caps"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCaps:
    """What may be spent, in pico-USD; None: any amount."""

    day: int | None = None
    month: int | None = None

    @classmethod
    def of(cls, day: object, month: object) -> "TeamCaps":
        """Read two numbers of the server, or None."""
        return cls(day=None if day is None else int(str(day)), month=None if month is None else int(str(month)))

    @property
    def has_any(self) -> bool:
        """Whether anything is bounded."""
        return self.day is not None or self.month is not None

    def strictest(self, other: "TeamCaps") -> "TeamCaps":
        """What both of them allow."""
        return TeamCaps(day=_least(self.day, other.day), month=_least(self.month, other.month))


NO_CAPS = TeamCaps()


def read_caps(server: "TeamServer", longest_s: float) -> TeamCaps:
    """What stands on the server. Raises TeamError."""
    with server.transaction(longest_s) as remote:
        row = remote.execute(READ_CAPS.encode()).fetchone()
    return TeamCaps.of(*(row or (None, None)))


def set_caps(server: "TeamServer", changes: Mapping[Period, int | None], longest_s: float) -> TeamCaps:
    """Change what stands there, None taking a bound away; returns all of it. Raises TeamError."""
    with server.transaction(longest_s) as remote:
        for period, pico_usd in changes.items():
            remote.execute("DELETE FROM tierwise.caps WHERE period = %s", (period,))
            if pico_usd is not None:
                remote.execute("INSERT INTO tierwise.caps (period, pico_usd) VALUES (%s, %s)", (period, pico_usd))
    return read_caps(server, longest_s)


def remember_caps(connection: apsw.Connection, caps: TeamCaps) -> None:
    """Note what the server said, for the time before it is asked again."""
    write_state(connection, _CAPS, json.dumps([caps.day, caps.month]))


def remembered_caps(connection: apsw.Connection) -> TeamCaps | None:
    """What the server said last; None: it was never asked."""
    body = read_state(connection, _CAPS)
    return None if body is None else TeamCaps.of(*json.loads(body))


def _least(one: int | None, other: int | None) -> int | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)
