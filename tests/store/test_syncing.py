"""Commits reach the disk a moment later, once for many, and at the latest when the ledger is closed."""

import errno
import threading
from pathlib import Path

import pytest

from store.ledgers import book
from tierwise.store.ledger import open_ledger
from tierwise.store.syncing import Syncer, sync_log


def test_many_wishes_are_one_sync(tmp_path: Path) -> None:
    synced = threading.Event()
    paths: list[Path] = []

    def sync(path: Path) -> None:
        paths.append(path)
        synced.set()

    syncer = Syncer(tmp_path / "x", sync)
    for _ in range(100):
        syncer.want()
    assert synced.wait(10)
    syncer.finish()
    assert paths == [tmp_path / "x"]


def test_nothing_wished_for_is_nothing_done(tmp_path: Path) -> None:
    paths: list[Path] = []
    syncer = Syncer(tmp_path / "x", paths.append)
    syncer.finish()
    assert paths == []
    syncer.want()
    syncer.finish()
    syncer.finish()
    assert paths == [tmp_path / "x"]


def test_a_disk_that_fails_is_remembered(tmp_path: Path) -> None:
    def sync(path: Path) -> None:
        raise OSError(errno.EIO, "no", str(path))

    syncer = Syncer(tmp_path / "x", sync)
    syncer.want()
    syncer.finish()
    assert syncer.problem is not None


@pytest.mark.parametrize("synchronous", ["soon", "full", "normal"])
def test_a_closed_ledger_is_on_the_disk(tmp_path: Path, synchronous: str) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path, synchronous=synchronous)  # type: ignore[arg-type]
    book(ledger)
    sync_log(path)
    ledger.close()
    sync_log(path)
    assert not path.with_name("ledger.db-wal").exists()
    ledger = open_ledger(path)
    assert ledger.stats().total.n_calls == 1
    ledger.close()
