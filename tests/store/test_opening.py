"""Opening: private files, sentences for what is wrong with a place, and files that are damaged, foreign or gone."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from store.ledgers import CLICK, END, book, fill, sound_rows, spawn
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError, ledger_error
from tierwise.store.ledger import open_ledger
from tierwise.store.migrations import MIGRATIONS

ON_SMALL_DISK = """
import sys
from pathlib import Path
from store.ledgers import book
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
number = book(ledger)
try:
    for _ in range(100_000):
        book(ledger, model="m" * 400)
except LedgerError as error:
    print(error.code, error.words, sep="\\n")
n_rows = ledger.stats().total.n_calls
print(n_rows > 100, ledger.stats().n_damaged_rows)
Path(sys.argv[1] + "-room").unlink()
print(book(ledger) - n_rows)
ledger.close()
"""


def check_refused(path: Path, code: str, words: str) -> None:
    """Opening must fail with one sentence that names the path and says what to do."""
    with pytest.raises(LedgerError, match=words) as refused:
        open_ledger(path)
    assert refused.value.code == code
    assert str(path) in refused.value.words
    assert "\n" not in refused.value.words
    assert not refused.value.words.endswith(".")


def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "ledger.db"
    ledger = open_ledger(path)
    book(ledger)
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    assert set(modes) == {"ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"}
    assert set(modes.values()) == {0o600}
    ledger.close()


def test_pragmas_of_both_connections(tmp_path: Path) -> None:
    database = Database(tmp_path / "ledger.db", "full")
    for opened in (database.write, database.read):
        with opened() as connection:
            names = ("journal_mode", "synchronous", "trusted_schema", "user_version")
            assert [connection.pragma(name) for name in names] == ["wal", 2, 0, len(MIGRATIONS)]
    database.close()


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda path: path.mkdir(), "no-folder", "has no folder"),
        (lambda path: path.parent.rmdir() or path.parent.write_text("a file"), "no-folder", "has no folder"),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE notes (a)"), "foreign", "another program's database"),
    ],
)
def test_places_that_cannot_be_used(tmp_path: Path, make: object, code: str, words: str) -> None:
    path = tmp_path / "folder" / "ledger.db"
    path.parent.mkdir()
    make(path)  # type: ignore[operator]
    check_refused(path, code, words)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "Permission denied"), "no-permission"),
        (OSError(30, "Read-only file system"), "read-only"),
        (OSError(28, "No space left on device"), "disk-full"),
        (OSError(5, "Input/output error"), "io"),
        (apsw.FullError("x"), "disk-full"),
        (apsw.ReadOnlyError("x"), "read-only"),
        (apsw.PermissionsError("x"), "no-permission"),
        (apsw.CantOpenError("x"), "no-permission"),
        (apsw.BusyError("x"), "locked"),
        (apsw.ProtocolError("x"), "locked"),
        (apsw.IOError("x"), "io"),
    ],
)
def test_every_failure_has_its_sentence(error: Exception, code: str) -> None:
    said = ledger_error(error, Path("/some/ledger.db"))  # type: ignore[arg-type]
    assert said.code == code
    assert "'/some/ledger.db'" in said.words
    assert "; " in said.words


def in_namespace(script: str, *arguments: Path) -> "subprocess.CompletedProcess[str]":
    """Run a shell script in a mount namespace of its own; skips where this user may not have one."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("mount namespaces are not available to this user")
    return subprocess.run(
        [unshare, "-rm", "sh", "-c", script, "sh", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])},
    )


def test_a_full_disk_is_a_sentence_and_later_booking_goes_on(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(ON_SMALL_DISK)
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=5m none "$1" && head -c 1000000 /dev/zero > "$1/ledger.db-room" && '
        f'exec {sys.executable} "$2" "$1/ledger.db"'
    )
    run = in_namespace(script, disk, program)
    assert run.stderr == ""
    code, words, intact, going_on = run.stdout.splitlines()
    assert (code, intact, going_on) == ("disk-full", "True 0", "1")
    assert "the disk is full" in words


def test_a_read_only_place_is_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom pathlib import Path\nfrom tierwise.store.errors import LedgerError\n"
        "from tierwise.store.ledger import open_ledger\n"
        "try:\n    open_ledger(Path(sys.argv[1]))\nexcept LedgerError as error:\n    print(error.code)\n"
    )
    place = tmp_path / "place"
    place.mkdir()
    open_ledger(place / "ledger.db").close()
    script = (
        'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && '
        f'{sys.executable} "$2" "$1/ledger.db" && {sys.executable} "$2" "$1/new.db"'
    )
    run = in_namespace(script, place, program)
    assert (run.stdout.split(), run.stderr) == (["read-only", "read-only"], "")


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    open_ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    check_refused(path, "newer-schema", "newer Tierwise")
    assert path.read_bytes() == before


def test_a_schema_that_becomes_newer_while_open_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    book(ledger)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    for use in (lambda: ledger.begin_action(CLICK), ledger.stats):
        with pytest.raises(LedgerError, match="newer Tierwise"):
            use()
    ledger.close()


@pytest.mark.parametrize("content", [b"", b"x", b"a text, not a database\n" * 50, bytes(8192), b"SQLite format 3\x00"])
def test_what_is_no_ledger_is_set_aside_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    ledger = open_ledger(path)
    book(ledger)
    (aside,) = tmp_path.glob("ledger.db.damaged-*")
    assert aside.read_bytes() == content
    (notice,) = ledger.notices
    assert str(path) in notice
    assert aside.name in notice
    assert ledger.stats().notices == ledger.notices
    ledger.close()
    assert open_ledger(path).notices == ()


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_file_that_is_deleted_or_replaced_while_open(tmp_path: Path, is_linked: bool) -> None:
    folder = tmp_path / "ledgers"
    if is_linked:
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    path = folder / "ledger.db"
    ledger = open_ledger(path)
    key = ledger.begin_action(CLICK)
    number = book(ledger, end=None)
    path.unlink()
    assert not ledger.settle_attempt(number, END)
    assert not ledger.end_action(key, "applied")
    assert "was moved or deleted" in ledger.notices[0]
    assert book(ledger) == 1
    other = tmp_path / "other.db"
    fill(other, 30)
    path.with_name("ledger.db-wal").unlink(missing_ok=True)
    path.with_name("ledger.db-shm").unlink(missing_ok=True)
    other.replace(path)
    assert ledger.stats().total.n_calls == 30
    assert book(ledger) == 31
    ledger.close()


def test_a_folder_that_is_moved_away_takes_its_rows_along(tmp_path: Path) -> None:
    path = tmp_path / "ledgers" / "ledger.db"
    ledger = open_ledger(path)
    book(ledger)
    moved = path.parent.rename(tmp_path / "moved")
    path.parent.mkdir()
    assert book(ledger) == 1
    assert "was moved or deleted" in ledger.notices[0]
    ledger.close()
    for left in (path, moved / path.name):
        found = open_ledger(left)
        assert (found.notices, len(sound_rows(found))) == ((), 1)
        found.close()


def test_a_log_left_by_a_deleted_file_is_not_played_into_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    child = spawn(
        "import os, sys\nfrom pathlib import Path\nfrom store.ledgers import book\n"
        "from tierwise.store.ledger import open_ledger\nledger = open_ledger(Path(sys.argv[1]))\n"
        "book(ledger)\nos._exit(0)\n",
        path,
    )
    assert child.communicate()[1] == ""
    assert path.with_name("ledger.db-wal").stat().st_size
    path.unlink()
    ledger = open_ledger(path)
    assert sound_rows(ledger) == []
    assert book(ledger) == 1
    ledger.close()
