"""Damage to the log a killed process leaves behind: what cannot be read of it is told, and nothing is made up."""

import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from store.ledgers import book, sound_rows, spawn
from tierwise.store.ledger import open_ledger
from tierwise.store.log_check import keep_damaged_log
from tierwise.store.opening import connect

IN_THE_MIDDLE_OF_TELLING = """
import mmap, os, sys
import apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
index = mmap.mmap(os.open(sys.argv[1] + "-shm", os.O_RDWR), 4096)
# The index of the log begins with its header, twice; until both are the same nobody can read it.
index[8] ^= 1
print("torn", flush=True)
sys.stdin.readline()
index[8] ^= 1
connection.execute("ROLLBACK")
print("whole", flush=True)
"""


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


@contextmanager
def writer_amid_its_telling(path: Path) -> Iterator[Callable[[], None]]:
    """Another process that is in the middle of telling of a commit until the function given is called."""
    writer = spawn(IN_THE_MIDDLE_OF_TELLING, path)

    def hears(expected: str) -> None:
        assert writer.stdout is not None
        assert writer.stdout.readline() == f"{expected}\n"

    def let_go() -> None:
        assert writer.stdin is not None
        writer.stdin.write("go on\n")
        writer.stdin.flush()
        hears("whole")

    try:
        hears("torn")
        yield let_go
    finally:
        end(writer)


def end(writer: "subprocess.Popen[str]") -> None:
    writer.kill()
    writer.communicate()


def test_a_log_others_are_writing_is_looked_into_when_they_are_through(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    book(ledger)
    connection = connect(path, "normal")
    waits: list[int] = []
    with writer_amid_its_telling(path) as let_go:

        def patience(n_waits: int) -> bool:
            waits.append(n_waits)
            if n_waits == 2:
                let_go()
            return n_waits < 3

        assert keep_damaged_log(path, connection, patience) is None
    assert waits == [0, 1, 2]
    connection.close()
    ledger.close()


def test_a_log_that_stays_busy_is_said_not_to_have_been_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    book(ledger)
    connection = connect(path, "normal")
    with writer_amid_its_telling(path):
        notice = keep_damaged_log(path, connection, lambda n_waits: n_waits < 2)
    assert notice is not None
    assert "nobody has checked" in notice
    assert str(path) in notice
    # The writer died in the middle, and what it had not committed is in no figure.
    assert keep_damaged_log(path, connection, lambda _: False) is None
    assert book(ledger) == len(sound_rows(ledger)) == 2
    connection.close()
    ledger.close()
