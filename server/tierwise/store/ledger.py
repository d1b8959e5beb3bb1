"""The ledger: who was asked what, what it cost and how it ended, one row per click and one per call of a model.

Every call here is short and synchronous and may come from any thread; an event loop calls them through
`asyncio.to_thread`. One `Ledger` serves a whole process, and many processes share one file.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from tierwise.store.checksums import SqlValue
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.opening import Synchronous
from tierwise.store.processes import is_running, own_identity, parse_identity
from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptStart
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table

Clock = Callable[[], datetime]

CLOCK_TOLERANCE_US = 5 * 60 * 10**6
"""A wall clock that falls back by more is noted in the row."""
GIVE_UP_AFTER = timedelta(hours=24)
"""A row whose process cannot be asked about, as one in another container, counts as ended after this long."""
MAX_TEXT = 500
MAX_INTEGER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_ledger(
    path: Path,
    *,
    synchronous: Synchronous = "full",
    keep_details: bool = False,
    clock: Clock = lambda: datetime.now(UTC),
) -> "Ledger":
    """Open the ledger, creating it and its folder if there are none.

    `keep_details` also writes reasons and rejections in words, which may quote code. A damaged file is set aside
    and a new one begun: see `Ledger.notices`. Raises LedgerError with a sentence for the user.
    """
    return Ledger(Database(path, synchronous), keep_details=keep_details, clock=clock)


class Ledger:
    """An open ledger. Every method may raise LedgerError."""

    def __init__(self, database: Database, *, keep_details: bool, clock: Clock) -> None:
        self._database = database
        self._keep_details = keep_details
        self._clock = clock
        self._owner = (0, 0)
        self._running: dict[int, int] = {}

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._database.path

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences the user should see, oldest first: damaged or missing files that were replaced."""
        return tuple(self._database.notices)

    def begin_action(self, start: ActionStart) -> str:
        """Book a click; returns its key, a UUID in 32 hexadecimal digits."""
        now_us = self._now_us()
        key = _time_ordered_uuid(now_us)
        texts = [_clean(text) for text in (start.action, start.language, start.workspace, start.client)]
        with self._database.write() as connection:
            number = _one(connection, f"SELECT coalesce({ACTIONS.last_id}, 0) + 1", ())[0]
            owner = self._owner_id(connection)
            ACTIONS.insert(connection, (number, key, owner, now_us, *texts, "running", "", None))
        return key

    def end_action(self, action_key: str, outcome: ActionOutcome, code: str = "") -> bool:
        """Book how a click ended; False: it had ended before, or its row is gone with a file that was replaced."""
        now_us = self._now_us()
        with self._database.write() as connection:
            row = connection.execute(f"{ACTIONS.select} WHERE key = ?", (action_key,)).fetchone()
            if row is None or _column(ACTIONS, row, "outcome") not in ("running", "unknown"):
                return False
            ACTIONS.rewrite(connection, row, {"outcome": outcome, "code": _clean(code), "ended_us": now_us})
        return True

    def begin_attempt(self, start: AttemptStart) -> int:
        """Book a call before it is made, so that it is known even if this process dies; returns the row's id."""
        now_us = self._now_us()
        with self._database.write() as connection:
            action, last, last_us = _one(
                connection,
                f"SELECT (SELECT id FROM actions WHERE key = ?), {ATTEMPTS.last_id}, "  # noqa: S608
                f"(SELECT started_us FROM attempts WHERE id = {ATTEMPTS.last_id})",
                (start.action_key,),
            )
            if action is None:
                raise LedgerError(
                    f"the click {start.action_key!r} is not in the ledger {str(self.path)!r}; run the action again",
                    code="no-action",
                )
            number = (last or 0) + 1
            is_behind = last_us is not None and now_us + CLOCK_TOLERANCE_US < last_us
            head = (number, action, self._owner_id(connection), now_us, int(is_behind))
            ATTEMPTS.insert(connection, (*head, *self._start_values(start), "running", *_NOT_ENDED))
            generation = self._database.generation
        self._running[number] = generation
        return number

    def settle_attempt(self, attempt_id: int, end: AttemptEnd) -> bool:
        """Book how a call ended; False: it was settled before, or its row is gone with a file that was replaced."""
        changes = self._end_changes(end)
        with self._database.write() as connection:
            if self._running.get(attempt_id) != self._database.generation:
                return False
            row = connection.execute(f"{ATTEMPTS.select} WHERE id = ?", (attempt_id,)).fetchone()
            if row is None or _column(ATTEMPTS, row, "outcome") not in ("running", "unknown"):
                return False
            ATTEMPTS.rewrite(connection, row, changes)
        del self._running[attempt_id]
        return True

    def sweep(self) -> int:
        """Mark what dead processes left running as ended with outcome `unknown`; returns how many calls that were.

        Nobody knows what such a call cost, so its money stays unknown.
        """
        ended = {"outcome": "unknown", "code": "process-ended"}
        n_swept = 0
        with self._database.write() as connection:
            dead = self._dead_owners(connection)
            for table in (ATTEMPTS, ACTIONS):
                for owner, only_before_us in dead:
                    rows = connection.execute(
                        f"{table.select} WHERE outcome = 'running' AND owner = ? AND started_us < ?",
                        (owner, only_before_us),
                    ).fetchall()
                    for row in rows:
                        table.rewrite(connection, row, ended)
                    n_swept += len(rows) if table is ATTEMPTS else 0
        return n_swept

    def close(self) -> None:
        """Close the file; calls still running stay so until somebody sweeps."""
        self._database.close()

    def _now_us(self) -> int:
        return (self._clock() - _EPOCH) // timedelta(microseconds=1)

    def _owner_id(self, connection: apsw.Connection) -> int:
        """This process's row in the file that is open now, written on first use."""
        generation, owner = self._owner
        if generation != self._database.generation:
            identity = str(own_identity())
            connection.execute("INSERT INTO owners (identity) VALUES (?)", (identity,))
            owner = connection.last_insert_rowid()
            self._owner = (self._database.generation, owner)
        return owner

    def _dead_owners(self, connection: apsw.Connection) -> list[tuple[int, int]]:
        """Owners with something running whose process is gone, each with the time before which that counts."""
        owners = connection.execute(
            "SELECT id, identity FROM owners WHERE id IN (SELECT owner FROM attempts WHERE outcome = 'running' "
            "UNION SELECT owner FROM actions WHERE outcome = 'running')"
        ).fetchall()
        long_ago_us = self._now_us() - GIVE_UP_AFTER // timedelta(microseconds=1)
        dead: list[tuple[int, int]] = []
        for owner, text in owners:
            identity = parse_identity(str(text))
            is_alive = is_running(identity) if identity is not None else None
            if not is_alive:
                dead.append((int(owner), MAX_INTEGER if is_alive is False else long_ago_us))
        return dead

    def _start_values(self, start: AttemptStart) -> tuple[SqlValue, ...]:
        price = start.price
        prices: tuple[SqlValue, ...] = (None, None, None, None, "")
        if price is not None:
            prices = (price.input, price.output, price.cache_read, price.cache_write, _clean(price.source))
        return (
            str(start.tier),
            _clean(start.backend),
            _clean(start.model),
            start.planned,
            _clean(start.reason_code),
            self._detail(start.reason_words),
            start.prompt_files,
            start.estimated_input_tokens,
            *prices,
        )

    def _end_changes(self, end: AttemptEnd) -> dict[str, SqlValue]:
        if end.cost_pico_usd is not None and not 0 <= end.cost_pico_usd <= MAX_INTEGER:
            raise ValueError(f"a call cannot cost {end.cost_pico_usd} pico-USD")
        usage = end.usage
        return {
            "outcome": end.outcome,
            "code": _clean(end.code),
            "detail": self._detail(end.detail),
            "input_tokens": _count(usage.input_tokens) if usage else None,
            "output_tokens": _count(usage.output_tokens) if usage else None,
            "cached_tokens": _count(usage.cached_tokens) if usage else None,
            "reasoning_tokens": _count(usage.reasoning_tokens) if usage else None,
            "is_usage_estimated": int(end.is_usage_estimated),
            "first_token_us": None if end.first_token_s is None else _microseconds(end.first_token_s),
            "duration_us": _microseconds(end.duration_s),
            "cost_pico_usd": end.cost_pico_usd,
        }

    def _detail(self, words: str) -> str:
        return _clean(words) if self._keep_details else ""


_NOT_ENDED: tuple[SqlValue, ...] = ("", "", None, None, None, None, 0, None, None, None)


def _one(connection: apsw.Connection, query: str, bindings: tuple[Any, ...]) -> tuple[Any, ...]:
    row = connection.execute(query, bindings).fetchone()
    return row if row is not None else ()


def _column(table: Table, row: tuple[SqlValue, ...], name: str) -> SqlValue:
    return row[table.columns.index(name)]


def _clean(text: str) -> str:
    """What SQLite can hold and a table can show: no lone surrogates, no control characters, not endless."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "�" for character in text)
    return text[:MAX_TEXT]


def _count(number: int) -> int:
    """A count some server made up, brought into what a column can hold."""
    return min(max(number, 0), MAX_INTEGER)


def _microseconds(seconds: float) -> int:
    return round(max(seconds, 0.0) * 10**6)


def _time_ordered_uuid(now_us: int) -> str:
    """A version 7 UUID, so that new keys land at the end of their index."""
    milliseconds = now_us // 1000 % 2**48
    random = int.from_bytes(os.urandom(10), "big")
    high, low = random >> 68, random % 2**62
    return f"{milliseconds:012x}7{high % 2**12:03x}{0b10 << 62 | low:016x}"
