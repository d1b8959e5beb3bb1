"""The ledger: who was asked what, what it cost and how it ended, one row per click and one per call of a model.

Every call here is short and synchronous and may come from any thread; an event loop calls them through
`asyncio.to_thread`. One `Ledger` serves a whole process, and many processes share one file.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import apsw

from tierwise.store.admission import Denied, Terms, leave_turn, read_breakers, write_breaker
from tierwise.store.became import Became, what_became
from tierwise.store.beliefs import Experience, outcome_counts
from tierwise.store.breakers import Breaker, Heard, Moment
from tierwise.store.calls import FREELY, Calls, NoClickError
from tierwise.store.checksums import SqlValue
from tierwise.store.database import Database
from tierwise.store.ending import end_row, find_action
from tierwise.store.errors import LedgerError
from tierwise.store.exports import DamagedRow, attempt_rows, microseconds
from tierwise.store.opening import Synchronous
from tierwise.store.processes import boot_id, nanoseconds_since_boot
from tierwise.store.reading import read_grouped, read_stats
from tierwise.store.recent import RecentAction, recent_actions
from tierwise.store.reply_forms import FormCount, note_reply_form, read_reply_forms
from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptRow, AttemptStart, CacheHit, Fate
from tierwise.store.sealing import A_FEW_ROWS, Tell, seal
from tierwise.store.spending import Spent, spent_now
from tierwise.store.stats import Grouped, Stats
from tierwise.store.summaries import CHUNK_ROWS
from tierwise.store.sums import Dimension
from tierwise.store.sweeping import sweep
from tierwise.store.tables import ACTIONS, FATES, HITS
from tierwise.store.tail import Tail
from tierwise.store.tripwire import TripwireTable
from tierwise.store.written import clean, fate_values, hit_values, new_key

T = TypeVar("T")


def open_ledger(
    path: Path,
    *,
    synchronous: Synchronous = "soon",
    keep_details: bool = False,
    clock: Callable[[], datetime] | None = None,
    ticks: Callable[[], int] = nanoseconds_since_boot,
) -> "Ledger":
    """Open the ledger, creating it and its folder if there are none.

    `keep_details` also writes reasons and rejections in words, which may quote code. A damaged file is set aside
    and a new one begun: see `Ledger.notices`. Raises LedgerError with a sentence for the user.
    """
    return Ledger(Database(path, synchronous), keep_details=keep_details, clock=clock, ticks=ticks)


class Ledger:
    """An open ledger. Every method may raise LedgerError."""

    def __init__(
        self, database: Database, *, keep_details: bool, clock: Callable[[], datetime] | None, ticks: Callable[[], int]
    ) -> None:
        self._database = database
        self._now_us = _wall_us if clock is None else lambda: microseconds(clock())
        self._ticks = ticks
        self.on_adding_up: Tell = lambda _done, _all: None
        """Hears of rows figures are worked out from, as they are added up: how many are done, and of how many. After an
        update these may be all there are."""
        self._tail = Tail(database)
        self._calls = Calls(database, self._tail, keep_details=keep_details, moment=self._moment)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._database.path

    @property
    def database(self) -> Database:
        """The file itself, for what reads or sends whole rows."""
        return self._database

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences the user should see, oldest first: damaged or missing files that were replaced."""
        return tuple(self._database.notices)

    def begin_action(self, start: ActionStart) -> str:
        """Book a click; returns its key, a UUID in 32 hexadecimal digits."""
        now_us = self._now_us()
        texts = [clean(text) for text in (start.action, start.language, start.workspace, start.client)]
        tail = self._tail
        with self._database.write() as connection:
            tail.refresh(connection)
            number = tail.n_clicks + 1
            key = new_key(now_us, number)
            owner = tail.owner_in(connection)
            tail.add_click(key, (number, key, owner.id, now_us, *texts, "running", "", None))
        tail.owner = owner
        self._seal_after(number)
        return key

    def end_action(self, action_key: str, outcome: ActionOutcome, code: str = "") -> bool:
        """Book how a click ended; False: it had ended before, or its row is gone with a file that was replaced."""
        changes: dict[str, SqlValue] = {
            "outcome": outcome,
            "code": clean(code),
            "ended_us": self._now_us(),
        }
        with self._database.write() as connection:
            self._tail.refresh(connection)
            row, is_known = self._tail.click(connection, action_key)
            self._tail.forget_click(action_key)
            return row is not None and end_row(connection, ACTIONS, row, changes, is_known=is_known)

    def book_cache_hit(self, hit: CacheHit) -> int:
        """Book that a kept answer served a click at no cost; returns the row's id.

        Raises ValueError for money that cannot be.
        """
        values = hit_values(hit)
        with self._database.write() as connection:
            action = self._known_action(connection, hit.action_key)
            number = HITS.last_id(connection) + 1
            HITS.insert(connection, (number, action, self._now_us(), *values))
        self._seal_after(number)
        return number

    def book_fates(self, fates: Iterable[Fate]) -> int:
        """Book what became of edits, all at once; those of clicks this file does not know are left out.

        Returns how many were booked.
        """
        now_us = self._now_us()
        with self._database.write() as connection:
            last = first = FATES.last_id(connection)
            for fate in fates:
                row = find_action(connection, fate.action_key)
                if row is not None:
                    last += 1
                    FATES.insert(connection, (last, row[0], now_us, *fate_values(fate)))
        return last - first

    def begin_attempt(self, start: AttemptStart) -> int:
        """Book a call before it is made, so that it is known even if this process dies; returns the row's id."""
        try:
            number = self._calls.begin(start, FREELY, self._now_us())
        except NoClickError:
            raise self._no_action(start.action_key) from None
        # Where nothing is asked for, nothing can be denied.
        assert isinstance(number, int)  # noqa: S101
        self._seal_after(number)
        return number

    def admit(self, start: AttemptStart, terms: Terms) -> int | Denied:
        """Book a call if it may be made now, and hold what it needs until it is settled; returns the row's id.

        What may be is decided in the same transaction, so that windows never overspend or overcrowd together.
        """
        try:
            admitted = self._calls.begin(start, terms, self._now_us())
        except NoClickError:
            raise self._no_action(start.action_key) from None
        if isinstance(admitted, int):
            self._seal_after(admitted)
        return admitted

    def settle_attempt(self, attempt_id: int, end: AttemptEnd, heard: Heard | None = None) -> bool:
        """Book how a call ended, give back what it held, and note what it learnt of its server.

        False: it was settled before, or its row is gone with a file that was replaced.
        """
        return self._calls.settle(attempt_id, end, heard, self._now_us())

    def note_team_hold(self, note: Callable[[apsw.Connection, int], T]) -> T:
        """Write down what is, or was, held on a team's server; `note` is given this process's number in the file."""
        with self._database.write() as connection:
            owner = self._tail.owner_in(connection)
            noted = note(connection, owner.id)
        self._tail.owner = owner
        return noted

    def leave_turn(self, attempt_id: int) -> None:
        """Give back the turn of a call whose server is done; its money stays held until it is settled."""
        with self._database.write() as connection:
            leave_turn(connection, attempt_id)

    def breakers(self) -> dict[str, Breaker]:
        """The servers that had trouble lately, by address and model."""
        with self._database.read() as connection:
            return read_breakers(connection)

    def forget_breakers(self, targets: Iterable[str] | None = None) -> None:
        """Let servers be asked again at once; None: all of them."""
        with self._database.write() as connection:
            for target in read_breakers(connection) if targets is None else tuple(targets):
                write_breaker(connection, target, None)

    def reply_forms(self) -> tuple[FormCount, ...]:
        """How each model's answers in each form fared."""
        return read_reply_forms(self._database)

    def note_reply_form(self, model: str, form: str, *, is_fitting: bool) -> None:
        """Count an answer that could be applied, or could not."""
        note_reply_form(self._database, model, form, is_fitting=is_fitting)

    @property
    def tripwire(self) -> TripwireTable:
        """What is known of cheap models' agreement with the judge."""
        return TripwireTable(self._database, self._now_us)

    def spent(self) -> Spent:
        """What was spent today, this month and lately, and what is held."""
        with self._database.read() as connection:
            return spent_now(connection, self._now_us())

    def sweep(self) -> int:
        """Mark what dead processes left running as ended with outcome `unknown`; returns how many calls that were.

        Such a call is taken to have cost all that was held for it; without a hold its money stays unknown.
        """
        n_swept = sweep(self._database, self._now_us())
        seal(self._database, most_rows=A_FEW_ROWS)
        return n_swept

    def stats(self, since: datetime | None = None) -> Stats:
        """Add up what was begun at `since`, a moment with a time zone, or later; None: everything."""
        return read_stats(self._database, since, self.notices, self.on_adding_up)

    def grouped(self, by: Dimension, since: datetime | None = None) -> Grouped:
        """The same by tier, model, action, language, workspace, day or cell."""
        return read_grouped(self._database, by, since, self.on_adding_up)

    def experience(self) -> Experience:
        """How models did lately: accepted and rejected edits, and how long answers took."""
        return outcome_counts(self._database, self._now_us())

    def what_became(self, action_key: str) -> Became | None:
        """How a click ended and what the user made of its edit; None: the ledger has no such click."""
        return what_became(self._database, action_key)

    def recent_actions(self, n: int, workspace: str | None = None) -> tuple[RecentAction, ...]:
        """The newest clicks, newest first, with their calls added up; see `store.recent`."""
        return recent_actions(self._database, n, workspace)

    def attempt_rows(self, since: datetime | None = None) -> Iterator[AttemptRow | DamagedRow]:
        """The calls begun at `since` or later, in the order they were begun."""
        return attempt_rows(self._database, since)

    def close(self) -> None:
        """Close the file; calls still running stay so until somebody sweeps."""
        self._database.close()

    def _known_action(self, connection: apsw.Connection, key: str) -> int:
        row = find_action(connection, key)
        if row is None:
            raise self._no_action(key)
        return int(row[0])

    def _no_action(self, key: str) -> LedgerError:
        words = f"the click {key!r} is not in the ledger {str(self.path)!r}; run the action again"
        return LedgerError(words, code="no-action")

    def _moment(self, wall_us: int) -> Moment:
        return Moment(wall_us, self._ticks() // 1000, boot_id())

    def _seal_after(self, number: int) -> None:
        """Add up the chunk before, once in as many rows as it has; the row itself is safe whatever comes of it."""
        if number % CHUNK_ROWS == 1 and number != 1:
            with contextlib.suppress(LedgerError):
                seal(self._database, most_rows=A_FEW_ROWS)


def _wall_us() -> int:
    """Microseconds since 1970 by the wall clock."""
    return time.time_ns() // 1000
