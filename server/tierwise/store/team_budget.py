"""Money that a whole team may spend, held on its server before a call is made.

A hold is noted in this machine's ledger first, so that one whose process dies can be given back, and it is given back
in the very transaction that brings the call's row, so that money is never seen twice or not at all.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import apsw

from tierwise.store.admission import OverCap
from tierwise.store.checksums import row_checksum
from tierwise.store.tables import fetch
from tierwise.store.team_caps import NO_CAPS, READ_CAPS, Period, TeamCaps
from tierwise.store.team_errors import TeamError

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer

CONNECT_S = 2.0
"""So much longer the first call may wait, for the connection."""
_FIRST_PAUSE_S = 15.0
_LONGEST_PAUSE_S = 300.0
_UNUSED = -1
STANDING = f"SELECT standing.*, caps.* FROM tierwise.standing() AS standing, ({READ_CAPS}) AS caps"  # noqa: S608
"""Asks for a row that `TeamSpent.of` reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSpent:
    """What a team has spent and holds, in pico-USD, by the server's clock in UTC."""

    day: int
    day_held: int
    month: int
    month_held: int
    caps: TeamCaps = NO_CAPS
    """The bounds that stand on the server."""

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "TeamSpent":
        """Read a row of the server's function `standing`, and behind it the server's bounds where they were asked."""
        day, day_held, month, month_held = map(int, row[:4])
        caps = TeamCaps.of(*row[4:6]) if row[4:] else NO_CAPS
        return cls(day=day, day_held=day_held, month=month, month_held=month_held, caps=caps)


class TeamBudget:
    """The way to the server for holds; while it cannot be reached it is left alone for a while. Safe for any thread."""

    def __init__(
        self,
        open_server: Callable[[], "TeamServer"],
        caps: TeamCaps,
        timeout_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_server` may take its time and raise TeamError; `timeout_s` is for one answer."""
        self._open_server = open_server
        self._caps = caps
        self._timeout_s = timeout_s
        self._now = now
        self._lock = threading.Lock()
        self._server: TeamServer | None = None
        self._problem: TeamError | None = None
        self._left_until = 0.0
        self._pause_s = 0.0
        self.spent: TeamSpent | None = None
        """What the server said last."""

    @property
    def longest_s(self) -> float:
        """How long anything here may take."""
        return self._timeout_s + (CONNECT_S if self.spent is None else 0.0)

    def hold(self, hold: str, origin: str, most: int) -> OverCap | None:
        """Hold the most a call may cost, or say why not. Raises TeamError when the server cannot be asked."""
        self._refuse_while_open()
        try:
            row = self._ask(
                "SELECT is_held, day_spent, day_held, month_spent, month_held, common_day, common_month"
                " FROM tierwise.hold(%s, %s, %s, %s, %s)",
                (hold, origin, most, self._caps.day, self._caps.month),
            )
        except TeamError as err:
            self.note_trouble(err)
            raise
        self._pause_s, self._problem = 0.0, None
        self.spent = TeamSpent.of(row[1:])
        return None if row[0] else self._over(self.spent, most)

    def connect(self) -> None:
        """Make the connection, so that the first call need not wait for it. Raises TeamError."""
        self.spent = TeamSpent.of(self._ask(STANDING, ()))

    def look(self) -> None:
        """See how the money stands now, unless the server is left alone. Raises TeamError."""
        self._refuse_while_open()
        try:
            self.connect()
        except TeamError as err:
            self.note_trouble(err)
            raise
        self._pause_s, self._problem = 0.0, None

    @property
    def known(self) -> TeamSpent | None:
        """What the server said last; None: it was not asked, or it cannot be asked now."""
        return self.spent if self._problem is None else None

    def note_trouble(self, err: TeamError) -> None:
        """Leave the server alone for a while, each time for longer."""
        self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
        self._left_until = self._now() + self._pause_s
        self._problem = err

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _ask(self, query: str, bindings: tuple[Any, ...]) -> tuple[Any, ...]:
        with self._lock:
            if self._server is None:
                self._server = self._open_server()
            server = self._server
        with server.transaction(self.longest_s) as remote:
            row = remote.execute(query.encode(), bindings).fetchone()
        if row is None:
            raise TeamError(f"the team's ledger {server.address.shown!r} gave no answer", code="io")
        return tuple(row)

    def _refuse_while_open(self) -> None:
        if self._problem is not None and self._now() < self._left_until:
            raise self._problem

    def _over(self, spent: TeamSpent, most: int) -> OverCap:
        caps = self._caps.strictest(spent.caps)
        period: Period = "month"
        if caps.day is not None and caps.day < spent.day + spent.day_held + most:
            period = "day"
        cap, used, held = (
            (caps.day, spent.day, spent.day_held) if period == "day" else (caps.month, spent.month, spent.month_held)
        )
        return OverCap(period=period, cap=cap or 0, spent=used, held=held, wanted=most, is_teams=True)


def note_hold(connection: apsw.Connection, owner: int) -> str:
    """Note that money is about to be held; returns the hold's name, by which the server knows it too."""
    hold = uuid.uuid4().hex
    _write(connection, hold, owner, 0, is_offline=False)
    return hold


def note_offline(connection: apsw.Connection, hold: str, owner: int) -> None:
    """Note that a call is made without the server's word."""
    _write(connection, hold, owner, 0, is_offline=True)


def note_unused(connection: apsw.Connection, hold: str, owner: int) -> None:
    """Note that a hold is to be given back, whether the server has it or not."""
    _write(connection, hold, owner, _UNUSED, is_offline=False)


def note_late(connection: apsw.Connection, hold: str, owner: int) -> None:
    """Note that the server holds money after all; if its call is over and settled already, it is to be given back."""
    if not fetch(connection, "SELECT 1 FROM team_holds WHERE hold = ?", (hold,)):
        note_unused(connection, hold, owner)


def forget_hold(connection: apsw.Connection, hold: str) -> None:
    """Nothing is held: the server said no."""
    connection.execute("DELETE FROM team_holds WHERE hold = ?", (hold,))


def _write(connection: apsw.Connection, hold: str, owner: int, attempt: int, *, is_offline: bool) -> None:
    values = (hold, owner, attempt, int(is_offline))
    connection.execute("INSERT OR REPLACE INTO team_holds VALUES (?, ?, ?, ?, ?)", (*values, row_checksum(values)))
