"""Whether a call may be made now, decided in the transaction that books it, so that no two processes both think so."""

from dataclasses import dataclass, replace
from typing import Literal

import apsw

from tierwise.store.breakers import Breaker, Heard, Moment, after, elapsed_us
from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.processes import is_running, parse_identity
from tierwise.store.spending import book_cost, held, spent_in_month, spent_on
from tierwise.store.sums import DAY_US
from tierwise.store.tables import ATTEMPTS, fetch

_FORGET_TURN_US = 60 * 60 * 10**6
"""A turn whose process cannot be asked about, as one in another container, is taken to be over after this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a call needs before it may be made."""

    most_pico_usd: int = 0
    """The most it may cost: so much is held until its end."""
    day_cap: int | None = None
    """What all calls of a day may cost together, in pico-USD; None: any amount."""
    month_cap: int | None = None
    target: str = ""
    """Whose breaker is asked, an address and a model; empty: none."""
    fingerprint: str = ""
    """A hash of the settings and the key the call is made with."""
    lease_us: int = 0
    """How long the call may take, should it be the one that tries whether a server works again."""
    origin: str = ""
    """Whose turn it takes, an address; empty: nobody's."""
    n_turns: int = 0
    """How many calls the address takes at a time; 0: any number."""
    n_own: int = 0
    """How many turns this process holds there already; it counts its own, since some of its rows may be open for checks
    long after the server is done."""
    team_hold: str = ""
    """The name of the money that is held for it on a team's server; empty: none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCap:
    """The call could cost more than what is left. Money is in pico-USD."""

    period: Literal["day", "month"]
    cap: int
    spent: int
    held: int
    wanted: int
    is_teams: bool = False
    """Whether it is the team's bound, not this machine's."""

    @property
    def left(self) -> int:
        """What is neither spent nor held."""
        return max(0, self.cap - self.spent - self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The server is left alone for now."""

    breaker: Breaker
    left_s: float | None
    """Seconds until it may be tried; 0 while another call tries it; None: until something changes."""


@dataclass(frozen=True, slots=True)
class Busy:
    """All turns at the address are taken."""

    n_running: int


Denied = OverCap | Paused | Busy


def admit(connection: apsw.Connection, terms: Terms, attempt: int, owner: int, now: Moment) -> Denied | None:
    """Let a call through and note what it holds, or say why not. Raises apsw.Error."""
    breaker = read_breaker(connection, terms.target) if terms.target else None
    denied: Denied | None = _held_back(connection, breaker, terms, now)
    denied = denied or _waits(connection, terms, owner, now) or _over(connection, terms, now)
    if denied is not None:
        return denied
    if breaker is not None and breaker.is_open:
        probing = replace(breaker, prober=attempt, prober_owner=owner, probed=now, lease_us=terms.lease_us)
        write_breaker(connection, terms.target, probing)
    if terms.most_pico_usd or terms.n_turns:
        values = (attempt, owner, terms.origin, terms.most_pico_usd)
        connection.execute(
            "INSERT INTO holds (attempt, owner, origin, pico_usd, crc) VALUES (?, ?, ?, ?, ?)",
            (*values, row_checksum(values)),
        )
    if terms.team_hold:
        _use_team_hold(connection, terms.team_hold, attempt, owner)
    return None


def _use_team_hold(connection: apsw.Connection, hold: str, attempt: int, owner: int) -> None:
    """Join what is held on a team's server to its call, with whose end it is given back."""
    rows = fetch(connection, "SELECT is_offline FROM team_holds WHERE hold = ?", (hold,))
    values = (hold, owner, attempt, rows[0][0] if rows else 0)
    connection.execute("INSERT OR REPLACE INTO team_holds VALUES (?, ?, ?, ?, ?)", (*values, row_checksum(values)))


def release(connection: apsw.Connection, attempt: int) -> int | None:
    """Give back what a call held; returns how much money that was, or None when it held nothing."""
    rows = fetch(connection, "DELETE FROM holds WHERE attempt = ? RETURNING pico_usd", (attempt,))
    return rows[0][0] if rows else None


def leave_turn(connection: apsw.Connection, attempt: int) -> None:
    """Give back a call's turn, not its money."""
    rows = fetch(connection, "SELECT attempt, owner, origin, pico_usd, crc FROM holds WHERE attempt = ?", (attempt,))
    if rows and is_sound(rows[0]):
        values = (attempt, rows[0][1], "", rows[0][3])
        connection.execute("UPDATE holds SET origin = '', crc = ? WHERE attempt = ?", (row_checksum(values), attempt))


def hear(connection: apsw.Connection, heard: Heard, attempt: int | None, now: Moment) -> Breaker | None:
    """Note what a call learnt of its server; returns the breaker as it is now."""
    known = read_breaker(connection, heard.target)
    if known is None and heard.event in ("answered", "left"):
        return None
    new = after(known, heard, attempt, now)
    if new != known:
        write_breaker(connection, heard.target, new)
    return new


def read_breaker(connection: apsw.Connection, target: str) -> Breaker | None:
    """The breaker of a target; None: it has none, or a damaged one, which is as good as none."""
    rows = fetch(connection, "SELECT target, body, crc FROM breakers WHERE target = ?", (target,))
    return Breaker.from_text(rows[0][1]) if rows and is_sound(rows[0]) else None


def read_breakers(connection: apsw.Connection) -> dict[str, Breaker]:
    """All of them by target."""
    rows = fetch(connection, "SELECT target, body, crc FROM breakers")
    return {row[0]: Breaker.from_text(row[1]) for row in rows if is_sound(row)}


def write_breaker(connection: apsw.Connection, target: str, breaker: Breaker | None) -> None:
    """Keep a breaker, or forget it."""
    if breaker is None:
        connection.execute("DELETE FROM breakers WHERE target = ?", (target,))
        return
    values = (target, breaker.to_text())
    connection.execute(
        "INSERT OR REPLACE INTO breakers (target, body, crc) VALUES (?, ?, ?)", (*values, row_checksum(values))
    )


def is_alive(connection: apsw.Connection, owner: int) -> bool | None:
    """Whether the process with this number in the file still runs; None: it cannot be told."""
    rows = fetch(connection, "SELECT CAST(identity AS BLOB) FROM owners WHERE id = ?", (owner,))
    identity = parse_identity(rows[0][0].decode("utf-8", "replace")) if rows else None
    return None if identity is None else is_running(identity)


def end_as_unknown(connection: apsw.Connection, attempt: int) -> bool:
    """End a call whose process has died: it is taken to have cost all that was held for it."""
    row = ATTEMPTS.find(connection, attempt)
    money = release(connection, attempt)
    if row is None or ATTEMPTS.column(row, "outcome") != "running":
        return False
    changes: dict[str, int | str | None] = {"outcome": "unknown", "code": "process-ended"}
    if money:
        changes |= {"cost_pico_usd": money, "is_usage_estimated": 1}
    ATTEMPTS.rewrite(connection, row, changes)
    if money:
        book_cost(connection, *_when_and_where(row), money)
    return True


def _held_back(connection: apsw.Connection, breaker: Breaker | None, terms: Terms, now: Moment) -> Paused | None:
    if breaker is None or not breaker.is_open:
        return None
    if breaker.holds_back(terms.fingerprint, now):
        left_s = None if breaker.is_shut else breaker.left_us(now) / 10**6
        return Paused(breaker=breaker, left_s=left_s)
    if breaker.is_probed(now) and is_alive(connection, breaker.prober_owner) is not False:
        return Paused(breaker=breaker, left_s=0.0)
    return None


def _waits(connection: apsw.Connection, terms: Terms, own: int, now: Moment) -> Busy | None:
    if not terms.n_turns or terms.n_own + _n_elsewhere(connection, terms.origin, own) < terms.n_turns:
        return None
    # Somebody else may have died holding a turn.
    query = "SELECT attempt, owner FROM holds WHERE origin = ? AND owner != ?"
    for attempt, owner in fetch(connection, query, (terms.origin, own)):
        alive = is_alive(connection, owner)
        if alive is False or (alive is None and _is_old(connection, attempt, now)):
            end_as_unknown(connection, attempt)
    n_running = terms.n_own + _n_elsewhere(connection, terms.origin, own)
    return None if n_running < terms.n_turns else Busy(n_running)


def _n_elsewhere(connection: apsw.Connection, origin: str, own: int) -> int:
    """Turns that other processes hold."""
    query = "SELECT count(*) FROM holds WHERE origin = ? AND owner != ?"
    return int(fetch(connection, query, (origin, own))[0][0])


def _is_old(connection: apsw.Connection, attempt: int, now: Moment) -> bool:
    row = ATTEMPTS.find(connection, attempt)
    if row is None:
        return True
    started = Moment(int(ATTEMPTS.column(row, "started_us") or 0), 0, "")
    return _FORGET_TURN_US < elapsed_us(started, now)


def _over(connection: apsw.Connection, terms: Terms, now: Moment) -> OverCap | None:
    if not terms.most_pico_usd or (terms.day_cap is None and terms.month_cap is None):
        return None
    today = now.wall_us // DAY_US
    held_now = held(connection)
    caps: tuple[tuple[Literal["day", "month"], int | None], ...] = (("day", terms.day_cap), ("month", terms.month_cap))
    for period, cap in caps:
        if cap is None:
            continue
        spent = spent_on(connection, today) if period == "day" else spent_in_month(connection, today)
        if cap < spent + held_now + terms.most_pico_usd:
            return OverCap(period=period, cap=cap, spent=spent, held=held_now, wanted=terms.most_pico_usd)
    return None


def _when_and_where(row: tuple[object, ...]) -> tuple[int, str]:
    started, tier = ATTEMPTS.column(row, "started_us"), ATTEMPTS.column(row, "tier")
    return int(started or 0), str(tier)
