"""Migrations: forward, whole or not at all, with a backup, and once however many windows open at a time."""

import sqlite3
import threading
from pathlib import Path

import apsw
import pytest

from store.ledgers import fill
from tierwise.store.errors import LedgerError
from tierwise.store.migrations import MIGRATIONS, migrate, schema_version
from tierwise.store.opening import connect
from tierwise.store.places import exclusively

NEXT = "ALTER TABLE attempts ADD COLUMN mood TEXT NOT NULL DEFAULT ''; UPDATE attempts SET mood = 'fine';"
BROKEN = "UPDATE attempts SET model = 'changed'; ALTER TABLE nothing ADD COLUMN x;"


def models(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = {model for (model,) in connection.execute("SELECT model FROM attempts")}
    connection.close()
    return found


def test_an_old_file_is_backed_up_and_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 300)
    connection = connect(path, "full")
    backup = migrate(connection, path, (*MIGRATIONS, NEXT))
    assert schema_version(connection) == len(MIGRATIONS) + 1
    assert connection.execute("SELECT count(*), min(mood) FROM attempts").fetchall() == [(300, "fine")]
    assert backup is not None
    old = connect(backup, "full")
    assert schema_version(old) == len(MIGRATIONS)
    assert old.execute("SELECT count(*) FROM attempts").fetchall() == [(300,)]
    assert old.pragma("integrity_check") == "ok"
    old.close()
    assert migrate(connection, path, (*MIGRATIONS, NEXT)) is None
    connection.close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 20)
    connection = connect(path, "full")
    with pytest.raises(apsw.SQLError):
        migrate(connection, path, (*MIGRATIONS, NEXT, BROKEN))
    assert schema_version(connection) == len(MIGRATIONS) + 1
    connection.close()
    assert models(path) == {"model"}


def test_a_file_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 3)
    connection = connect(path, "full")
    migrate(connection, path, (*MIGRATIONS, NEXT))
    with pytest.raises(LedgerError, match="newer Tierwise") as refused:
        migrate(connection, path)
    assert refused.value.code == "newer-schema"
    connection.close()


def test_windows_that_open_at_once_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 50)
    failures: list[Exception] = []
    backups: list[Path | None] = []
    start = threading.Barrier(4)

    def open_and_migrate() -> None:
        connection = connect(path, "normal")
        start.wait()
        try:
            with exclusively(path):
                backups.append(migrate(connection, path, (*MIGRATIONS, NEXT)))
        except apsw.Error as error:
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=open_and_migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    backup = path.with_name(f"ledger.db.schema-{len(MIGRATIONS)}.backup")
    assert sorted(backups, key=str) == [backup, None, None, None]
    connection = connect(path, "normal")
    assert schema_version(connection) == len(MIGRATIONS) + 1
    connection.close()
