"""Money is held before it is spent, so that no number of windows ever spends more than was agreed."""

import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.ledgers import CLICK, END, NOON, START, ToldClock, book, sound_rows, spawn
from tierwise.routing.tiers import Tier
from tierwise.store.admission import OverCap, Terms
from tierwise.store.database import Database
from tierwise.store.ledger import Ledger, open_ledger

CAP = 10**12
MOST = 4 * 10**9
SPENDER = """
import random, sys
from dataclasses import replace
from pathlib import Path
from store.ledgers import CLICK, END, START
from tierwise.store.admission import Terms
from tierwise.store.ledger import open_ledger
path, seed, n_requests, cap, most = Path(sys.argv[1]), *map(int, sys.argv[2:6])
chance = random.Random(seed)
ledger = open_ledger(path, synchronous="normal")
ledger.sweep()
key = ledger.begin_action(CLICK)
start = replace(START, action_key=key)
for number in range(n_requests):
    wanted = chance.randrange(most // 2, most)
    admitted = ledger.admit(start, Terms(most_pico_usd=wanted, day_cap=cap, month_cap=2 * cap))
    print(type(admitted).__name__, flush=True)
    if isinstance(admitted, int):
        spent = wanted if chance.random() < 0.3 else chance.randrange(wanted)
        ledger.settle_attempt(admitted, replace(END, cost_pico_usd=spent))
ledger.close()
"""
N_PROCESSES = int(os.environ.get("TIERWISE_BUDGET_PROCESSES", "32"))
N_REQUESTS = int(os.environ.get("TIERWISE_BUDGET_REQUESTS", "200"))


def admit(ledger: Ledger, most: int, *, day: int | None = None, month: int | None = None) -> int | object:
    key = ledger.begin_action(CLICK)
    return ledger.admit(replace(START, action_key=key), Terms(most_pico_usd=most, day_cap=day, month_cap=month))


def check_never_over(path: Path, n_processes: int, n_requests: int, n_kills: int) -> None:
    chance = random.Random(n_processes)  # noqa: S311 - a test that can be repeated.
    observer = open_ledger(path)
    cap = n_processes * n_requests * MOST // 4

    running = [spawn(SPENDER, path, str(seed), str(n_requests), str(cap), str(MOST)) for seed in range(n_processes)]
    said: list[str] = []
    for number in range(n_kills):
        place = chance.randrange(n_processes)
        victim = running[place]
        assert victim.stdout is not None
        said += [victim.stdout.readline().strip() for _ in range(chance.randrange(1, 20))]
        victim.kill()
        said += victim.communicate()[0].split()
        seed = n_processes + number
        running[place] = spawn(SPENDER, path, str(seed), str(n_requests), str(cap), str(MOST))
        spent = observer.spent()
        assert spent.day + spent.held <= cap
        assert spent.month + spent.held <= 2 * cap
    for process in running:
        output, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        said += output.split()
    observer.sweep()
    spent = observer.spent()
    assert spent.held == 0
    assert cap - MOST < spent.day <= cap
    assert spent.day == sum(row.cost_pico_usd or 0 for row in sound_rows(observer))
    assert spent.day == observer.stats().total.pico_usd
    assert set(said) - {""} == {"int", "OverCap"}
    observer.close()


def test_a_few_processes_that_are_killed_never_overspend(tmp_path: Path) -> None:
    check_never_over(tmp_path / "ledger.db", n_processes=4, n_requests=40, n_kills=3)


@pytest.mark.slow
def test_many_processes_that_are_killed_never_overspend(tmp_path: Path) -> None:
    check_never_over(tmp_path / "ledger.db", N_PROCESSES, N_REQUESTS, n_kills=N_PROCESSES)


def test_what_is_held_counts_until_it_is_settled(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    first = admit(ledger, 60, day=100)
    denied = admit(ledger, 50, day=100)
    assert denied == OverCap(period="day", cap=100, spent=0, held=60, wanted=50)
    assert isinstance(first, int)
    ledger.settle_attempt(first, replace(END, cost_pico_usd=10))
    second = admit(ledger, 50, day=100)
    assert isinstance(second, int)
    assert (ledger.spent().day, ledger.spent().held) == (10, 50)
    ledger.close()


def test_a_cap_of_nothing_allows_what_is_free(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    assert isinstance(admit(ledger, 1, day=0), OverCap)
    assert isinstance(admit(ledger, 0, day=0), int)
    ledger.close()


def test_the_money_of_a_dead_process_counts_in_full(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    script = SPENDER.replace("ledger.settle_attempt(", "sys.stdin.readline(); (")
    child = spawn(script, path, "1", "1", str(CAP), str(MOST))
    assert child.stdout is not None
    assert child.stdout.readline() == "int\n"
    ledger = open_ledger(path)
    held = ledger.spent().held
    assert MOST // 2 <= held < MOST
    assert ledger.sweep() == 0
    child.kill()
    child.communicate()
    assert ledger.sweep() == 1
    assert (ledger.spent().held, ledger.spent().day) == (0, held)
    [row] = sound_rows(ledger)
    assert (row.outcome, row.cost_pico_usd, row.is_usage_estimated) == ("unknown", held, True)
    ledger.close()


@pytest.mark.parametrize(
    ("jump", "spent_day", "spent_month"),
    [
        (timedelta(0), 7, 7),
        (timedelta(hours=11), 7, 7),
        (timedelta(hours=13), 0, 7),
        (timedelta(days=31), 0, 0),
        (timedelta(hours=-13), 7, 7),
        (timedelta(days=-1), 7, 7),
        (timedelta(days=365 * 10), 0, 0),
        (timedelta(days=-365 * 10), 0, 0),
    ],
)
def test_a_clock_that_jumps(tmp_path: Path, jump: timedelta, spent_day: int, spent_month: int) -> None:
    clock = ToldClock(NOON)
    ledger = open_ledger(tmp_path / "ledger.db", clock=clock)
    book(ledger, end=replace(END, cost_pico_usd=7))
    clock.now = NOON + jump
    spent = ledger.spent()
    assert (spent.day, spent.month) == (spent_day, spent_month)
    ledger.close()


def test_the_top_tiers_share_is_that_of_thirty_days(tmp_path: Path) -> None:
    clock = ToldClock(NOON - timedelta(days=40))
    ledger = open_ledger(tmp_path / "ledger.db", clock=clock)
    book(ledger, end=replace(END, cost_pico_usd=1000), tier=Tier.TOP)
    assert ledger.spent().top_share == 1
    clock.now = NOON
    assert ledger.spent().top_share is None
    book(ledger, end=replace(END, cost_pico_usd=30))
    book(ledger, end=replace(END, cost_pico_usd=10), tier=Tier.TOP)
    assert ledger.spent().top_share == 0.25
    ledger.close()


def test_a_day_that_is_damaged_is_added_up_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    for _ in range(3):
        book(ledger)
    before = ledger.spent()
    ledger.close()
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE spending SET pico_usd = 1")
    database.close()
    ledger = open_ledger(path)
    assert ledger.spent() == before
    book(ledger)
    assert ledger.spent().day == before.day + (END.cost_pico_usd or 0)
    ledger.close()


def test_turns_are_shared_by_windows_and_given_back_by_the_dead(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    script = SPENDER.replace("Terms(", "Terms(origin='https://a', n_turns=1, ").replace(
        "ledger.settle_attempt(", "sys.stdin.readline(); ("
    )
    child = spawn(script, path, "1", "1", str(CAP), str(MOST))
    assert child.stdout is not None
    assert child.stdout.readline() == "int\n"
    ledger = open_ledger(path)
    key = ledger.begin_action(CLICK)
    terms = Terms(origin="https://a", n_turns=1)
    assert type(ledger.admit(replace(START, action_key=key), terms)).__name__ == "Busy"
    assert isinstance(ledger.admit(replace(START, action_key=key), replace(terms, origin="https://b")), int)
    child.kill()
    child.communicate()
    assert isinstance(ledger.admit(replace(START, action_key=key), terms), int)
    ledger.close()
