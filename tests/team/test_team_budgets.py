"""One budget for several machines: held on the server, never overstepped, and kept to locally while it is gone."""

import contextlib
import itertools
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ledgers import CLICK, END, START, sound_rows, spawn
from team.proxy import Proxy
from team.running import PASSWORD, Postgres
from team.sharing import SOON_S, connected, rows_here, rows_there, spent_there, standing
from tierwise.store.admission import OverCap, Terms
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.team_budget import TeamBudget, TeamSpent, note_hold, note_late, note_offline, note_unused
from tierwise.store.team_caps import TeamCaps
from tierwise.store.team_errors import TeamError
from tierwise.store.team_outbox import origin_of
from tierwise.store.team_pushing import push
from tierwise.store.team_server import TeamServer
from tierwise.store.team_standing import read_team_standing

MOST = 4 * 10**9
SPENDER = """
import random, sys
from dataclasses import replace
from pathlib import Path
from store.ledgers import CLICK, END, START
from tierwise.store.admission import OverCap, Terms
from tierwise.store.ledger import open_ledger
from tierwise.store.team import TeamAddress, open_team_server
from tierwise.store.team_budget import TeamBudget, forget_hold, note_hold
from tierwise.store.team_caps import TeamCaps
from tierwise.store.team_outbox import origin_of
from tierwise.store.team_pushing import push
path, seed, n_requests, cap, most, url, password = Path(sys.argv[1]), *map(int, sys.argv[2:6]), *sys.argv[6:8]
chance = random.Random(seed)
ledger = open_ledger(path)
ledger.sweep()
origin = origin_of(ledger.database)
server = open_team_server(TeamAddress(url, password))
budget = TeamBudget(lambda: open_team_server(TeamAddress(url, password)), TeamCaps(day=cap, month=None), 30.0)
key = ledger.begin_action(CLICK)
for number in range(n_requests):
    wanted = chance.randrange(most // 2, most)
    hold = ledger.note_team_hold(note_hold)
    denied = budget.hold(hold, origin, wanted)
    print("no" if denied else "yes", flush=True)
    if denied:
        ledger.note_team_hold(lambda connection, _: forget_hold(connection, hold))
        continue
    call = ledger.admit(replace(START, action_key=key), Terms(most_pico_usd=wanted, team_hold=hold))
    spent = wanted if chance.random() < 0.3 else chance.randrange(wanted)
    ledger.settle_attempt(call, replace(END, cost_pico_usd=spent))
    if chance.random() < 0.5:
        push(ledger.database, server, longest_s=30.0)
push(ledger.database, server, longest_s=30.0)
budget.close()
server.close()
ledger.close()
"""


def check_never_over(
    postgres: Postgres, tmp_path: Path, n_processes: int, n_requests: int, *, is_killing: bool
) -> None:
    """Let machines spend at once, kill some, and look all the while."""
    database = postgres.new_database()
    watching = connected(postgres, database)
    cap = n_processes * n_requests * MOST // 4
    words = [str(n_requests), str(cap), str(MOST), postgres.url(database), PASSWORD]
    running = [spawn(SPENDER, tmp_path / f"{number}.db", str(number), *words) for number in range(n_processes)]
    answers = []
    for process in running:
        assert process.stdout is not None
        for line in process.stdout:
            answers.append(line.strip())
            now = standing(watching)
            assert now.day + now.day_held <= cap
            if is_killing and len(answers) == n_requests // 3:
                running[0].kill()
    ends = [process.communicate(timeout=4 * SOON_S)[1] for process in running]
    assert ends == [""] * n_processes
    assert [process.returncode for process in running] == [-9 if is_killing else 0] + [0] * (n_processes - 1)
    assert {"yes", "no"} == set(answers)
    ledgers = [open_ledger(tmp_path / f"{number}.db") for number in range(n_processes)]
    for ledger in ledgers:
        # What was begun by the killed one is taken to have cost all it might.
        ledger.sweep()
        push(ledger.database, watching)
    now = standing(watching)
    assert now.day_held == 0
    assert cap // 2 < now.day <= cap
    assert now.day == spent_there(watching)
    assert rows_there(watching) == rows_here(ledgers)
    for one in (*ledgers, watching):
        one.close()


def test_four_machines_never_overstep(postgres: Postgres, tmp_path: Path) -> None:
    check_never_over(postgres, tmp_path, 4, int(os.environ.get("TIERWISE_TEAM_REQUESTS", "15")), is_killing=False)


@pytest.mark.slow
def test_nor_when_one_of_them_dies(postgres: Postgres, tmp_path: Path) -> None:
    check_never_over(postgres, tmp_path, 4, 80, is_killing=True)


def budget_of(postgres: Postgres, database: str, *, day: int | None = None, month: int | None = None) -> TeamBudget:
    return TeamBudget(lambda: connected(postgres, database), TeamCaps(day=day, month=month), SOON_S)


@pytest.mark.parametrize(("caps", "period"), [({"day": 100}, "day"), ({"month": 100, "day": 500}, "month")])
def test_what_is_held_counts_until_the_call_is_over(
    postgres: Postgres, database: str, ledger: Ledger, server: TeamServer, caps: dict[str, int], period: str
) -> None:
    budget = budget_of(postgres, database, **caps)
    origin = origin_of(ledger.database)
    hold = ledger.note_team_hold(note_hold)
    assert budget.hold(hold, origin, 60) is None
    key = ledger.begin_action(CLICK)
    call = ledger.admit(replace(START, action_key=key), Terms(most_pico_usd=60, team_hold=hold))
    assert isinstance(call, int)
    denied = budget.hold("another", origin, 50)
    assert denied == OverCap(period=period, cap=100, spent=0, held=60, wanted=50, is_teams=True)  # type: ignore[arg-type]
    push(ledger.database, server)
    assert standing(server).day_held == 60
    ledger.settle_attempt(call, replace(END, cost_pico_usd=20))
    push(ledger.database, server)
    assert standing(server) == TeamSpent(day=20, day_held=0, month=20, month_held=0)
    assert budget.hold("third", origin, 80) is None
    assert budget.hold("fourth", origin, 1) is not None
    budget.close()


def test_what_was_held_for_nothing_is_given_back(
    postgres: Postgres, database: str, ledger: Ledger, server: TeamServer
) -> None:
    budget = budget_of(postgres, database, day=100)
    names = [ledger.note_team_hold(note_hold) for _ in range(2)]
    for name in names:
        assert budget.hold(name, "here", 50) is None
    ledger.note_team_hold(lambda connection, owner: note_unused(connection, names[0], owner))
    push(ledger.database, server)
    assert standing(server).day_held == 50
    ledger.note_team_hold(lambda connection, owner: note_late(connection, names[0], owner))
    assert budget.hold(names[0], "here", 50) is None
    push(ledger.database, server)
    assert standing(server).day_held == 50
    budget.close()


def test_a_hold_whose_process_died_is_given_back(
    postgres: Postgres, database: str, tmp_path: Path, server: TeamServer
) -> None:
    script = SPENDER.replace('print("no" if denied else "yes", flush=True)', "__import__('os')._exit(0)")
    path = tmp_path / "died.db"
    words = ["1", "5", str(10 * MOST), str(MOST), postgres.url(database), PASSWORD]
    process = spawn(script, path, *words)
    assert process.communicate(timeout=4 * SOON_S) == ("", "")
    assert standing(server).day_held > 0
    ledger = open_ledger(path)
    push(ledger.database, server)
    assert standing(server).day_held == 0
    ledger.close()


def test_a_server_that_is_gone_is_left_alone_for_a_while(postgres: Postgres, database: str) -> None:
    now = [0.0]
    with Proxy(postgres.port) as proxy:
        way = connected(postgres, database, proxy.port)
        budget = TeamBudget(lambda: way, TeamCaps(day=100, month=None), 5.0, lambda: now[0])
        assert budget.hold("a", "here", 10) is None
        proxy.set("cut")
        for _ in range(5):
            with pytest.raises(TeamError, match="cannot be reached"):
                budget.hold("b", "here", 10)
        proxy.set("open")
        n_before = proxy.n_accepted
        with pytest.raises(TeamError, match="cannot be reached"):
            budget.hold("b", "here", 10)
        assert proxy.n_accepted == n_before
        now[0] = 16.0
        assert budget.hold("b", "here", 10) is None
        budget.close()


Step = tuple[Literal["hold", "settle", "drop", "push", "cut", "open"], int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["hold", "hold", "settle", "drop", "push", "cut", "open"]), st.integers(0, 2)),
    max_size=30,
)


@dataclass
class Spender:
    """One machine with the calls it has under way."""

    ledger: Ledger
    budget: TeamBudget
    way: TeamServer
    running: list[int] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def hold(self, most: int) -> None:
        """Begin a call, with the server's word or, while it is gone, without."""
        hold = self.ledger.note_team_hold(note_hold)
        try:
            denied = self.budget.hold(hold, "origin", most)
        except TeamError:
            self.ledger.note_team_hold(lambda connection, owner: note_offline(connection, hold, owner))
        else:
            assert denied is None
        key = self.ledger.begin_action(CLICK)
        call = self.ledger.admit(replace(START, action_key=key), Terms(most_pico_usd=most, team_hold=hold))
        assert isinstance(call, int)
        self.running.append(call)
        spare = self.ledger.note_team_hold(note_hold)
        with contextlib.suppress(TeamError):
            self.budget.hold(spare, "origin", 1)
        self.unused.append(spare)

    def settle(self) -> None:
        """End a call for half of what it might have cost."""
        if self.running:
            self.ledger.settle_attempt(self.running.pop(0), replace(END, cost_pico_usd=50))

    def drop(self) -> None:
        """Give back what no call was made with."""
        for name in self.unused:
            self.ledger.note_team_hold(lambda connection, owner, name=name: note_unused(connection, name, owner))
        self.unused.clear()

    def push(self) -> None:
        """Push, if that can be done."""
        with contextlib.suppress(TeamError):
            push(self.ledger.database, self.way)


@given(steps=STEPS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_between_nothing_stays_held_and_all_is_counted(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder, database = tmp_path_factory.mktemp("machines"), postgres.emptied()
    ticks = itertools.count(step=1000.0)
    with Proxy(postgres.port) as proxy:

        def reach() -> TeamServer:
            return connected(postgres, database, proxy.port)

        budgets = [TeamBudget(reach, TeamCaps(day=10**6, month=None), SOON_S, ticks.__next__) for _ in range(3)]
        machines = [Spender(open_ledger(folder / f"{n}.db"), budget, reach()) for n, budget in enumerate(budgets)]
        for name, who in steps:
            machine = machines[who]
            match name:
                case "hold":
                    machine.hold(100)
                case "settle" | "drop" | "push":
                    getattr(machine, name)()
                case "cut" | "open":
                    proxy.set(name)
        proxy.set("open")
        n_calls = sum(len(sound_rows(machine.ledger)) for machine in machines)
        for machine in machines:
            while machine.running:
                machine.settle()
            machine.drop()
            push(machine.ledger.database, machine.way)
        assert standing(machines[0].way) == TeamSpent(day=50 * n_calls, day_held=0, month=50 * n_calls, month_held=0)
        for machine in machines:
            assert read_team_standing(machine.ledger.database).n_unreconciled == 0
            machine.budget.close()
            machine.way.close()
            machine.ledger.close()
