"""Carrying what is still readable from a damaged ledger into the new one; the damaged file itself is not touched."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from tierwise.store.checksums import Row, is_sound, row_checksum
from tierwise.store.migrations import FILL_SPENDING, register
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS, Table, fetch

BLOCK_ROWS = 256
_LEAST_ROW_BYTES = 40
"""No row is smaller, so a file's size bounds its rows even where its own counts are damaged."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many calls of models came through."""

    n_saved: int
    n_lost: int | None
    """None: the damaged file does not even say how many there were."""


def salvage(damaged: Path, fresh: apsw.Connection) -> Salvaged:
    """Copy every row whose checksum is right from the file `damaged`, with its log, into the empty ledger `fresh`.

    All of it is one transaction. What still ran keeps running until it is swept. Raises apsw.Error and OSError only
    for trouble with the new file or the temporary copy.
    """
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        # Opening a file replays its log into it, so a copy is opened.
        copy = Path(folder, "ledger.db")
        shutil.copyfile(damaged, copy)
        log = damaged.with_name(f"{damaged.name}-wal")
        if log.exists():
            shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
        try:
            connection = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)
        except apsw.Error:
            return Salvaged(0, None)
        try:
            return _carry_over(connection, fresh, copy.stat().st_size // _LEAST_ROW_BYTES)
        finally:
            connection.close()


def _carry_over(damaged: apsw.Connection, fresh: apsw.Connection, most_rows: int) -> Salvaged:
    fresh.execute("BEGIN IMMEDIATE")
    try:
        _copy_owners(damaged, fresh)
        actions = _copy_rows(damaged, fresh, ACTIONS, most_rows, {})
        attempts = _copy_rows(damaged, fresh, ATTEMPTS, most_rows, actions)
        for table in (HITS, FATES):
            _copy_rows(damaged, fresh, table, most_rows, actions)
        _copy_holds(damaged, fresh, attempts)
        register(fresh)
        fresh.execute(FILL_SPENDING)
        fresh.execute("COMMIT")
    except BaseException:
        if fresh.in_transaction:
            fresh.execute("ROLLBACK")
        raise
    n_written = _n_written(damaged, ATTEMPTS, most_rows)
    return Salvaged(len(attempts), None if n_written is None else max(n_written - len(attempts), 0))


def _copy_owners(damaged: apsw.Connection, fresh: apsw.Connection) -> None:
    try:
        owners = fetch(damaged, "SELECT id, CAST(identity AS BLOB) FROM owners")
    except apsw.Error:
        return
    for number, identity in owners:
        fresh.execute(
            "INSERT OR IGNORE INTO owners (id, identity) VALUES (?, ?)",
            (number, identity.decode("utf-8", "replace")),
        )


def _copy_rows(
    damaged: apsw.Connection, fresh: apsw.Connection, table: Table, most_rows: int, actions: dict[int, int]
) -> dict[int, int]:
    """Copy sound rows under new numbers without gaps; returns the new numbers by the old ones."""
    numbers: dict[int, int] = {}
    for row in _readable_rows(damaged, table, _n_written(damaged, table, most_rows) or 0):
        value = table.named(row)
        if value["id"] in numbers:
            continue
        numbers[value["id"]] = value["id"] = len(numbers) + 1
        if table is not ACTIONS:
            value["action"] = actions.get(value["action"], 0)
        table.insert(fresh, tuple(value.values()))
    return numbers


def _copy_holds(damaged: apsw.Connection, fresh: apsw.Connection, numbers: dict[int, int]) -> None:
    """Keep held what calls under way may cost; their processes cannot settle them any more, so a sweep will."""
    try:
        holds = fetch(damaged, "SELECT attempt, owner, origin, pico_usd, crc FROM holds")
    except (apsw.Error, UnicodeDecodeError):
        return
    for hold in holds:
        if is_sound(hold) and hold[0] in numbers:
            values = (numbers[hold[0]], *hold[1:4])
            fresh.execute("INSERT INTO holds VALUES (?, ?, ?, ?, ?)", (*values, row_checksum(values)))


def _readable_rows(connection: apsw.Connection, table: Table, n_rows: int) -> Iterator[Row]:
    for first in range(1, n_rows + 1, BLOCK_ROWS):
        last = min(first + BLOCK_ROWS - 1, n_rows)
        try:
            yield from table.sound_rows(connection, first, last)
        except apsw.Error:
            yield from _readable_singly(connection, table, first, last)


def _readable_singly(connection: apsw.Connection, table: Table, first: int, last: int) -> Iterator[Row]:
    for number in range(first, last + 1):
        try:
            row = table.find(connection, number)
        except apsw.Error:
            continue
        if row is not None and is_sound(row) and row[0] == number:
            yield row


def _n_written(connection: apsw.Connection, table: Table, most_rows: int) -> int | None:
    """The greater of the file's two counts of rows, as far as they can be read and are possible."""
    counts: list[int] = []
    for query, bindings in (
        (f"SELECT max(id) FROM {table.name}", ()),  # noqa: S608 -- the name is a constant.
        ("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)),
    ):
        try:
            rows = fetch(connection, query, bindings)
        except (apsw.Error, UnicodeDecodeError):
            continue
        counts += [row[0] for row in rows if isinstance(row[0], int) and row[0] <= most_rows]
    return max(counts, default=None)
