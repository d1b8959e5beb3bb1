"""What the tripwire remembers, shared by all windows: the state of each cell, and what was spent on judging today."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import apsw

from tierwise.routing.tripwire import (
    CellState,
    TripwireCell,
    TripwireEvent,
    after_choice,
    after_edit,
    after_sample,
    is_wanted,
)
from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.sums import DAY_US
from tierwise.store.tables import fetch
from tierwise.store.written import clean

_SPENT = "spent"
"""The key of the row with today's money; cells have two colons in theirs."""
Compared = Literal["alike", "apart", "unjudged"]
"""What came of a sample: the same program, another one, or no word from the judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Which edits are repeated."""

    judge: str
    """The judge as `backend/model`."""
    share: float
    """From 0 to 1: the part of accepted edits."""
    least: int
    """So many a week in any case."""


class TripwireTable:
    """The rows of the tripwire in the ledger's file; every method may raise LedgerError.

    A damaged row is as good as none: its cell begins anew.
    """

    def __init__(self, database: Database, now_us: Callable[[], int]) -> None:
        self._database = database
        self._now_us = now_us

    def cells(self) -> dict[TripwireCell, CellState]:
        """All that is known."""
        with self._database.read() as connection:
            rows = fetch(connection, "SELECT key, body, crc FROM tripwire")
        found: dict[TripwireCell, CellState] = {}
        for row in rows:
            cell = TripwireCell.parse(row[0]) if is_sound(row) else None
            if cell is not None:
                found[cell] = CellState.from_text(row[1])
        return found

    def note_edit(self, cell: TripwireCell, sampling: Sampling) -> bool:
        """Count an accepted edit; whether it is to be repeated."""
        now_us = self._now_us()
        with self._database.write() as connection:
            state = after_edit(_read_cell(connection, cell), sampling.judge)
            is_chosen = is_wanted(cell, state, share=sampling.share, least=sampling.least, now_us=now_us)
            _write(connection, str(cell), (after_choice(state, now_us) if is_chosen else state).to_text())
        return is_chosen

    def note_sample(self, cell: TripwireCell, judge: str, compared: Compared) -> TripwireEvent | None:
        """Take in what came of a sample; what that changed. One of another judge than the cell's counts nothing."""
        now_us = self._now_us()
        event: TripwireEvent | None = None
        with self._database.write() as connection:
            state = _read_cell(connection, cell)
            if state.judge != judge:
                return None
            if compared == "unjudged":
                state = state.unjudged()
            else:
                state, event = after_sample(state, is_apart=compared == "apart", now_us=now_us)
            _write(connection, str(cell), state.to_text())
        return event

    def forget(self, cell: TripwireCell | None = None) -> int:
        """Begin anew with one cell, or with all of them; how many that were."""
        with self._database.write() as connection:
            if cell is None:
                rows = fetch(connection, "DELETE FROM tripwire WHERE key != ? RETURNING key", (_SPENT,))
            else:
                rows = fetch(connection, "DELETE FROM tripwire WHERE key = ? RETURNING key", (clean(str(cell)),))
        return len(rows)

    def reserve(self, pico_usd: int, cap: int) -> bool:
        """Set money for a call aside if the day's bound has room for it, in pico-USD.

        What a process that dies had set aside counts as spent for the rest of the day.
        """
        day = self._now_us() // DAY_US
        with self._database.write() as connection:
            spent = _spent_on(connection, day)
            if cap < spent + pico_usd:
                return False
            _write(connection, _SPENT, json.dumps([day, spent + pico_usd]))
        return True

    def settle(self, reserved: int, pico_usd: int) -> None:
        """Replace what was set aside by what it came to."""
        day = self._now_us() // DAY_US
        with self._database.write() as connection:
            spent = max(0, _spent_on(connection, day) - reserved) + pico_usd
            _write(connection, _SPENT, json.dumps([day, spent]))

    def spent_today(self) -> int:
        """What went into judging today, in pico-USD, with what calls under way may cost."""
        with self._database.read() as connection:
            return _spent_on(connection, self._now_us() // DAY_US)


def raised_cells(table: TripwireTable, judge: str) -> frozenset[TripwireCell]:
    """The cells whose work goes one tier up, as this judge has it; none when the ledger cannot be read."""
    try:
        return frozenset(cell for cell, state in table.cells().items() if state.is_raised and state.judge == judge)
    except LedgerError:
        return frozenset()


def _read_cell(connection: apsw.Connection, cell: TripwireCell) -> CellState:
    body = _read(connection, str(cell))
    return CellState() if body is None else CellState.from_text(body)


def _spent_on(connection: apsw.Connection, day: int) -> int:
    body = _read(connection, _SPENT)
    known_day, spent = (day, 0) if body is None else json.loads(body)
    return int(spent) if known_day == day else 0


def _read(connection: apsw.Connection, key: str) -> str | None:
    rows = fetch(connection, "SELECT key, body, crc FROM tripwire WHERE key = ?", (clean(key),))
    return str(rows[0][1]) if rows and is_sound(rows[0]) else None


def _write(connection: apsw.Connection, key: str, body: str) -> None:
    values = (clean(key), body)
    connection.execute(
        "INSERT OR REPLACE INTO tripwire (key, body, crc) VALUES (?, ?, ?)", (*values, row_checksum(values))
    )
