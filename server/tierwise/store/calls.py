"""Calls of models as they are booked: let in and written before they are made, settled once."""

from collections.abc import Callable

import apsw

from tierwise.store.admission import Denied, Terms, admit, hear, release
from tierwise.store.breakers import Heard, Moment
from tierwise.store.database import Database
from tierwise.store.ending import end_row
from tierwise.store.rows import AttemptEnd, AttemptStart
from tierwise.store.spending import book_cost
from tierwise.store.tables import ATTEMPTS
from tierwise.store.tail import Tail
from tierwise.store.written import NOT_ENDED, end_changes, start_values

FREELY = Terms()
"""Nothing is asked for, so nothing can be denied."""
CLOCK_TOLERANCE_US = 5 * 60 * 10**6
"""A wall clock that falls back by more is noted in the row."""


class NoClickError(Exception):
    """The file has no such click; `args` is its key."""


class Calls:
    """The calls this process makes, on one ledger. Every method may raise LedgerError."""

    def __init__(self, database: Database, tail: Tail, *, keep_details: bool, moment: Callable[[int], Moment]) -> None:
        """`moment` adds the steady clock to microseconds since 1970."""
        self._database = database
        self._tail = tail
        self._keep_details = keep_details
        self._moment = moment
        self._running: dict[int, int] = {}
        """The generation of the file in which each call that has not ended was begun."""
        self._holding: set[int] = set()
        """Those of them that hold money or a turn."""

    def begin(self, start: AttemptStart, terms: Terms, now_us: int) -> int | Denied:
        """Book a call if it may be made now; returns the row's id. Raises NoClickError."""
        values = start_values(start, keep_details=self._keep_details)
        tail = self._tail
        with self._database.write() as connection:
            tail.refresh(connection)
            number, last_us = tail.n_calls + 1, tail.last_us
            click, _ = tail.click(connection, start.action_key)
            if click is None:
                raise NoClickError(start.action_key)
            owner = tail.owner_in(connection)
            denied = None if terms is FREELY else admit(connection, terms, number, owner.id, self._moment(now_us))
            if denied is None:
                is_behind = int(last_us is not None and now_us + CLOCK_TOLERANCE_US < last_us)
                head = (number, click[0], owner.id, now_us, is_behind)
                tail.add_call(number, now_us, (*head, *values, "running", *NOT_ENDED))
        tail.owner = owner
        if denied is not None:
            return denied
        self._running[number] = owner.generation
        if terms.most_pico_usd or terms.n_turns:
            self._holding.add(number)
        return number

    def settle(self, number: int, end: AttemptEnd, heard: Heard | None, now_us: int) -> bool:
        """Book how a call ended, give back what it held, and note what it learnt of its server.

        False: it was settled before, or its row is gone with a file that was replaced.
        """
        changes = end_changes(end, keep_details=self._keep_details)
        is_settled = False
        with self._database.write() as connection:
            is_ours = self._running.get(number) == self._database.generation
            if is_ours:
                is_settled = self._end(connection, number, changes, end.cost_pico_usd or 0)
            if heard is not None:
                hear(connection, heard, number if is_ours else None, self._moment(now_us))
        self._running.pop(number, None)
        self._holding.discard(number)
        return is_settled

    def _end(
        self, connection: apsw.Connection, number: int, changes: dict[str, int | str | None], pico_usd: int
    ) -> bool:
        self._tail.refresh(connection)
        row, is_known = self._tail.call(connection, number)
        self._tail.forget_call(number)
        if row is None or not end_row(connection, ATTEMPTS, row, changes, is_known=is_known):
            return False
        if number in self._holding:
            release(connection, number)
        book_cost(connection, row[_STARTED], row[_TIER], pico_usd - (row[_COST] or 0))
        return True


_STARTED, _TIER, _COST = map(ATTEMPTS.columns.index, ("started_us", "tier", "cost_pico_usd"))
