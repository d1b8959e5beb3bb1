"""Finished stretches of the ledger, added up once and kept, so that statistics do not read every row again.

A chunk is 256 rows in which nothing runs any more; 8 chunks of one level make one of the next, up to level 4. Each is
kept once for every dimension rows are grouped by. A summary is only a memory of a sum of rows whose checksums were
right: deleting all of them loses nothing but time.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import apsw

from tierwise.store.checksums import Row, is_sound, row_checksum
from tierwise.store.database import Database
from tierwise.store.sums import OF_CLICKS, Clicks, Dimension, Sums, dimensions_of, sum_rows
from tierwise.store.tables import ACTIONS, TABLES, Table, fetch

CHUNK_ROWS = 256
FAN_OUT = 8
FORM = 5
"""Counts the forms summaries and chunks have had; a summary of another form is made again."""
_HEAD_END = "\n"
"""Between the first and last moment and the number of damaged rows, and the sums."""
_LEVELS = (0, 1, 2, 3, 4)
_FIND = (
    "SELECT source, level, chunk, form, body, crc FROM summaries "
    "WHERE source = ? AND level = ? AND chunk = ? AND form = ?"
)
_CLICK_PLACES = tuple(ACTIONS.columns.index(name) for name in OF_CLICKS)


def gather(connection: apsw.Connection, table: Table, dimension: Dimension, since_us: int | None) -> Sums:
    """Add up a table's rows from `since_us`, microseconds since 1970, on; None: all rows."""
    total = Sums()
    source = _Source(connection, table, dimension)
    for level, number in _cover(source):
        total.add(_gather_chunk(source, level, number, since_us))
    return total


def seal(database: Database) -> int:
    """Keep the sums of chunks that are finished and not kept yet, one short transaction each; returns how many.

    Rows are added up while others may write, and the sums kept only if they still are those of the rows. Raises
    LedgerError.
    """
    n_sealed = 0
    for table in TABLES:
        with database.read() as connection:
            source = _any_source(connection, table)
        for level in _LEVELS:
            for number in range(source.last // _n_rows(level)):
                if not source.has(level, number):
                    n_sealed += _seal_chunk(database, table, level, number)
    return n_sealed


def forget(connection: apsw.Connection, table: Table, row_id: int) -> None:
    """Drop the summaries a row is part of; to be called in the transaction that changes a row which had ended."""
    sources = [_name(table, dimension) for dimension in dimensions_of(table)]
    is_sealed = fetch(connection, _FIND, (sources[0], 0, (row_id - 1) // CHUNK_ROWS, FORM))
    if not is_sealed:
        # A chunk of a higher level is never kept without those it is made of.
        return
    for level in _LEVELS:
        for source in sources:
            connection.execute(
                "DELETE FROM summaries WHERE source = ? AND level = ? AND chunk = ?",
                (source, level, (row_id - 1) // _n_rows(level)),
            )


def open_stretches(connection: apsw.Connection, table: Table) -> Iterator[tuple[int, int]]:
    """First and last row of each stretch that is not sealed, which is where something may still run."""
    source = _any_source(connection, table)
    for number in range(-(-source.last // CHUNK_ROWS)):
        if not source.has(0, number):
            yield _span(0, number)


class _Source:
    """One table by one dimension as it is at one moment, and which of its summaries are there.

    Whether their bodies are sound shows when they are read.
    """

    def __init__(self, connection: apsw.Connection, table: Table, dimension: Dimension) -> None:
        self.table = table
        self.dimension = dimension
        self.last = table.last_id(connection)
        self.connection = connection
        self._name = _name(table, dimension)
        query = "SELECT level, chunk FROM summaries WHERE source = ? AND form = ?"
        self._known = set(fetch(connection, query, (self._name, FORM)))

    def has(self, level: int, number: int) -> bool:
        return (level, number) in self._known

    def read(self, level: int, number: int) -> "_Summary | None":
        """None: there is none, or it is damaged."""
        if not self.has(level, number):
            return None
        try:
            rows = fetch(self.connection, _FIND, (self._name, level, number, FORM))
        except UnicodeDecodeError:
            return None
        return _Summary.of(rows[0][4]) if rows and is_sound(rows[0]) else None


@dataclass(frozen=True, slots=True)
class _Summary:
    """A chunk's sums as they are kept; most of what lies before a moment need not be taken apart."""

    first_us: int | None
    last_us: int | None
    n_damaged: int
    text: str

    @classmethod
    def of(cls, body: str) -> "_Summary":
        head, _, text = body.partition(_HEAD_END)
        first, last, n_damaged = json.loads(head)
        return cls(first, last, n_damaged, text)

    def sums(self) -> Sums:
        return Sums.from_plain(json.loads(self.text))

    def is_cut(self, since_us: int | None) -> bool:
        """Whether some of the rows, but not all, were begun at that moment or later."""
        if since_us is None or self.first_us is None or self.last_us is None:
            return False
        return self.first_us < since_us <= self.last_us

    def is_wanted(self, since_us: int | None) -> bool:
        return since_us is None or (self.first_us is not None and since_us <= self.first_us)


def _any_source(connection: apsw.Connection, table: Table) -> _Source:
    """All dimensions of a chunk are kept and dropped together, so that one stands for all."""
    return _Source(connection, table, dimensions_of(table)[0])


def _name(table: Table, dimension: Dimension) -> str:
    return f"{table.name}/{dimension}"


def _n_rows(level: int) -> int:
    return CHUNK_ROWS * int(FAN_OUT**level)


def _span(level: int, number: int) -> tuple[int, int]:
    size = _n_rows(level)
    return number * size + 1, (number + 1) * size


def _cover(source: _Source) -> Iterator[tuple[int, int]]:
    """The chunks that together hold every row once, big ones where they are sealed."""
    number = 0
    n_chunks = -(-source.last // CHUNK_ROWS)
    while number < n_chunks:
        level = next(level for level in reversed(_LEVELS) if level == 0 or _begins_sealed(source, level, number))
        yield level, number // FAN_OUT**level
        number += FAN_OUT**level


def _begins_sealed(source: _Source, level: int, number: int) -> bool:
    """Whether a sealed chunk of this level begins where the chunk `number` of level 0 does."""
    return number % FAN_OUT**level == 0 and source.has(level, number // FAN_OUT**level)


def _gather_chunk(source: _Source, level: int, number: int, since_us: int | None) -> Sums:
    """One chunk's sums, from its summary unless `since_us` cuts through it."""
    summary = source.read(level, number)
    if summary is not None and not summary.is_cut(since_us):
        return summary.sums() if summary.is_wanted(since_us) else Sums(n_damaged=summary.n_damaged)
    if level == 0:
        return _read_chunk(source.connection, source.table, number, (source.dimension,), since_us)[source.dimension]
    total = Sums()
    for child in _children(number):
        total.add(_gather_chunk(source, level - 1, child, since_us))
    return total


def _read_chunk(
    connection: apsw.Connection, table: Table, number: int, dimensions: Iterable[Dimension], since_us: int | None
) -> dict[Dimension, Sums]:
    first, last = _span(0, number)
    n_written = min(last, table.last_id(connection)) - first + 1
    rows = table.sound_rows(connection, first, last)
    n_damaged = n_written - len(rows)
    if since_us is not None:
        started = table.columns.index("started_us")
        rows = [row for row in rows if since_us <= row[started]]
    wanted = tuple(dimensions)
    needs_clicks = table is not ACTIONS and not set(OF_CLICKS).isdisjoint(wanted)
    found = sum_rows(table, rows, _clicks(connection, table, rows) if needs_clicks else {}, wanted)
    for sums in found.values():
        sums.n_damaged = n_damaged
    return found


def _clicks(connection: apsw.Connection, table: Table, rows: Sequence[Row]) -> Clicks:
    """What the rows' clicks say of themselves, as far as those are sound."""
    action = table.columns.index("action")
    clicks: dict[int, tuple[str, ...]] = {}
    for number in {row[action] for row in rows}:
        click = ACTIONS.find(connection, number)
        if click is not None and is_sound(click):
            clicks[number] = tuple(click[place] for place in _CLICK_PLACES)
    return clicks


def _seal_chunk(database: Database, table: Table, level: int, number: int) -> bool:
    with database.read() as connection:
        found = _finished(connection, table, number) if level == 0 else _joined(connection, table, level, number)
        witness = _witness(connection, table, level, number)
    if found is None:
        return False
    bodies = {dimension: _body(sums) for dimension, sums in found.items()}
    with database.write() as connection:
        if _witness(connection, table, level, number) != witness:
            return False
        for dimension, body in bodies.items():
            values = (_name(table, dimension), level, number, FORM, body)
            connection.execute(
                "INSERT OR REPLACE INTO summaries (source, level, chunk, form, body, crc) VALUES (?, ?, ?, ?, ?, ?)",
                (*values, row_checksum(values)),
            )
    return True


def _body(sums: Sums) -> str:
    head = json.dumps([sums.first_us, sums.last_us, sums.n_damaged])
    return head + _HEAD_END + json.dumps(sums.to_plain(), ensure_ascii=False, separators=(",", ":"))


def _witness(connection: apsw.Connection, table: Table, level: int, number: int) -> Row:
    """Something that is another when what a chunk is made of has changed."""
    if level == 0:
        query = f"SELECT count(*), sum(crc) FROM {table.name} WHERE id BETWEEN ? AND ?"  # noqa: S608
        return fetch(connection, query, _span(0, number))[0]
    children = _children(number)
    query = (
        "SELECT count(*), sum(crc) FROM summaries WHERE source = ? AND level = ? AND chunk BETWEEN ? AND ? AND form = ?"
    )
    source = _name(table, dimensions_of(table)[0])
    return fetch(connection, query, (source, level - 1, children[0], children[-1], FORM))[0]


def _finished(connection: apsw.Connection, table: Table, number: int) -> dict[Dimension, Sums] | None:
    if "outcome" in table.columns:
        running = fetch(
            connection,
            f"SELECT 1 FROM {table.name} WHERE id BETWEEN ? AND ? AND outcome = 'running' LIMIT 1",  # noqa: S608
            _span(0, number),
        )
        if running:
            return None
    return _read_chunk(connection, table, number, dimensions_of(table), None)


def _joined(connection: apsw.Connection, table: Table, level: int, number: int) -> dict[Dimension, Sums] | None:
    found: dict[Dimension, Sums] = {}
    for dimension in dimensions_of(table):
        source = _Source(connection, table, dimension)
        total = Sums()
        for child in _children(number):
            part = source.read(level - 1, child)
            if part is None:
                return None
            total.add(part.sums())
        found[dimension] = total
    return found


def _children(number: int) -> range:
    return range(number * FAN_OUT, (number + 1) * FAN_OUT)
