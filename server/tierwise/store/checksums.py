"""A checksum per row, because SQLite keeps none: a flipped bit in a number is otherwise just another number."""

import zlib
from collections.abc import Sequence
from typing import Any

SqlValue = int | str | None
Row = tuple[Any, ...]
"""What SQLite gave: in a sound row the types of the schema, in a damaged one anything."""


_FORMS = tuple("%s|" * n_values for n_values in range(64))
"""How rows of so many values are written for their checksum: making the text of it takes as long as filling it in."""


def row_checksum(values: Row) -> int:
    """CRC-32 of a row: its values as text, in column order, each ended by `|`, in UTF-8."""
    # One format string for the whole row takes half the time of joining, and a million rows are many.
    return zlib.crc32((_FORMS[len(values)] % values).encode())


def is_sound(row: Row) -> bool:
    """Whether a row whose last value is its checksum still is what was written."""
    return bool(row_checksum(row[:-1]) == row[-1])


def all_sound(rows: Sequence[Row]) -> list[Row]:
    """Those of one table's rows that are sound; faster than one by one, which counts where there are millions."""
    if not rows:
        return []
    form, checksum = _FORMS[len(rows[0]) - 1], zlib.crc32
    return [row for row in rows if checksum((form % row[:-1]).encode()) == row[-1]]
