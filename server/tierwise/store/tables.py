"""Writing, rewriting and reading whole rows, so that no row's checksum is ever forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import apsw

from tierwise.store.checksums import Row, SqlValue, all_sound, is_sound, row_checksum


def fetch(connection: apsw.Connection, query: str, bindings: tuple[SqlValue | bytes, ...] = ()) -> list[Row]:
    """All rows of a query; raises apsw.Error, and UnicodeDecodeError for text that is none."""
    rows: list[Row] = connection.execute(query, bindings).fetchall()
    return rows


@cache
def _update(name: str, columns: tuple[str, ...]) -> str:
    settings = ", ".join(f"{column} = ?" for column in columns)
    return f"UPDATE {name} SET {settings}, crc = ? WHERE id = ?"  # noqa: S608 -- both are constants here.


@dataclass(frozen=True)
class Table:
    """A table whose rows are numbered from 1 without gaps and end in their checksum."""

    name: str
    columns: tuple[str, ...]
    """In the schema's order, from `id` to the last one before `crc`."""

    @cached_property
    def select(self) -> str:
        """The beginning of a query for whole rows, checksum last."""
        return f"SELECT {', '.join(self.columns)}, crc FROM {self.name}"  # noqa: S608 -- both are constants here.

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.columns)}

    @cached_property
    def _find(self) -> str:
        return f"{self.select} WHERE id = ?"

    @cached_property
    def _insert(self) -> str:
        # Without the names of the columns, which are the schema's: SQLite finds a short statement again sooner.
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * (len(self.columns) + 1))})"  # noqa: S608

    @cached_property
    def counts(self) -> str:
        """A query for the number of the newest row and for the count SQLite keeps beside; see `checked_last`."""
        sequence = f"SELECT seq FROM sqlite_sequence WHERE name = '{self.name}'"  # noqa: S608
        return f"SELECT ifnull(max(id), 0), ifnull(({sequence}), 0) FROM {self.name}"  # noqa: S608

    def column(self, row: Row, name: str) -> SqlValue:
        """One value of a whole row."""
        value: SqlValue = row[self._places[name]]
        return value

    def named(self, row: Row) -> dict[str, Any]:
        """A whole row's values by their column, without the checksum."""
        return dict(zip(self.columns, row, strict=False))

    def last_id(self, connection: apsw.Connection) -> int:
        """The number of the newest row; 0 before the first. Raises apsw.Error."""
        return self.checked_last(*fetch(connection, self.counts)[0])

    def checked_last(self, last: int, counted: int) -> int:
        """The first of the two `counts`.

        Raises apsw.CorruptError where they differ, because then rows at the end have become invisible.
        """
        if last != counted:
            raise apsw.CorruptError(f"{self.name} ends at row {last}, but {counted} rows were written")
        return last

    def insert(self, connection: apsw.Connection | apsw.Cursor, values: Row) -> Row:
        """Write a row; `values` are in column order, `id` first. Returns it whole, checksum last."""
        row = (*values, row_checksum(values))
        connection.execute(self._insert, row)
        return row

    def rewrite(
        self,
        connection: apsw.Connection | apsw.Cursor,
        row: Row,
        changes: Mapping[str, SqlValue],
        *,
        is_known: bool = False,
    ) -> None:
        """Change columns of a row that was just read whole, in the same transaction.

        A row that is damaged already keeps a wrong checksum, so that it goes on counting as damaged. With `is_known`
        the row is not read but remembered, from when it was written, and nobody else has written since.
        """
        values = list(row[:-1])
        for column, value in changes.items():
            values[self._places[column]] = value
        checksum = row_checksum(tuple(values)) if is_known or is_sound(row) else row[-1]
        connection.execute(_update(self.name, tuple(changes)), (*changes.values(), checksum, row[0]))

    def find(self, connection: apsw.Connection, row_id: int) -> Row | None:
        """One whole row, sound or not; None: there is none, or its text cannot be read."""
        try:
            rows = fetch(connection, self._find, (row_id,))
        except UnicodeDecodeError:
            return None
        return rows[0] if rows else None

    def sound_rows(self, connection: apsw.Connection, first: int, last: int) -> list[Row]:
        """The rows from `first` to `last`, both included, that still are what was written; the others are left out."""
        try:
            rows = fetch(connection, f"{self.select} WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
        except UnicodeDecodeError:
            found = [self.find(connection, number) for number in range(first, last + 1)]
            rows = [row for row in found if row is not None]
        sound: list[Row] = []
        previous = first - 1
        for row in all_sound(rows):
            # A damaged tree can show a row twice; its number then does not go up.
            if previous < row[0]:
                sound.append(row)
                previous = row[0]
        return sound


_ACTION_COLUMNS = "id key owner started_us action language workspace client outcome code ended_us"
_ATTEMPT_COLUMNS = (
    "id action owner started_us is_clock_behind tier backend model planned reason_code reason_words prompt_files "
    "estimated_input_tokens price_input price_output price_cache_read price_cache_write price_source outcome code "
    "detail input_tokens output_tokens cached_tokens reasoning_tokens is_usage_estimated first_token_us "
    "duration_us cost_pico_usd"
)
_HIT_COLUMNS = "id action started_us kind tier backend model input_tokens output_tokens saved_pico_usd"
_FATE_COLUMNS = "id action started_us fate tier backend model"
ACTIONS = Table("actions", tuple(_ACTION_COLUMNS.split()))
ATTEMPTS = Table("attempts", tuple(_ATTEMPT_COLUMNS.split()))
HITS = Table("hits", tuple(_HIT_COLUMNS.split()))
"""Clicks that an answer kept from an earlier call served."""
FATES = Table("fates", tuple(_FATE_COLUMNS.split()))
"""What became of edits after they were applied."""
TABLES = (ACTIONS, ATTEMPTS, HITS, FATES)
