"""Adding up finished stretches of the ledger and keeping the sums; see `store.summaries`.

In use a chunk is sealed as soon as it is full. Where many rows stand without sums, as after an update that keeps other
ones, they are added up in big pieces, each kept in a short transaction, so that whoever is interrupted has lost nothing
and several windows share the work.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import apsw

from tierwise.store.checksums import Row, row_checksum
from tierwise.store.database import Database
from tierwise.store.summaries import (
    CHUNK_ROWS,
    FAN_OUT,
    FORM,
    HEAD_END,
    LEVELS,
    FindClicks,
    Source,
    any_source,
    children,
    clicks_of,
    n_rows,
    read_clicks,
    read_rows,
    read_summary,
    source_name,
    span,
)
from tierwise.store.sums import Clicks, Dimension, Sums, dimensions_of, join_sums
from tierwise.store.tables import TABLES, Table, fetch

MANY_ROWS = 16_384
"""Where so many rows of a table have no sums, they are added up in chunks of level 1."""
A_FEW_ROWS = 4096
"""So many rows are added up by who has something else to do, in a tenth of a second or two."""
_BLOCK_ROWS = 1024
_MOST_BLOCKS = 16
"""So many times so many clicks are remembered while rows are added up, which is some megabytes."""
Tell = Callable[[int, int], None]
"""Hears how many rows are added up and how many there are to add up."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows to be added up at one go."""

    table: Table
    level: int
    number: int

    @property
    def rows(self) -> tuple[int, int]:
        return span(self.level, self.number)

    @property
    def size(self) -> int:
        return n_rows(self.level)


class _ClickNames:
    """What clicks say of themselves, the last ones remembered: while old rows are added up in their order, those of all
    tables ask for the same."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation = database.generation
        self._blocks: OrderedDict[int, Clicks] = OrderedDict()

    def find(self, connection: apsw.Connection, table: Table, rows: Sequence[Row]) -> Clicks:
        """As `clicks_of`."""
        if self._generation != self._database.generation:
            # The file was replaced, and numbers mean other clicks.
            self._generation = self._database.generation
            self._blocks.clear()
        action = table.columns.index("action")
        numbers = {row[action] // _BLOCK_ROWS for row in rows}
        if _MOST_BLOCKS < len(numbers):
            return clicks_of(connection, table, rows)
        found: dict[int, tuple[str, ...]] = {}
        for number in numbers:
            found |= self._block(connection, number)
        return found

    def _block(self, connection: apsw.Connection, number: int) -> Clicks:
        if number not in self._blocks:
            first = number * _BLOCK_ROWS
            self._blocks[number] = read_clicks(connection, first, first + _BLOCK_ROWS - 1)
            if _MOST_BLOCKS < len(self._blocks):
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]


def seal(
    database: Database,
    tell: Tell = lambda _done, _all: None,
    most_rows: int | None = None,
    many_rows: int = MANY_ROWS,
) -> int:
    """Keep the sums of chunks that are finished and not kept yet; returns how many were kept.

    Rows are added up while others may write, and the sums kept only if they still are those of the rows. A thread waits
    for another one that is at it. With `most_rows` it does not, and once so many rows were added up the rest is left
    for later. Where `many_rows` of a table have no sums, chunks of level 0 are left out. Raises LedgerError.
    """
    if not database.sealing.acquire(blocking=most_rows is None):
        return 0
    try:
        pieces, names = _pieces(database, many_rows), _ClickNames(database)
        n_all = sum(piece.size for piece in pieces)
        n_done = n_kept = 0
        if pieces:
            tell(0, n_all)
        for piece in pieces:
            if most_rows is not None and most_rows <= n_done:
                return n_kept
            n_kept += _seal_piece(database, piece, names.find)
            n_done += piece.size
            tell(n_done, n_all)
        return n_kept + sum(_join_chunks(database, table) for table in TABLES)
    finally:
        database.sealing.release()


def _pieces(database: Database, many_rows: int) -> list[_Piece]:
    """What is not added up yet; of all tables together in the order rows were written, since they need one another."""
    found: list[tuple[float, _Piece]] = []
    with database.read() as connection:
        for table in TABLES:
            source = any_source(connection, table)
            found += ((piece.rows[0] / source.last, piece) for piece in _pieces_of(source, many_rows))
    return [piece for _, piece in sorted(found, key=lambda one: one[0])]


def _pieces_of(source: Source, many_rows: int) -> Iterator[_Piece]:
    missing = [number for number in range(source.last // CHUNK_ROWS) if not source.is_sealed(number)]
    unkept = set(missing) if many_rows <= len(missing) * CHUNK_ROWS else set()
    whole = {block for block in {number // FAN_OUT for number in unkept} if unkept.issuperset(children(block))}
    yield from (_Piece(source.table, 1, block) for block in whole)
    yield from (_Piece(source.table, 0, number) for number in missing if number // FAN_OUT not in whole)


def _seal_piece(database: Database, piece: _Piece, find: FindClicks) -> int:
    with database.read() as connection:
        if _is_kept(connection, piece.table, piece.level, piece.number):
            # Another window was faster.
            return 0
        is_finished = not _is_running(connection, piece)
        if is_finished:
            witness = _witness_of_rows(connection, piece)
            sums = read_rows(connection, piece.table, piece.rows, dimensions_of(piece.table), None, find)
    if is_finished:
        return _keep(database, piece, sums, lambda connection: _witness_of_rows(connection, piece) == witness)
    if piece.level == 0:
        return 0
    return sum(_seal_piece(database, _Piece(piece.table, 0, child), find) for child in children(piece.number))


def _join_chunks(database: Database, table: Table) -> int:
    with database.read() as connection:
        source = any_source(connection, table)
    n_joined = 0
    for level in LEVELS[1:]:
        for number in range(source.last // n_rows(level)):
            parts = {(level - 1, child) for child in children(number)}
            if source.has(level, number) or not parts <= source.known:
                continue
            if _join(database, _Piece(table, level, number)):
                source.known.add((level, number))
                n_joined += 1
    return n_joined


def _join(database: Database, piece: _Piece) -> int:
    sums: dict[Dimension, Sums] = {}
    with database.read() as connection:
        witness = _witness_of_parts(connection, piece)
        for dimension in dimensions_of(piece.table):
            name = source_name(piece.table, dimension)
            parts = [read_summary(connection, name, piece.level - 1, child) for child in children(piece.number)]
            if None in parts:
                return 0
            sums[dimension] = join_sums(part.sums() for part in parts if part is not None)
    return _keep(database, piece, sums, lambda connection: _witness_of_parts(connection, piece) == witness)


def _keep(
    database: Database, piece: _Piece, sums: dict[Dimension, Sums], are_right: Callable[[apsw.Connection], bool]
) -> int:
    bodies = {dimension: _body(of_dimension) for dimension, of_dimension in sums.items()}
    with database.write() as connection:
        if not are_right(connection):
            return 0
        for dimension, body in bodies.items():
            values = (source_name(piece.table, dimension), piece.level, piece.number, FORM, body)
            connection.execute(
                "INSERT OR REPLACE INTO summaries (source, level, chunk, form, body, crc) VALUES (?, ?, ?, ?, ?, ?)",
                (*values, row_checksum(values)),
            )
    return 1


def _body(sums: Sums) -> str:
    head = json.dumps([sums.first_us, sums.last_us, sums.n_damaged])
    return head + HEAD_END + json.dumps(sums.to_plain(), ensure_ascii=False, separators=(",", ":"))


def _is_kept(connection: apsw.Connection, table: Table, level: int, number: int) -> bool:
    query = "SELECT 1 FROM summaries WHERE source = ? AND level = ? AND chunk = ? AND form = ?"
    return bool(fetch(connection, query, (source_name(table, dimensions_of(table)[0]), level, number, FORM)))


def _is_running(connection: apsw.Connection, piece: _Piece) -> bool:
    if "outcome" not in piece.table.columns:
        return False
    query = f"SELECT 1 FROM {piece.table.name} WHERE id BETWEEN ? AND ? AND outcome = 'running' LIMIT 1"  # noqa: S608
    return bool(fetch(connection, query, piece.rows))


def _witness_of_rows(connection: apsw.Connection, piece: _Piece) -> Row:
    """Something that is another when the rows have changed."""
    query = f"SELECT count(*), sum(crc) FROM {piece.table.name} WHERE id BETWEEN ? AND ?"  # noqa: S608
    return fetch(connection, query, piece.rows)[0]


def _witness_of_parts(connection: apsw.Connection, piece: _Piece) -> Row:
    """The same for a chunk made of smaller ones."""
    parts = children(piece.number)
    query = (
        "SELECT count(*), sum(crc) FROM summaries WHERE source = ? AND level = ? AND chunk BETWEEN ? AND ? AND form = ?"
    )
    source = source_name(piece.table, dimensions_of(piece.table)[0])
    return fetch(connection, query, (source, piece.level - 1, parts[0], parts[-1], FORM))[0]
