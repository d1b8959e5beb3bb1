"""Kept sums: they say what the rows say, however they were made, and are dropped when the rows change."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from store.ledgers import CLICK, END, NOON, START, ToldClock, book, fill, sound_rows
from tierwise.store.checksums import Row
from tierwise.store.database import Database
from tierwise.store.ending import end_row
from tierwise.store.exports import microseconds
from tierwise.store.figures import Found, grouped, summarize
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.sealing import seal
from tierwise.store.summaries import CHUNK_ROWS, any_source
from tierwise.store.sums import DIMENSIONS, Dimension, Sums, sum_rows
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS, TABLES, Table


def added_up(rows: dict[Table, list[Row]], by: Dimension, since: datetime | None) -> Found:
    """The sums of all rows at once, from a moment on."""
    clicks = {row[0]: (row[4], row[5], row[6]) for row in rows[ACTIONS]}
    sums: dict[Table, Sums] = {}
    for table in TABLES:
        started = table.columns.index("started_us")
        wanted = [row for row in rows[table] if since is None or microseconds(since) <= row[started]]
        dimension: Dimension = "action" if table is ACTIONS else by
        sums[table] = sum_rows(table, wanted, clicks, [dimension])[dimension]
    return Found(sums[ATTEMPTS], sums[HITS], sums[FATES], sums[ACTIONS])


def check_same(ledger: Ledger, path: Path) -> None:
    """Figures through kept sums must be those of all rows at once, from any moment on and by any dimension."""
    database = Database(path, "normal")
    with database.read() as connection:
        rows = {table: table.sound_rows(connection, 1, table.last_id(connection)) for table in TABLES}
    database.close()
    for hours in (None, -10_000, 1, 24 * 3 + 12, 700.25, 10_000):
        since = None if hours is None else NOON + timedelta(hours=hours)
        assert ledger.stats(since) == summarize(added_up(rows, "tier", since), since=since), hours
        for by in DIMENSIONS:
            assert ledger.grouped(by, since) == grouped(added_up(rows, by, since), by), (by, hours)


def test_kept_sums_say_what_the_rows_say(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, CHUNK_ROWS * 9 + 100)
    ledger = open_ledger(path, synchronous="normal")
    check_same(ledger, path)
    number = book(ledger)
    assert number == CHUNK_ROWS * 9 + 101
    check_same(ledger, path)
    ledger.close()


def test_old_rows_added_up_in_one_go_say_what_the_rows_say(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, CHUNK_ROWS * 9 + 100)
    database = Database(path, "normal")
    heard: list[tuple[int, int]] = []
    n_rows = CHUNK_ROWS * (9 + 4 + 4 + 4)
    n_kept = seal(database, lambda done, of_all: heard.append((done, of_all)), many_rows=CHUNK_ROWS * 8)
    assert (n_kept, seal(database)) == (1 + 1 + 4 * 3, 0)
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == ((0, n_rows), (n_rows, n_rows))
    ledger = open_ledger(path, synchronous="normal")
    check_same(ledger, path)
    unknown = next(row for row in sound_rows(ledger) if row.outcome == "unknown")
    with database.write() as connection:
        row = ATTEMPTS.find(connection, unknown.id)
        assert row is not None
        assert end_row(connection, ATTEMPTS, row, {"outcome": "accepted", "code": ""})
    assert not all(stretches_of(path))
    check_same(ledger, path)
    assert all(stretches_of(path))
    ledger.close()
    database.close()


def stretches_of(path: Path) -> list[bool]:
    """Of each full chunk of calls whether its sums are kept."""
    database = Database(path, "normal")
    with database.read() as connection:
        source = any_source(connection, ATTEMPTS)
        found = [source.is_sealed(number) for number in range(source.last // CHUNK_ROWS)]
    database.close()
    return found


def test_somebody_who_books_does_not_add_up_all_that_is_old(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, CHUNK_ROWS * 3)
    database = Database(path, "normal")
    assert seal(database, most_rows=CHUNK_ROWS) == 1
    with database.sealing:
        assert seal(database, most_rows=CHUNK_ROWS) == 0
    assert seal(database) == 3 + 3 - 1
    database.close()


def test_chunks_are_summed_as_the_ledger_grows_and_not_while_something_runs(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path, synchronous="normal", clock=ToldClock())
    key = ledger.begin_action(CLICK)
    first = ledger.begin_attempt(replace(START, action_key=key))
    for _ in range(CHUNK_ROWS):
        ledger.settle_attempt(ledger.begin_attempt(replace(START, action_key=key)), END)
    database = Database(path, "normal")
    assert seal(database) == 0
    assert ledger.stats().total.n_running == 1
    ledger.settle_attempt(first, END)
    assert seal(database) == 1
    assert seal(database) == 0
    stats = ledger.stats()
    assert (stats.total.n_running, stats.total.n_accepted) == (0, CHUNK_ROWS + 1)
    database.close()
    ledger.close()


def test_a_damaged_sum_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, CHUNK_ROWS * 2 + 7)
    database = Database(path, "normal")
    assert seal(database) == 5
    with database.write() as connection:
        connection.execute(
            "UPDATE summaries SET body = replace(replace(body, 'accepted', 'rejected'), 'kept', 'undone')"
        )
    database.close()
    ledger = open_ledger(path, synchronous="normal")
    check_same(ledger, path)
    ledger.close()
