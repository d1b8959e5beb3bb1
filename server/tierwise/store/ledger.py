"""The ledger: who was asked what, what it cost and how it ended, one row per click and one per call of a model.

Every call here is short and synchronous and may come from any thread; an event loop calls them through
`asyncio.to_thread`. One `Ledger` serves a whole process, and many processes share one file.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from tierwise.store.checksums import Row, SqlValue
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.exports import DamagedRow, attempt_rows, microseconds
from tierwise.store.opening import Synchronous
from tierwise.store.processes import own_identity
from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptRow, AttemptStart
from tierwise.store.stats import Stats, summarize
from tierwise.store.summaries import CHUNK_ROWS, forget, gather, seal
from tierwise.store.sweeping import sweep
from tierwise.store.tables import ACTIONS, ATTEMPTS, Table, fetch

CLOCK_TOLERANCE_US = timedelta(minutes=5) // timedelta(microseconds=1)
"""A wall clock that falls back by more is noted in the row."""
MAX_TEXT = 500
MAX_INTEGER = 2**63 - 1


def open_ledger(
    path: Path,
    *,
    synchronous: Synchronous = "full",
    keep_details: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> "Ledger":
    """Open the ledger, creating it and its folder if there are none.

    `keep_details` also writes reasons and rejections in words, which may quote code. A damaged file is set aside
    and a new one begun: see `Ledger.notices`. Raises LedgerError with a sentence for the user.
    """
    return Ledger(Database(path, synchronous), keep_details=keep_details, clock=clock)


class Ledger:
    """An open ledger. Every method may raise LedgerError."""

    def __init__(self, database: Database, *, keep_details: bool, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keep_details = keep_details
        self._clock = clock
        self._owner = _Owner(0, 0)
        self._running: dict[int, int] = {}
        """The generation of the file in which each call that has not ended was begun."""

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
        now_us = microseconds(self._clock())
        texts = [_clean(text) for text in (start.action, start.language, start.workspace, start.client)]
        with self._database.write() as connection:
            number = ACTIONS.last_id(connection) + 1
            key = _key(now_us, number)
            owner = self._owner_in(connection)
            ACTIONS.insert(connection, (number, key, owner.id, now_us, *texts, "running", "", None))
        self._owner = owner
        self._seal_after(number)
        return key

    def end_action(self, action_key: str, outcome: ActionOutcome, code: str = "") -> bool:
        """Book how a click ended; False: it had ended before, or its row is gone with a file that was replaced."""
        now_us = microseconds(self._clock())
        with self._database.write() as connection:
            row = _find_action(connection, action_key)
            changes: dict[str, SqlValue] = {"outcome": outcome, "code": _clean(code), "ended_us": now_us}
            return row is not None and _end(connection, ACTIONS, row, changes)

    def begin_attempt(self, start: AttemptStart) -> int:
        """Book a call before it is made, so that it is known even if this process dies; returns the row's id."""
        now_us = microseconds(self._clock())
        action = _number_in(start.action_key)
        values = self._start_values(start)
        with self._database.write() as connection:
            last, counted, last_us, is_known = fetch(connection, _BEFORE_ATTEMPT, (action, start.action_key))[0]
            if not is_known:
                raise LedgerError(
                    f"the click {start.action_key!r} is not in the ledger {str(self.path)!r}; run the action again",
                    code="no-action",
                )
            number = ATTEMPTS.checked_last(last, counted) + 1
            is_behind = last_us is not None and now_us + CLOCK_TOLERANCE_US < last_us
            owner = self._owner_in(connection)
            head = (number, action, owner.id, now_us, int(is_behind))
            ATTEMPTS.insert(connection, (*head, *values, "running", *_NOT_ENDED))
        self._owner = owner
        self._running[number] = owner.generation
        self._seal_after(number)
        return number

    def settle_attempt(self, attempt_id: int, end: AttemptEnd) -> bool:
        """Book how a call ended; False: it was settled before, or its row is gone with a file that was replaced."""
        changes = self._end_changes(end)
        with self._database.write() as connection:
            row = ATTEMPTS.find(connection, attempt_id)
            is_ours = self._running.get(attempt_id) == self._database.generation
            is_settled = is_ours and row is not None and _end(connection, ATTEMPTS, row, changes)
        self._running.pop(attempt_id, None)
        return is_settled

    def sweep(self) -> int:
        """Mark what dead processes left running as ended with outcome `unknown`; returns how many calls that were.

        Nobody knows what such a call cost, so its money stays unknown.
        """
        n_swept = sweep(self._database, microseconds(self._clock()))
        seal(self._database)
        return n_swept

    def stats(self, since: datetime | None = None) -> Stats:
        """Add up what was begun at `since`, a moment with a time zone, or later; None: everything."""
        # Without room for a summary the rows can still be read one by one.
        with contextlib.suppress(LedgerError):
            seal(self._database)
        since_us = None if since is None else microseconds(since)
        with self._database.read() as connection:
            attempts = gather(connection, ATTEMPTS, since_us)
            actions = gather(connection, ACTIONS, since_us)
            n_lost = fetch(connection, "SELECT ifnull(sum(n_lost), 0) FROM losses")[0][0]
        return summarize(attempts, actions, since=since, n_lost=n_lost, notices=self.notices)

    def attempt_rows(self, since: datetime | None = None) -> Iterator[AttemptRow | DamagedRow]:
        """The calls begun at `since` or later, in the order they were begun."""
        return attempt_rows(self._database, since)

    def close(self) -> None:
        """Close the file; calls still running stay so until somebody sweeps."""
        self._database.close()

    def _seal_after(self, number: int) -> None:
        """Add up the chunk before, once in a thousand rows; the row itself is safe whatever comes of it."""
        if number % CHUNK_ROWS == 1 and number != 1:
            with contextlib.suppress(LedgerError):
                seal(self._database)

    def _owner_in(self, connection: apsw.Connection) -> "_Owner":
        """This process's row in the file that is open now; a new one counts only once its transaction is through."""
        generation = self._database.generation
        if self._owner.generation == generation:
            return self._owner
        connection.execute("INSERT INTO owners (identity) VALUES (?)", (str(own_identity()),))
        return _Owner(generation, connection.last_insert_rowid())

    def _start_values(self, start: AttemptStart) -> Row:
        price = start.price
        prices: Row = (None, None, None, None, "")
        if price is not None:
            rates = (price.input, price.output, price.cache_read, price.cache_write)
            prices = (*(None if rate is None else _count(rate) for rate in rates), _clean(price.source))
        return (
            str(start.tier),
            _clean(start.backend),
            _clean(start.model),
            start.planned,
            _clean(start.reason_code),
            self._detail(start.reason_words),
            _count(start.prompt_files),
            _count(start.estimated_input_tokens),
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
            "first_token_us": None if end.first_token_s is None else _duration_us(end.first_token_s),
            "duration_us": _duration_us(end.duration_s),
            "cost_pico_usd": end.cost_pico_usd,
        }

    def _detail(self, words: str) -> str:
        return _clean(words) if self._keep_details else ""


@dataclass(frozen=True, slots=True)
class _Owner:
    """A process's row in the file of one generation."""

    generation: int
    id: int


_BEFORE_ATTEMPT = ATTEMPTS.counts.replace(
    " FROM attempts",
    ", (SELECT started_us FROM attempts ORDER BY id DESC LIMIT 1), (SELECT key = ?2 FROM actions WHERE id = ?1) "
    "FROM attempts",
)
"""The counts, when the newest call was begun, and whether the click with this number has this key."""
_NOT_ENDED: Row = ("", "", None, None, None, None, 0, None, None, None)


def _end(connection: apsw.Connection, table: Table, row: Row, changes: dict[str, SqlValue]) -> bool:
    """End a row; one that was given up as unknown may still say how it went, and a proposal that it was applied."""
    before = table.column(row, "outcome")
    is_applied_now = before == "proposed" and changes["outcome"] == "applied"
    if before not in ("running", "unknown") and not is_applied_now:
        return False
    table.rewrite(connection, row, changes)
    if before != "running":
        forget(connection, table, row[0])
    return True


def _find_action(connection: apsw.Connection, action_key: str) -> Row | None:
    number = _number_in(action_key)
    row = None if number is None else ACTIONS.find(connection, number)
    return row if row is not None and ACTIONS.column(row, "key") == action_key else None


def _clean(text: str) -> str:
    """What SQLite can hold and a table can show: no lone surrogates, no control characters, not endless."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text[:MAX_TEXT]


def _count(number: int) -> int:
    """A number some server or configuration made up, brought into what a column can hold."""
    return min(max(number, 0), MAX_INTEGER)


def _duration_us(seconds: float) -> int:
    return round(max(seconds, 0.0) * 10**6)


_NUMBER_BITS = 40
"""Room for a row's number in its key: a trillion clicks."""
_FORM_BITS = 0xF << 76 | 0b11 << 62
_VERSION_8 = 8 << 76 | 0b10 << 62


def _key(now_us: int, number: int) -> str:
    """A version 8 UUID of the time, chance, and the row's number, by which the row is found without an index."""
    chance = int.from_bytes(os.urandom(5), "big")
    value = (now_us // 1000 % 2**48) << 80 | chance << _NUMBER_BITS | number % 2**_NUMBER_BITS
    return f"{value & ~_FORM_BITS | _VERSION_8:032x}"


def _number_in(key: str) -> int | None:
    try:
        return int(key[-10:], 16)
    except ValueError:
        return None
