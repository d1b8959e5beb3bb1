"""Ledgers of earlier versions: opened by ten windows at once, on a full disk, or by one that dies in the middle."""

from pathlib import Path

import pytest

from store.ledgers import NOON, fill, sound_rows, spawn
from tierwise.store.ledger import open_ledger
from tierwise.store.migrations import MIGRATIONS, migrate, schema_version
from tierwise.store.opening import connect
from tierwise.store.tables import ACTIONS, ATTEMPTS

N_ROWS = 400
BOOKS = """
import sys
from pathlib import Path
from store.ledgers import book
from tierwise.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
print(ledger.notices)
print(*(book(ledger) for _ in range(12)))
ledger.close()
"""
DIES_IN_THE_MIDDLE = """
import os, sys
from pathlib import Path
from tierwise.store.migrations import MIGRATIONS, migrate
from tierwise.store.opening import connect
path = Path(sys.argv[1])
connection = connect(path, "full")
connection.create_scalar_function("die", lambda: os._exit(9))
broken = "UPDATE attempts SET model = 'changed'; DELETE FROM actions; SELECT die();"
migrate(connection, path, (*MIGRATIONS, broken))
"""
WITHOUT_ROOM = """
import resource, signal, sys
from pathlib import Path
from store.ledgers import book
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import open_ledger
path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, most))
try:
    open_ledger(path)
except LedgerError as error:
    print(error.code, error.words, sep="\\n")
print([file.name for file in path.parent.glob("*.new")])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
ledger = open_ledger(path)
print(ledger.notices, book(ledger))
ledger.close()
"""


def old_file(path: Path, version: int) -> None:
    """A ledger as an earlier version left it: that schema, and rows in the two tables every version has."""
    new = path.with_name("new.db")
    fill(new, N_ROWS)
    source = connect(new, "full")
    path.touch()
    connection = connect(path, "full")
    connection.pragma("journal_mode", "wal")
    migrate(connection, path, MIGRATIONS[:version])
    with connection:
        for table in (ACTIONS, ATTEMPTS):
            for row in table.sound_rows(source, 1, N_ROWS):
                table.insert(connection, row[:-1])
    source.close()
    connection.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_every_earlier_schema_is_brought_forward(tmp_path: Path, version: int) -> None:
    path = tmp_path / "ledger.db"
    old_file(path, version)
    ledger = open_ledger(path)
    rows, stats = sound_rows(ledger), ledger.stats()
    assert len(rows) == stats.total.n_calls == N_ROWS
    assert stats.total.pico_usd == sum(row.cost_pico_usd or 0 for row in rows)
    assert sum(group.calls.n_calls for group in ledger.grouped("language", NOON).groups.values()) == N_ROWS
    assert (ledger.notices, stats.n_damaged_rows, stats.n_lost_rows) == ((), 0, 0)
    ledger.close()
    backup = connect(tmp_path / f"ledger.db.schema-{version}.backup", "full")
    assert schema_version(backup) == version
    assert backup.execute("SELECT count(*) FROM attempts").get == N_ROWS
    backup.close()


def test_ten_windows_that_open_an_old_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    old_file(path, 1)
    windows = [spawn(BOOKS, path) for _ in range(10)]
    numbers: list[int] = []
    for window in windows:
        output, errors = window.communicate()
        assert (window.returncode, errors) == (0, "")
        notices, booked = output.splitlines()
        assert notices == "()"
        numbers += map(int, booked.split())
    assert sorted(numbers) == list(range(N_ROWS + 1, N_ROWS + 121))
    ledger = open_ledger(path)
    assert len(sound_rows(ledger)) == N_ROWS + 120
    assert ledger.stats().n_damaged_rows == 0
    ledger.close()
    assert len(list(tmp_path.glob("*.backup"))) == 1


def test_a_window_that_dies_in_the_middle_of_a_step_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, N_ROWS)
    child = spawn(DIES_IN_THE_MIDDLE, path)
    assert (child.communicate()[1], child.returncode) == ("", 9)
    ledger = open_ledger(path)
    rows = sound_rows(ledger)
    assert (len(rows), {row.model for row in rows}, ledger.notices) == (N_ROWS, {"model"}, ())
    assert ledger.stats().actions.n_actions == N_ROWS // 2
    ledger.close()


def test_no_room_for_the_backup_is_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    old_file(path, 2)
    child = spawn(WITHOUT_ROOM, path)
    output, errors = child.communicate()
    assert errors == ""
    code, words, left, later = output.splitlines()
    # The system calls a file that may not grow something else than a disk without room.
    assert code in ("disk-full", "io"), words
    assert str(path) in words
    assert (left, later) == ("[]", f"() {N_ROWS + 1}")
