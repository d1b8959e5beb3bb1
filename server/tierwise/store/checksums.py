"""A checksum per row, because SQLite keeps none: a flipped bit in a number is otherwise just another number."""

import zlib
from collections.abc import Sequence

SqlValue = int | float | str | bytes | None


def row_checksum(values: Sequence[SqlValue]) -> int:
    """CRC-32 of a row: its values as text, in column order, joined by `|`, in UTF-8."""
    return zlib.crc32("|".join(map(str, values)).encode())


def is_sound(row: Sequence[SqlValue]) -> bool:
    """Whether a row whose last value is its checksum still is what was written."""
    return row_checksum(row[:-1]) == row[-1]
