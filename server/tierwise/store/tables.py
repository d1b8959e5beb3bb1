"""Writing and rewriting whole rows, so that no row's checksum is ever forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import apsw

from tierwise.store.checksums import SqlValue, is_sound, row_checksum


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
    def last_id(self) -> str:
        """An expression for the number of the newest row ever written; NULL before the first."""
        return f"(SELECT seq FROM sqlite_sequence WHERE name = '{self.name}')"  # noqa: S608

    @cached_property
    def _insert(self) -> str:
        marks = ", ".join("?" * (len(self.columns) + 1))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}, crc) VALUES ({marks})"  # noqa: S608

    def insert(self, connection: apsw.Connection, values: Sequence[SqlValue]) -> None:
        """Write a row; `values` are in column order, `id` first."""
        connection.execute(self._insert, (*values, row_checksum(values)))

    def rewrite(self, connection: apsw.Connection, row: Sequence[SqlValue], changes: Mapping[str, SqlValue]) -> None:
        """Change columns of a row that was just read whole, in the same transaction.

        A row that is damaged already keeps a wrong checksum, so that it goes on counting as damaged.
        """
        values = [changes.get(column, value) for column, value in zip(self.columns, row, strict=False)]
        checksum = row_checksum(values) if is_sound(row) else row[-1]
        settings = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(
            f"UPDATE {self.name} SET {settings}, crc = ? WHERE id = ?",  # noqa: S608
            (*changes.values(), checksum, row[0]),
        )


_ACTION_COLUMNS = "id key owner started_us action language workspace client outcome code ended_us"
_ATTEMPT_COLUMNS = (
    "id action owner started_us is_clock_behind tier backend model planned reason_code reason_words prompt_files "
    "estimated_input_tokens price_input price_output price_cache_read price_cache_write price_source outcome code "
    "detail input_tokens output_tokens cached_tokens reasoning_tokens is_usage_estimated first_token_us "
    "duration_us cost_pico_usd"
)
ACTIONS = Table("actions", tuple(_ACTION_COLUMNS.split()))
ATTEMPTS = Table("attempts", tuple(_ATTEMPT_COLUMNS.split()))
