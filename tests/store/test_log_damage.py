"""Damage to the log a killed process leaves behind: what cannot be read of it is told, and nothing is made up."""

import random
from pathlib import Path

from store.ledgers import spawn
from tierwise.store.ledger import open_ledger


def log_of_a_dead_process(folder: Path) -> tuple[bytes, bytes]:
    """The file and the log that a killed process leaves behind after a few bookings."""
    path = folder / "dead.db"
    child = spawn(
        "import os, sys\nfrom pathlib import Path\nfrom store.ledgers import book\n"
        "from tierwise.store.ledger import open_ledger\nledger = open_ledger(Path(sys.argv[1]))\n"
        "for _ in range(8):\n    book(ledger)\nos._exit(0)\n",
        path,
    )
    assert child.communicate()[1] == ""
    return path.read_bytes(), path.with_name("dead.db-wal").read_bytes()


def test_a_damaged_log_says_how_much_of_it_is_lost(tmp_path: Path) -> None:
    file, log = log_of_a_dead_process(tmp_path)
    chance = random.Random(5)  # noqa: S311 -- places to damage, not secrets.
    places = [0, 9, 17, 26, 31, *(chance.randrange(len(log)) for _ in range(40))]
    told = 0
    for number, place in enumerate(places):
        path = tmp_path / f"{number}.db"
        path.write_bytes(file)
        damaged = bytearray(log)
        damaged[place] ^= 1 << chance.randrange(8)
        path.with_name(f"{path.name}-wal").write_bytes(damaged)
        ledger = open_ledger(path, synchronous="normal")
        n_rows, notices = ledger.stats().total.n_calls, ledger.notices
        ledger.close()
        # Of the last commits nobody can tell whether they were damaged or never came to their end.
        assert n_rows >= 7 or notices, f"a flip at {place} left {n_rows} of 8 calls without a word"
        if notices:
            told += 1
            assert "the log of the ledger" in notices[0]
            assert len(list(tmp_path.glob(f"{path.name}-wal.damaged-*"))) == 1
    assert told > len(places) // 2


def test_an_index_of_the_log_that_is_rubbish_is_made_anew(tmp_path: Path) -> None:
    file, log = log_of_a_dead_process(tmp_path)
    path = tmp_path / "ledger.db"
    path.write_bytes(file)
    path.with_name("ledger.db-wal").write_bytes(log)
    path.with_name("ledger.db-shm").write_bytes(random.Random(2).randbytes(32768))  # noqa: S311
    ledger = open_ledger(path)
    assert (ledger.stats().total.n_calls, ledger.notices) == (8, ())
    ledger.close()
