"""Many processes on one file: nothing lost, nobody turned away, and what the dead left behind is ended."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.ledgers import CLICK, END, NOON, START, ToldClock, book, sound_rows, spawn
from tierwise.store.database import Database
from tierwise.store.ledger import open_ledger
from tierwise.store.processes import ProcessIdentity, is_running, own_identity, parse_identity

N_WRITERS = 4
WRITER = """
import sys
from pathlib import Path
from store.ledgers import book
from tierwise.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]), synchronous=sys.argv[3])
for _ in range(int(sys.argv[2])):
    print(book(ledger), flush=True)
ledger.close()
"""
NURSERY = """
import os, sys
from dataclasses import replace
from pathlib import Path
from store.ledgers import CLICK, END, START
from tierwise.store.ledger import open_ledger

def say(word, number):
    # A line is shorter than what a pipe takes in one piece, so that writers do not mix theirs.
    os.write(1, f"{word} {number} {os.getpid()}\\n".encode())

def book_forever(path):
    ledger = open_ledger(path)
    while True:
        key = ledger.begin_action(CLICK)
        number = ledger.begin_attempt(replace(START, action_key=key))
        say("begun", number)
        ledger.settle_attempt(number, END)
        say("settled", number)
        ledger.end_action(key, "applied")

for line in sys.stdin:
    path, born = Path(line.rstrip()), []
    for _ in range(int(sys.argv[1])):
        pid = os.fork()
        if not pid:
            book_forever(path)
        born.append(pid)
    for pid in born:
        _, status = os.waitpid(pid, 0)
        say("died", os.waitstatus_to_exitcode(status))
"""
"""Starts writers as often as it is told, having read Tierwise's code once; each is a process with a ledger of its own.
"""
LEAVES_RUNNING = """
import os, sys
from pathlib import Path
from store.ledgers import book
from tierwise.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
for _ in range(3):
    book(ledger, end=None)
os._exit(9)
"""


def test_eight_processes_lose_no_row_and_meet_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    n_calls = 25
    writers = [spawn(WRITER, path, str(n_calls), "normal" if number % 2 else "full") for number in range(8)]
    numbers: list[int] = []
    for writer in writers:
        output, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, "")
        numbers += map(int, output.split())
    assert sorted(numbers) == list(range(1, 8 * n_calls + 1))
    ledger = open_ledger(path)
    rows = sound_rows(ledger)
    assert [row.outcome for row in rows] == ["accepted"] * len(numbers)
    assert len({row.action_key for row in rows}) == len(numbers)
    assert ledger.stats().total.pico_usd == len(numbers) * (END.cost_pico_usd or 0)
    assert ledger.notices == ()
    ledger.close()


@contextmanager
def nursery() -> Iterator["subprocess.Popen[str]"]:
    """A process that begets four writers for each path it is told, and ends when it is told of no more."""
    mother = spawn(NURSERY, str(N_WRITERS))
    try:
        yield mother
    finally:
        output, errors = mother.communicate()
    assert (output, errors, mother.returncode) == ("", "", 0)


def killed_writers(mother: "subprocess.Popen[str]", path: Path, n_lines: int) -> dict[int, str]:
    """Let four processes book until each has said `n_lines` things, kill them, and return the last word per call."""
    assert mother.stdin is not None
    assert mother.stdout is not None
    mother.stdin.write(f"{path}\n")
    mother.stdin.flush()
    n_said, words, exits = Counter[int](), dict[int, str](), list[int]()
    alive = True
    while len(exits) < N_WRITERS:
        word, number, pid = mother.stdout.readline().split()
        if word == "died":
            exits.append(int(number))
            continue
        n_said[int(pid)] += 1
        words[int(number)] = word
        if alive and len(n_said) == N_WRITERS and n_lines <= min(n_said.values()):
            for writer in n_said:
                os.kill(writer, signal.SIGKILL)
            alive = False
    assert exits == [-signal.SIGKILL] * N_WRITERS
    return words


def check_kills_lose_nothing(folder: Path, n_ledgers: int, n_rounds: int) -> None:
    with nursery() as mother:
        for name in range(n_ledgers):
            path = folder / f"{name}.db"
            acknowledged: dict[int, str] = {}
            for number in range(n_rounds):
                acknowledged |= killed_writers(mother, path, 2 + number % 7)
                check_whole(path, acknowledged)


def check_whole(path: Path, acknowledged: dict[int, str]) -> None:
    """All that was acknowledged must be there, whole, and nothing be wrong with the ledger."""
    ledger = open_ledger(path)
    rows = {row.id: row for row in sound_rows(ledger)}
    assert ledger.notices == ()
    assert set(acknowledged) <= set(rows)
    settled = [key for key, word in acknowledged.items() if word == "settled"]
    assert {rows[key].outcome for key in settled} == {"accepted"}
    running = sum(row.outcome == "running" for row in rows.values())
    assert ledger.sweep() == running
    stats = ledger.stats()
    assert (stats.total.n_calls, stats.total.n_running, stats.n_damaged_rows) == (len(rows), 0, 0)
    assert stats.total.pico_usd == sum(row.cost_pico_usd or 0 for row in rows.values())
    ledger.close()


def test_killed_writers_lose_nothing_they_were_told_is_booked(tmp_path: Path) -> None:
    check_kills_lose_nothing(tmp_path, n_ledgers=1, n_rounds=2)


@pytest.mark.slow
def test_many_killed_writers_lose_nothing(tmp_path: Path) -> None:
    # All rows are looked at after each round, so that one ledger for all would make most of the time.
    check_kills_lose_nothing(tmp_path, n_ledgers=5, n_rounds=500 // N_WRITERS // 5)


def test_what_a_dead_process_left_running_becomes_unknown(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    own = book(ledger, end=None)
    child = spawn(LEAVES_RUNNING, path)
    child.communicate()
    assert child.returncode == 9
    assert ledger.sweep() == 3
    assert ledger.sweep() == 0
    rows = sound_rows(ledger)
    assert [(row.outcome, row.code) for row in rows] == [("running", "")] + [("unknown", "process-ended")] * 3
    stats = ledger.stats()
    assert (stats.total.n_unknown, stats.total.n_unknown_cost, stats.total.n_running) == (3, 3, 1)
    assert stats.actions.outcomes == {"unknown": 3, "running": 1}
    assert ledger.settle_attempt(own, END)
    ledger.close()


def test_a_log_cut_anywhere_by_a_power_failure_leaves_whole_bookings(tmp_path: Path) -> None:
    source = tmp_path / "ledger.db"
    ledger = open_ledger(source)
    for _ in range(6):
        book(ledger)
    rows = sound_rows(ledger)
    file, log = source.read_bytes(), source.with_name("ledger.db-wal").read_bytes()
    ledger.close()
    seen: list[int] = []
    for size in (*range(0, len(log), 512 * 5), len(log)):
        path = tmp_path / f"cut-{size}.db"
        path.write_bytes(file)
        path.with_name(f"{path.name}-wal").write_bytes(log[:size])
        cut = open_ledger(path, synchronous="normal")
        found = sound_rows(cut)
        assert [row.id for row in found] == [row.id for row in rows[: len(found)]]
        assert all(row == whole or row.outcome == "running" for row, whole in zip(found, rows, strict=False))
        assert (cut.notices, cut.stats().n_damaged_rows) == ((), 0)
        seen.append(len(found))
        cut.close()
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, len(rows))


def disguise(path: Path, identity: str) -> None:
    """Make everything in the ledger look as if another process had begun it."""
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE owners SET identity = ?", (identity,))
    database.close()


@pytest.mark.parametrize(
    ("changes", "swept_at_once", "swept_after_a_day"),
    [
        ({}, 0, 0),
        ({"boot": "11111111-2222-3333-4444-555555555555"}, 1, 1),
        ({"started": "1"}, 1, 1),
        ({"pid": 2**22 + 5}, 1, 1),
        ({"namespace": "pid:[1]"}, 0, 1),
        ({"started": ""}, 0, 1),
    ],
)
def test_who_counts_as_dead(
    tmp_path: Path, changes: dict[str, str | int], swept_at_once: int, swept_after_a_day: int
) -> None:
    path = tmp_path / "ledger.db"
    clock = ToldClock()
    ledger = open_ledger(path, clock=clock)
    book(ledger, end=None)
    disguise(path, str(replace(own_identity(), **changes)))  # type: ignore[arg-type]
    assert ledger.sweep() == swept_at_once
    clock.now = NOON + timedelta(hours=25)
    assert ledger.sweep() == swept_after_a_day - swept_at_once
    ledger.close()


def test_a_call_given_up_too_early_may_still_say_how_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    key = ledger.begin_action(CLICK)
    number = ledger.begin_attempt(replace(START, action_key=key))
    disguise(path, "gone gone 1 1")
    assert ledger.sweep() == 1
    assert ledger.settle_attempt(number, END)
    assert ledger.end_action(key, "applied")
    assert ledger.stats().total.n_accepted == 1
    assert not ledger.settle_attempt(number, END)
    ledger.close()


def test_identities_are_read_back_and_nonsense_is_not() -> None:
    own = own_identity()
    assert parse_identity(str(own)) == own
    assert is_running(own)
    assert [parse_identity(text) for text in ("", "a b", "a b c d", "a b -1 d", "a b 1 d e")] == [None] * 5
    assert is_running(ProcessIdentity(own.boot, own.namespace, 10**30, own.started)) is not True


LOCKED = """
import fcntl, sys
# Where SQLite's readers have their lock in every file, see the definition of SHARED_FIRST in its sources.
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
    except OSError:
        print("locked", end="")
"""


@pytest.mark.skipif(os.name == "nt", reason="only POSIX gives up locks with any handle that is closed")
def test_a_second_opening_gives_up_no_lock_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    first = open_ledger(path)
    book(first)
    open_ledger(path).close()
    asked = subprocess.run([sys.executable, "-c", LOCKED, str(path)], check=True, capture_output=True, text=True)
    assert asked.stdout == "locked"
    first.close()
