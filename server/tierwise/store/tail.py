"""The end of the ledger: its newest rows, remembered as long as nobody else has written.

Nothing here is more than a memory of the file: whenever another process wrote, or a transaction of this one failed, it
is read anew.
"""

import apsw

from tierwise.store.checksums import Row
from tierwise.store.database import Database
from tierwise.store.tables import ACTIONS, ATTEMPTS, fetch
from tierwise.store.written import number_in

_NEWEST_CALL = "SELECT started_us FROM attempts ORDER BY id DESC LIMIT 1"
_IS_CLICK = "SELECT key = ? FROM actions WHERE id = ?"


class Tail:
    """The newest rows of one ledger; every method is to be called within a transaction that writes."""

    def __init__(self) -> None:
        self._n_surprises = 0
        self._n_actions = 0
        self._n_attempts = 0
        self._last_us: int | None = None
        self._keys: set[str] = set()
        """Clicks begun here since the file was read."""

    def refresh(self, database: Database, connection: apsw.Connection) -> None:
        """Read what is not known any more. Raises apsw.Error, among them CorruptError where rows have vanished."""
        if self._n_surprises == database.n_surprises:
            return
        self._keys.clear()
        self._n_actions = ACTIONS.last_id(connection)
        self._n_attempts = ATTEMPTS.last_id(connection)
        newest = fetch(connection, _NEWEST_CALL)
        self._last_us = newest[0][0] if newest else None
        self._n_surprises = database.n_surprises

    @property
    def next_action(self) -> int:
        """The number of the next click."""
        return self._n_actions + 1

    @property
    def next_attempt(self) -> int:
        """The number of the next call."""
        return self._n_attempts + 1

    @property
    def last_us(self) -> int | None:
        """When the newest call was begun, in microseconds since 1970; None before the first."""
        return self._last_us

    def has_action(self, connection: apsw.Connection, key: str) -> bool:
        """Whether this file holds the click."""
        if key in self._keys:
            return True
        rows = fetch(connection, _IS_CLICK, (key, number_in(key)))
        return bool(rows and rows[0][0])

    def add_action(self, connection: apsw.Connection, key: str, values: Row) -> None:
        """Write the next click; `values` are its columns from `id` on."""
        ACTIONS.insert(connection, values)
        self._n_actions += 1
        self._keys.add(key)

    def add_attempt(self, connection: apsw.Connection, started_us: int, values: Row) -> None:
        """Write the next call; `values` are its columns from `id` on."""
        ATTEMPTS.insert(connection, values)
        self._n_attempts += 1
        self._last_us = started_us

    def forget_action(self, key: str) -> None:
        """A click has ended: nothing more is expected of it."""
        self._keys.discard(key)
