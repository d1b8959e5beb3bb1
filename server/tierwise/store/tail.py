"""The end of the ledger: its newest rows and those this process has open, remembered as long as nobody else wrote.

Nothing here is more than a memory of the file: whenever another process wrote, or a transaction of this one failed, it
is read anew.
"""

from dataclasses import dataclass

import apsw

from tierwise.store.checksums import Row
from tierwise.store.database import Database
from tierwise.store.ending import find_action
from tierwise.store.processes import own_identity
from tierwise.store.tables import ACTIONS, ATTEMPTS, fetch

MOST_OPEN = 1000
"""So many clicks and so many calls are remembered at most; others are looked up."""
_NEWEST_CALL = "SELECT started_us FROM attempts ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process's row in the file of one generation."""

    generation: int
    id: int


class Tail:
    """The newest rows of one ledger; every method is to be called within a transaction that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._n_surprises = 0
        self.n_clicks = 0
        """The number of the newest click; 0 before the first."""
        self.n_calls = 0
        """The number of the newest call."""
        self.last_us: int | None = None
        """When the newest call was begun, in microseconds since 1970; None before the first."""
        self._clicks: dict[str, Row] = {}
        """Whole rows of clicks that were begun here and have not ended, by their key."""
        self._calls: dict[int, Row] = {}
        """Whole rows of calls that were begun here and are not settled."""
        self.owner = Owner(0, 0)
        """This process's row; to be set once the transaction that wrote it is through."""

    def refresh(self, connection: apsw.Connection) -> None:
        """Read what is not known any more. Raises apsw.Error, among them CorruptError where rows have vanished."""
        n_surprises = self._database.n_surprises
        if self._n_surprises == n_surprises:
            return
        self._clicks.clear()
        self._calls.clear()
        self.n_clicks = ACTIONS.last_id(connection)
        self.n_calls = ATTEMPTS.last_id(connection)
        newest = fetch(connection, _NEWEST_CALL)
        self.last_us = newest[0][0] if newest else None
        self._n_surprises = n_surprises

    def owner_in(self, connection: apsw.Connection) -> Owner:
        """This process's row in the file that is open now."""
        generation = self._database.generation
        if self.owner.generation == generation:
            return self.owner
        connection.execute("INSERT INTO owners (identity) VALUES (?)", (str(own_identity()),))
        return Owner(generation, connection.last_insert_rowid())

    def click(self, connection: apsw.Connection, key: str) -> tuple[Row | None, bool]:
        """A click's whole row, None where the file has none, and whether it is what was written beyond doubt."""
        row = self._clicks.get(key)
        return (find_action(connection, key), False) if row is None else (row, True)

    def call(self, connection: apsw.Connection, number: int) -> tuple[Row | None, bool]:
        """A call's whole row, and whether it is what was written beyond doubt."""
        row = self._calls.get(number)
        return (ATTEMPTS.find(connection, number), False) if row is None else (row, True)

    def add_click(self, key: str, values: Row) -> None:
        """Write the next click; `values` are its columns from `id` on."""
        row = ACTIONS.insert(self._database.statements, values)
        self.n_clicks += 1
        if MOST_OPEN <= len(self._clicks):
            self._clicks.clear()
        self._clicks[key] = row

    def add_call(self, number: int, started_us: int, values: Row) -> None:
        """Write the next call; `values` are its columns from `id` on."""
        row = ATTEMPTS.insert(self._database.statements, values)
        self.n_calls = number
        self.last_us = started_us
        if MOST_OPEN <= len(self._calls):
            self._calls.clear()
        self._calls[number] = row

    def forget_click(self, key: str) -> None:
        """A click has ended: nothing more is expected of it."""
        self._clicks.pop(key, None)

    def forget_call(self, number: int) -> None:
        """A call is settled."""
        self._calls.pop(number, None)
