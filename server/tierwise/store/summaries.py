"""Finished stretches of the ledger, added up once and kept, so that statistics do not read every row again.

A chunk is 256 rows in which nothing runs any more; 8 chunks of one level make one of the next, up to level 4. Each is
kept once for every dimension rows are grouped by. A summary is only a memory of a sum of rows whose checksums were
right: deleting all of them loses nothing but time. `store.sealing` makes them. Of a long stretch of old rows that was
added up at one go the chunks of level 0 are not kept; their rows can be read again.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import apsw

from tierwise.store.checksums import Row, is_sound
from tierwise.store.sums import NEEDS_CLICKS, OF_CLICKS, Clicks, Dimension, Sums, dimensions_of, join_sums, sum_rows
from tierwise.store.tables import ACTIONS, Table, fetch

CHUNK_ROWS = 256
FAN_OUT = 8
FORM = 9
"""Counts the forms summaries and chunks have had; a summary of another form is made again."""
HEAD_END = "\n"
"""Between the first and last moment and the number of damaged rows, and the sums."""
LEVELS = (0, 1, 2, 3, 4)
_FIND = (
    "SELECT source, level, chunk, form, body, crc FROM summaries "
    "WHERE source = ? AND level = ? AND chunk = ? AND form = ?"
)
_ANY_OF_A_ROW = "SELECT 1 FROM summaries WHERE source = ? AND (level, chunk) IN (VALUES (0, ?), (1, ?)) LIMIT 1"
_SCATTERED = 4
"""Rows of clicks are read in one go unless so many times as many stand between the first and the last."""
FindClicks = Callable[[apsw.Connection, Table, Sequence[Row]], Clicks]
_of_click = itemgetter(*(ACTIONS.columns.index(name) for name in OF_CLICKS))


def gather(connection: apsw.Connection, table: Table, dimension: Dimension, since_us: int | None) -> Sums:
    """Add up a table's rows from `since_us`, microseconds since 1970, on; None: all rows."""
    source = Source(connection, table, dimension)
    return join_sums(
        part for level, number in _cover(source) for part in _gather_chunk(source, level, number, since_us)
    )


def forget(connection: apsw.Connection, table: Table, row_id: int) -> None:
    """Drop the summaries a row is part of; to be called in the transaction that changes a row which had ended."""
    sources = [source_name(table, dimension) for dimension in dimensions_of(table)]
    numbers = [(row_id - 1) // n_rows(level) for level in LEVELS]
    if not fetch(connection, _ANY_OF_A_ROW, (sources[0], *numbers[:2])):
        # A chunk of a higher level is never kept without those of level 1 it is made of.
        return
    for level, number in zip(LEVELS, numbers, strict=True):
        for source in sources:
            connection.execute(
                "DELETE FROM summaries WHERE source = ? AND level = ? AND chunk = ?", (source, level, number)
            )


def open_stretches(connection: apsw.Connection, table: Table) -> Iterator[tuple[int, int]]:
    """First and last row of each stretch that is not sealed, which is where something may still run."""
    source = any_source(connection, table)
    for number in range(-(-source.last // CHUNK_ROWS)):
        if not source.is_sealed(number):
            yield span(0, number)


class Source:
    """One table by one dimension as it is at one moment, and which of its summaries are there.

    Whether their bodies are sound shows when they are read.
    """

    def __init__(self, connection: apsw.Connection, table: Table, dimension: Dimension) -> None:
        self.table = table
        self.dimension = dimension
        self.last = table.last_id(connection)
        self.connection = connection
        self._name = source_name(table, dimension)
        query = "SELECT level, chunk FROM summaries WHERE source = ? AND form = ?"
        self.known: set[Row] = set(fetch(connection, query, (self._name, FORM)))

    def has(self, level: int, number: int) -> bool:
        """Whether there is a summary."""
        return (level, number) in self.known

    def is_sealed(self, number: int) -> bool:
        """Whether a chunk of level 0 is kept, by itself or with those around it."""
        return self.has(0, number) or self.has(1, number // FAN_OUT)

    def read(self, level: int, number: int) -> "Summary | None":
        """None: there is none, or it is damaged."""
        return read_summary(self.connection, self._name, level, number) if self.has(level, number) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A chunk's sums as they are kept; most of what lies before a moment need not be taken apart."""

    first_us: int | None
    last_us: int | None
    n_damaged: int
    text: str

    @classmethod
    def of(cls, body: str) -> "Summary":
        """Take the head off a summary's body."""
        head, _, text = body.partition(HEAD_END)
        first, last, n_damaged = json.loads(head)
        return cls(first, last, n_damaged, text)

    def sums(self) -> Sums:
        """Take the rest apart."""
        return Sums.from_plain(json.loads(self.text))

    def is_cut(self, since_us: int | None) -> bool:
        """Whether some of the rows, but not all, were begun at that moment or later."""
        if since_us is None or self.first_us is None or self.last_us is None:
            return False
        return self.first_us < since_us <= self.last_us

    def is_wanted(self, since_us: int | None) -> bool:
        """Whether all of the rows were begun at that moment or later, where it is not cut."""
        return since_us is None or (self.first_us is not None and since_us <= self.first_us)


def read_summary(connection: apsw.Connection, source: str, level: int, number: int) -> Summary | None:
    """None: there is none, or it is damaged."""
    try:
        rows = fetch(connection, _FIND, (source, level, number, FORM))
    except UnicodeDecodeError:
        return None
    return Summary.of(rows[0][4]) if rows and is_sound(rows[0]) else None


def any_source(connection: apsw.Connection, table: Table) -> Source:
    """All dimensions of a chunk are kept and dropped together, so that one stands for all."""
    return Source(connection, table, dimensions_of(table)[0])


def source_name(table: Table, dimension: Dimension) -> str:
    """What summaries of a table by a dimension are kept under."""
    return f"{table.name}/{dimension}"


def n_rows(level: int) -> int:
    """How many rows a chunk of a level has."""
    return CHUNK_ROWS * int(FAN_OUT**level)


def span(level: int, number: int) -> tuple[int, int]:
    """The first and the last row of a chunk."""
    size = n_rows(level)
    return number * size + 1, (number + 1) * size


def children(number: int) -> range:
    """The chunks of the level below that a chunk is made of."""
    return range(number * FAN_OUT, (number + 1) * FAN_OUT)


def clicks_of(connection: apsw.Connection, table: Table, rows: Sequence[Row]) -> Clicks:
    """What the rows' clicks say of themselves, as far as those are sound."""
    action = table.columns.index("action")
    numbers = {row[action] for row in rows}
    if not numbers:
        return {}
    first, last = min(numbers), max(numbers)
    if last - first < _SCATTERED * len(numbers):
        return read_clicks(connection, first, last)
    one_by_one = (ACTIONS.find(connection, number) for number in numbers)
    return {click[0]: _of_click(click) for click in one_by_one if click is not None and is_sound(click)}


def read_clicks(connection: apsw.Connection, first: int, last: int) -> Clicks:
    """What the sound ones of these clicks say of themselves."""
    return {click[0]: _of_click(click) for click in ACTIONS.sound_rows(connection, first, last)}


def read_rows(
    connection: apsw.Connection,
    table: Table,
    rows: tuple[int, int],
    dimensions: Iterable[Dimension],
    since_us: int | None = None,
    clicks_of: FindClicks = clicks_of,
) -> dict[Dimension, Sums]:
    """Add up the rows from the first to the last of `rows` that were begun at a moment or later; None: all."""
    first, last = rows
    n_written = min(last, table.last_id(connection)) - first + 1
    sound = table.sound_rows(connection, first, last)
    n_damaged = n_written - len(sound)
    if since_us is not None:
        started = table.columns.index("started_us")
        sound = [row for row in sound if since_us <= row[started]]
    wanted = tuple(dimensions)
    needs_clicks = table is not ACTIONS and not NEEDS_CLICKS.isdisjoint(wanted)
    found = sum_rows(table, sound, clicks_of(connection, table, sound) if needs_clicks else {}, wanted)
    for sums in found.values():
        sums.n_damaged = n_damaged
    return found


def _cover(source: Source) -> Iterator[tuple[int, int]]:
    """The chunks that together hold every row once, big ones where they are sealed."""
    number = 0
    n_chunks = -(-source.last // CHUNK_ROWS)
    while number < n_chunks:
        level = next(level for level in reversed(LEVELS) if level == 0 or _begins_sealed(source, level, number))
        yield level, number // FAN_OUT**level
        number += FAN_OUT**level


def _begins_sealed(source: Source, level: int, number: int) -> bool:
    """Whether a sealed chunk of this level begins where the chunk `number` of level 0 does."""
    return number % FAN_OUT**level == 0 and source.has(level, number // FAN_OUT**level)


def _gather_chunk(source: Source, level: int, number: int, since_us: int | None) -> Iterator[Sums]:
    """One chunk's sums, from its summary unless `since_us` cuts through it."""
    summary = source.read(level, number)
    if summary is not None and not summary.is_cut(since_us):
        yield summary.sums() if summary.is_wanted(since_us) else Sums(n_damaged=summary.n_damaged)
    elif level == 0 or (level == 1 and not any(source.has(0, child) for child in children(number))):
        rows = span(level, number)
        yield read_rows(source.connection, source.table, rows, (source.dimension,), since_us)[source.dimension]
    else:
        for child in children(number):
            yield from _gather_chunk(source, level - 1, child, since_us)
