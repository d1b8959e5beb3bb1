"""What the tripwire remembers, shared by all windows: the state of each cell, and what was spent on judging today."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from tierwise.routing.tripwire_model import ModelState, after_model_sample
from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.sums import DAY_US
from tierwise.store.tables import fetch
from tierwise.store.written import clean

_MODEL = "::"
"""Begins the key of a model's row, as no cell's does."""
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
                was_raised = state.is_raised
                state, event = after_sample(state, is_apart=compared == "apart", now_us=now_us)
            _write(connection, str(cell), state.to_text())
            if compared == "unjudged":
                return None
            if was_raised or event is not None:
                _leave_model(connection, cell, state)
            elif cell in _raise_with_model(connection, cell, judge, compared == "apart", now_us):
                event = "raised"
        return event

    def models(self) -> dict[str, ModelState]:
        """What is known of each model over all its cells, by `backend/model`."""
        with self._database.read() as connection:
            rows = fetch(connection, "SELECT key, body, crc FROM tripwire")
        found = {str(row[0]).removeprefix(_MODEL): str(row[1]) for row in rows if _is_model(row[0]) and is_sound(row)}
        return {ref: ModelState.from_text(body) for ref, body in found.items()}

    def forget(self, cell: TripwireCell | None = None) -> int:
        """Begin anew with one cell, or with all of them; how many that were."""
        with self._database.write() as connection:
            if cell is None:
                rows = fetch(connection, "DELETE FROM tripwire WHERE key != ? RETURNING key", (_SPENT,))
            else:
                rows = fetch(connection, "DELETE FROM tripwire WHERE key = ? RETURNING key", (clean(str(cell)),))
                _leave_model(connection, cell, CellState())
        return sum(not _is_model(row[0]) for row in rows)

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


def _raise_with_model(
    connection: apsw.Connection, cell: TripwireCell, judge: str, is_apart: bool, now_us: int
) -> frozenset[TripwireCell]:
    """Take a sample into the test of the whole model, and raise the cells that speak for a change if it alarms."""
    state = _read_model(connection, cell.ref)
    if state is None or state.judge != judge:
        state = ModelState(judge=judge)
    before = state.cells
    state, names = after_model_sample(state, str(cell), is_apart=is_apart)
    _write(connection, _MODEL + cell.ref, state.to_text())
    raised = set()
    for name in names:
        suspect = TripwireCell.parse(name)
        own = CellState() if suspect is None else _read_cell(connection, suspect)
        if suspect is None or own.judge != judge or own.is_raised:
            continue
        n_lately, n_apart = before.get(name, (0, 0, 0, 0))[2:]
        n_lately, n_apart = (n_lately + 1, n_apart + is_apart) if suspect == cell else (n_lately, n_apart)
        own = replace(own, raised_us=now_us, score=0.0, n_lately=n_lately, n_lately_apart=n_apart)
        _write(connection, name, own.to_text())
        raised.add(suspect)
    return frozenset(raised)


def _leave_model(connection: apsw.Connection, cell: TripwireCell, state: CellState) -> None:
    """A cell that is raised, or forgotten, says nothing of its model; one that recovered says what was usual before."""
    model = _read_model(connection, cell.ref)
    if model is None:
        return
    rest = {name: counts for name, counts in model.cells.items() if name != str(cell)}
    if not state.is_raised and state.n_usual:
        rest[str(cell)] = (state.n_usual, state.n_usual_apart, 0, 0)
    _write(connection, _MODEL + cell.ref, replace(model, cells=rest).to_text())


def _read_model(connection: apsw.Connection, ref: str) -> ModelState | None:
    body = _read(connection, _MODEL + ref)
    return None if body is None else ModelState.from_text(body)


def _is_model(key: object) -> bool:
    return str(key).startswith(_MODEL)


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
