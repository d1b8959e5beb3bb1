"""Many processes on one file: nothing lost, nobody turned away, and what the dead left behind is ended."""

import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.ledgers import CLICK, END, NOON, START, ToldClock, book, sound_rows, spawn
from tierwise.store.database import Database
from tierwise.store.ledger import open_ledger
from tierwise.store.processes import ProcessIdentity, is_running, own_identity, parse_identity

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
FOREVER = """
import sys
from dataclasses import replace
from pathlib import Path
from store.ledgers import CLICK, END, START
from tierwise.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
while True:
    key = ledger.begin_action(CLICK)
    number = ledger.begin_attempt(replace(START, action_key=key))
    print("begun", number, flush=True)
    ledger.settle_attempt(number, END)
    print("settled", number, flush=True)
    ledger.end_action(key, "applied")
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


def killed_writers(path: Path, n_lines: int) -> dict[int, str]:
    """Let four processes book until each has said `n_lines` things, kill them, and return the last word per call."""
    writers = [spawn(FOREVER, path) for _ in range(4)]
    said: list[str] = []
    for writer in writers:
        assert writer.stdout is not None
        said += [writer.stdout.readline() for _ in range(n_lines)]
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    for writer in writers:
        assert writer.stdout is not None
        said += [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        assert writer.communicate()[1] == ""
    words = [line.split() for line in said]
    return {int(number): "begun" for word, number in words} | {
        int(number): word for word, number in words if word == "settled"
    }


def check_kills_lose_nothing(path: Path, n_rounds: int) -> None:
    acknowledged: dict[int, str] = {}
    for number in range(n_rounds):
        acknowledged |= killed_writers(path, 2 + number % 7)
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
    check_kills_lose_nothing(tmp_path / "ledger.db", n_rounds=2)


@pytest.mark.slow
def test_many_killed_writers_lose_nothing(tmp_path: Path) -> None:
    check_kills_lose_nothing(tmp_path / "ledger.db", n_rounds=125)


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
    for size in range(0, len(log) + 1, 512 * 13):
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
