"""Damage: a flipped bit or a cut file never gives a wrong figure without a word, and what is readable is kept."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from store.ledgers import END, book, fill
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.exports import DamagedRow
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.opening import PAGE_BYTES
from tierwise.store.rows import AttemptRow
from tierwise.store.sealing import seal
from tierwise.store.stats import Stats
from tierwise.store.summaries import CHUNK_ROWS

N_ROWS = CHUNK_ROWS + 90
_LEAF = 0x0D
"""With this byte a page begins that holds rows of a table."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of one kept sum and some rows beyond it, closed and so in one file."""
    path = tmp_path_factory.mktemp("sample") / "ledger.db"
    fill(path, N_ROWS)
    database = Database(path, "normal")
    assert seal(database) == 1
    database.close()
    return path


def check_words(error: LedgerError) -> None:
    """A refusal must be one of those a damaged file may meet."""
    assert error.code in ("damaged", "foreign", "newer-schema", "io"), error.words


def figures(ledger: Ledger) -> tuple[Stats | None, list[AttemptRow | DamagedRow]]:
    """What the ledger says; after a file was replaced, what it says then."""
    for _ in range(3):
        try:
            return ledger.stats(), list(ledger.attempt_rows())
        except LedgerError as error:
            check_words(error)
    return None, []


def check_not_silent(path: Path, true: Stats, rows: list[AttemptRow | DamagedRow], case: str) -> str:
    """Open a damaged copy: it says the truth, or it says that it does not. Returns which."""
    try:
        ledger = open_ledger(path, synchronous="normal")
    except LedgerError as error:
        check_words(error)
        return "refused"
    stats, found = figures(ledger)
    notices = ledger.notices
    ledger.close()
    if stats is None:
        return "refused"
    is_told = bool(notices or stats.n_damaged_rows or stats.n_lost_rows)
    if replace(stats, notices=()) != true:
        assert is_told, case
    for row in found:
        is_plain = isinstance(row, DamagedRow) or row.action_key == ""
        assert is_plain or is_told or row == rows[row.id - 1], (case, row)
    if len(found) != len(rows) or any(isinstance(row, DamagedRow) for row in found):
        assert is_told or any(isinstance(row, DamagedRow) for row in found), case
    return "told" if is_told else "true"


def truth(path: Path) -> tuple[Stats, list[AttemptRow | DamagedRow]]:
    ledger = open_ledger(path, synchronous="normal")
    stats, rows = ledger.stats(), list(ledger.attempt_rows())
    ledger.close()
    return stats, rows


def check_flips(sample: Path, folder: Path, n_flips: int, seed: int) -> None:
    true, rows = truth(sample)
    content = sample.read_bytes()
    chance = random.Random(seed)  # noqa: S311 -- places to damage, not secrets.
    seen: list[str] = []
    for number in range(n_flips):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        home = folder / str(number)
        home.mkdir()
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        (home / "ledger.db").write_bytes(damaged)
        seen.append(check_not_silent(home / "ledger.db", true, rows, f"bit {bit} of byte {place}"))
        shutil.rmtree(home)
    assert seen.count("told") > n_flips // 8, "the flips hardly met a row: the test has gone blunt"


def test_no_flipped_bit_is_silent(sample: Path, tmp_path: Path) -> None:
    check_flips(sample, tmp_path, n_flips=60, seed=11)


@pytest.mark.slow
def test_no_flipped_bit_is_silent_at_length(sample: Path, tmp_path: Path) -> None:
    check_flips(sample, tmp_path, n_flips=500, seed=12)


def test_a_file_cut_at_any_page_says_so(sample: Path, tmp_path: Path) -> None:
    true, rows = truth(sample)
    content = sample.read_bytes()
    for size in range(0, len(content), PAGE_BYTES * 29):
        path = tmp_path / f"{size}.db"
        path.write_bytes(content[:size])
        assert check_not_silent(path, true, rows, f"cut at {size}") != "true"
        (aside,) = tmp_path.glob(f"{size}.db.damaged-*")
        assert aside.read_bytes() == content[:size]


@pytest.mark.slow
def test_a_file_cut_or_zeroed_at_every_page_says_so(sample: Path, tmp_path: Path) -> None:
    true, rows = truth(sample)
    content = sample.read_bytes()
    for start in range(0, len(content), PAGE_BYTES):
        for case, damaged in (
            ("cut before", content[:start]),
            ("cut inside", content[: start + 512]),
            ("zeroed", content[:start] + bytes(PAGE_BYTES) + content[start + PAGE_BYTES :]),
        ):
            home = tmp_path / f"{case}-{start}"
            home.mkdir()
            (home / "ledger.db").write_bytes(damaged)
            seen = check_not_silent(home / "ledger.db", true, rows, f"{case} {start}")
            # A page that is free or holds only sums is not missed by anybody.
            assert seen != "true" or case == "zeroed"
            shutil.rmtree(home)


def test_hits_and_fates_are_carried_over_with_their_clicks(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(sample, path)
    ledger = open_ledger(path)
    before = [ledger.grouped("language").groups[name] for name in ("go", "python")]
    ledger.close()
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE actions SET language = 'cobol' WHERE id = 2")
        connection.execute("DELETE FROM attempts WHERE id = ?", (N_ROWS,))
        connection.execute("DELETE FROM summaries")
    database.close()
    ledger = open_ledger(path)
    with pytest.raises(LedgerError, match="was kept untouched"):
        book(ledger)
    groups = ledger.grouped("language").groups
    ledger.close()
    assert (groups[""].hits.n_hits, groups[""].fates.n_followed) == (1, 1)
    n_hits = [groups[name].hits.n_hits for name in ("go", "python")]
    assert sum(n_hits) == sum(one.hits.n_hits for one in before) - 1
    assert min(was.hits.n_hits - n for was, n in zip(before, n_hits, strict=True)) == 0


def test_a_flipped_number_is_counted_as_damage_and_left_out(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(sample, path)
    true, rows = truth(path)
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE attempts SET cost_pico_usd = cost_pico_usd + 1 WHERE id IN (?, 3)", (N_ROWS - 1,))
        connection.execute("UPDATE attempts SET tier = CAST(x'ff' AS TEXT) WHERE id = ?", (N_ROWS,))
    database.close()
    ledger = open_ledger(path)
    stats = ledger.stats()
    hit = [row for row in rows[-2:] if isinstance(row, AttemptRow)]
    assert stats.n_damaged_rows == 2, "row 3 was summed while it was sound, so its sum still stands"
    assert stats.total.pico_usd == true.total.pico_usd - sum(row.cost_pico_usd or 0 for row in hit)
    assert [row.id for row in ledger.attempt_rows() if isinstance(row, DamagedRow)] == [3, N_ROWS - 1, N_ROWS]
    ledger.close()


def test_a_damaged_click_leaves_its_calls_without_a_name(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(sample, path)
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE actions SET language = 'cobol' WHERE id = 2")
    database.close()
    ledger = open_ledger(path)
    rows = [row for row in ledger.attempt_rows() if isinstance(row, AttemptRow)]
    assert [row.language == "" for row in rows[:5]] == [False, False, True, True, False]
    assert len(rows) == N_ROWS
    ledger.close()


def test_a_damaged_row_stays_damaged_when_it_is_settled(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    number = book(ledger, end=None)
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE attempts SET tier = 'local'")
    database.close()
    assert ledger.settle_attempt(number, END)
    stats = ledger.stats()
    assert (stats.n_damaged_rows, stats.total.n_calls) == (1, 0)
    ledger.close()


def test_rows_that_vanish_from_the_end_are_noticed_and_the_rest_is_carried_over(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(sample, path)
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("DELETE FROM attempts WHERE id > ?", (N_ROWS - 5,))
    database.close()
    ledger = open_ledger(path)
    with pytest.raises(LedgerError, match=f"{N_ROWS - 5} calls that could be read, 5 could not") as told:
        book(ledger)
    assert told.value.code == "damaged"
    stats = ledger.stats()
    assert (stats.total.n_calls, stats.n_lost_rows, stats.n_damaged_rows) == (N_ROWS - 5, 5, 0)
    assert book(ledger) == N_ROWS - 4
    ledger.close()
    again = open_ledger(path)
    assert (again.notices, again.stats().n_lost_rows) == ((), 5)
    again.close()


def test_everything_readable_of_a_torn_file_is_carried_over(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    content = bytearray(sample.read_bytes())
    n_pages = len(content) // PAGE_BYTES
    hit = next(page for page in range(n_pages // 2, n_pages) if content[page * PAGE_BYTES] == _LEAF)
    content[hit * PAGE_BYTES : (hit + 4) * PAGE_BYTES] = bytes(4 * PAGE_BYTES)
    path.write_bytes(content)
    ledger = open_ledger(path)
    stats, rows = figures(ledger)
    assert stats is not None
    assert stats.total.n_calls == len(rows)
    assert N_ROWS - 40 < stats.total.n_calls <= N_ROWS
    assert stats.total.n_calls + stats.n_lost_rows == N_ROWS
    clicks = {row.action_key for row in rows if isinstance(row, AttemptRow)}
    assert len(clicks) > N_ROWS // 2 - 60
    ledger.close()


def test_two_windows_that_meet_damage_replace_the_file_once(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(sample, path)
    one, two = open_ledger(path), open_ledger(path)
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("DELETE FROM attempts WHERE id = ?", (N_ROWS,))
    database.close()
    with pytest.raises(LedgerError, match="was kept untouched"):
        book(one)
    assert book(two) == N_ROWS
    assert book(one) == N_ROWS + 1
    assert len(list(tmp_path.glob("ledger.db.damaged-*[0-9Z]"))) == 1
    one.close()
    two.close()
