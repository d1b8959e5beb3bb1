"""Three machines and one server: whatever happens in between, every row is there once."""

import contextlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ledgers import CLICK, END, START, book, fill
from team.proxy import Proxy
from team.running import Postgres
from team.sharing import SOON_S, connected, rows_here, rows_there, spent_here, spent_there
from tierwise.routing.tiers import Tier
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.opening import PAGE_BYTES
from tierwise.store.rows import CacheHit, Fate
from tierwise.store.tables import ACTIONS
from tierwise.store.team_errors import TeamError
from tierwise.store.team_pulling import Pulled, pull
from tierwise.store.team_pushing import push
from tierwise.store.team_server import TeamServer


def click_through(ledger: Ledger) -> None:
    """One click with everything that can be booked of it."""
    key = ledger.begin_action(CLICK)
    first = ledger.begin_attempt(replace(START, action_key=key))
    ledger.settle_attempt(first, replace(END, outcome="rejected", code="parses"))
    second = ledger.begin_attempt(replace(START, action_key=key, tier=Tier.TOP, planned="escalated"))
    ledger.settle_attempt(second, END)
    ledger.end_action(key, "proposed")
    kept = CacheHit(action_key=key, kind="exact", tier=Tier.BULK, backend="zai", model="glm-5.1", saved_pico_usd=7)
    ledger.book_cache_hit(kept)
    ledger.end_action(key, "applied")
    ledger.book_fates([Fate(action_key=key, fate="kept", tier=Tier.BULK, backend="zai", model="glm-5.1")])


def own_keys(path: Path, number: int) -> None:
    """Give the clicks of a filled ledger keys that no other has."""
    database = Database(path, "normal")
    with database.write() as connection:
        for row in ACTIONS.sound_rows(connection, 1, ACTIONS.last_id(connection)):
            ACTIONS.rewrite(connection, row, {"key": f"{number}{row[1][1:]}"})
    database.close()


def test_rows_arrive_once_and_go_on_there(ledger: Ledger, server: TeamServer) -> None:
    click_through(ledger)
    open_call = book(ledger, end=None)
    first = push(ledger.database, server)
    assert (first.n_rows, first.n_changed) == (7, 7)
    assert push(ledger.database, server).n_rows == 0
    assert ledger.settle_attempt(open_call, END)
    assert push(ledger.database, server).n_changed == 1
    assert rows_there(server) == rows_here([ledger])
    assert spent_there(server) == spent_here([ledger]) == 3 * (END.cost_pico_usd or 0)


def test_the_copy_of_the_team_says_what_all_ledgers_say_together(tmp_path: Path, server: TeamServer) -> None:
    ledgers = [open_ledger(tmp_path / f"{name}.db") for name in "abc"]
    for number, one in enumerate(ledgers):
        click_through(one)
        push(one.database, server)
        one.close()
        fill(tmp_path / f"more{number}.db", 600, seed=number)
        own_keys(tmp_path / f"more{number}.db", number)
    ledgers = [open_ledger(path) for path in sorted(tmp_path.glob("*.db"))]
    copy = Database(tmp_path / "team.sqlite3", "normal")
    n_fetched = 0
    for one in ledgers:
        push(one.database, server)
        n_fetched += pull(copy, server, 1).n_rows
    assert n_fetched == 3 * 5 + 3 * (600 + 3 * 300)
    assert pull(copy, server, 1) == Pulled(0, 0)
    team = open_ledger(copy.path)
    for by in ("tier", "model", "action", "language", "workspace", "day"):
        together, groups = team.stats(), team.grouped(by).groups
        singly = [one.stats() for one in ledgers]
        assert together.total.pico_usd == sum(one.total.pico_usd for one in singly)
        assert together.actions.n_actions == sum(one.actions.n_actions for one in singly)
        assert together.hits.saved_pico_usd == sum(one.hits.saved_pico_usd for one in singly)
        assert together.fates.n_kept == sum(one.fates.n_kept for one in singly)
        assert set(groups) == {name for one in ledgers for name in one.grouped(by).groups}
    assert together.n_damaged_rows == 0
    for one in (*ledgers, team):
        one.close()
    copy.close()


def test_what_was_fetched_goes_on_with_its_ledger(tmp_path: Path, ledger: Ledger, server: TeamServer) -> None:
    number = book(ledger, end=None)
    push(ledger.database, server)
    copy = Database(tmp_path / "team.sqlite3", "normal")
    pull(copy, server, 1)
    team = open_ledger(copy.path)
    assert team.stats().total.n_running == 1
    ledger.settle_attempt(number, END)
    push(ledger.database, server)
    assert pull(copy, server, 2).n_rows == 1
    assert (team.stats().total.n_running, team.stats().total.pico_usd) == (0, END.cost_pico_usd)
    team.close()
    copy.close()


Step = tuple[Literal["book", "begin", "settle", "apply", "push", "cut", "silent", "open"], int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["book", "book", "begin", "settle", "apply", "push", "push", "cut", "silent", "open"]),
              st.integers(0, 2)),
    max_size=30,
)  # fmt: skip


@given(steps=STEPS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_between_the_server_has_the_union(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    check_union(postgres, tmp_path_factory.mktemp("ledgers"), steps)


@pytest.mark.slow
@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_more_of_the_same(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    check_union(postgres, tmp_path_factory.mktemp("ledgers"), steps)


def check_union(postgres: Postgres, folder: Path, steps: list[Step]) -> None:
    """Take the steps, then let everything arrive."""
    database = postgres.emptied()
    ledgers = [open_ledger(folder / f"{number}.db") for number in range(3)]
    open_calls: list[list[int]] = [[], [], []]
    proposed: list[list[str]] = [[], [], []]
    with Proxy(postgres.port) as proxy:
        ways = [connected(postgres, database, proxy.port) for _ in range(3)]
        for name, who in steps:
            ledger = ledgers[who]
            match name:
                case "book":
                    book(ledger)
                case "begin":
                    open_calls[who].append(book(ledger, end=None))
                    proposed[who].append(ledger.begin_action(CLICK))
                    ledger.end_action(proposed[who][-1], "proposed")
                case "settle" if open_calls[who]:
                    ledger.settle_attempt(open_calls[who].pop(), END)
                case "apply" if proposed[who]:
                    ledger.end_action(proposed[who].pop(), "applied")
                case "push":
                    try_to_push(ledger, ways[who])
                case "cut" | "silent" | "open":
                    proxy.set(name)
        proxy.set("open")
        for ledger, way in zip(ledgers, ways, strict=True):
            push(ledger.database, way, longest_s=SOON_S)
        assert rows_there(ways[0]) == rows_here(ledgers)
        assert spent_there(ways[0]) == spent_here(ledgers)
        for one in (*ways, *ledgers):
            one.close()


def try_to_push(ledger: Ledger, way: TeamServer) -> None:
    """Push, or learn that it cannot be done now."""
    with contextlib.suppress(TeamError):
        push(ledger.database, way, longest_s=0.2)


def test_a_server_made_anew_is_told_everything_again(ledger: Ledger, server: TeamServer) -> None:
    click_through(ledger)
    push(ledger.database, server)
    with server.transaction(SOON_S) as remote:
        remote.execute("DROP SCHEMA tierwise CASCADE")
    server.close()
    book(ledger)
    push(ledger.database, server)
    assert rows_there(server) == rows_here([ledger])


def test_a_server_set_back_is_told_again_what_it_forgot(tmp_path: Path, ledger: Ledger, server: TeamServer) -> None:
    click_through(ledger)
    push(ledger.database, server)
    copy = Database(tmp_path / "team.sqlite3", "normal")
    pull(copy, server, 1)
    with server.transaction(SOON_S) as remote:
        remote.execute("DELETE FROM tierwise.attempts")
        remote.execute("SELECT setval('tierwise.changes', 2)")
    push(ledger.database, server)
    assert rows_there(server) == rows_here([ledger])
    pull(copy, server, 2)
    team = open_ledger(copy.path)
    assert team.stats().total.n_calls == 2
    team.close()
    copy.close()


def test_a_ledger_copied_to_another_machine_doubles_nothing(tmp_path: Path, ledger: Ledger, server: TeamServer) -> None:
    click_through(ledger)
    push(ledger.database, server)
    click_through(ledger)
    ledger.close()
    shutil.copyfile(tmp_path / "ledger.db", tmp_path / "laptop.db")
    both = [open_ledger(tmp_path / name) for name in ("ledger.db", "laptop.db")]
    for one in both:
        book(one)
        push(one.database, server)
    assert [len(rows) for rows in rows_there(server).values()] == [4, 6, 2, 2]
    for one in both:
        one.close()


def wipe_a_page(path: Path) -> None:
    """Put zeros over the last page of the calls."""
    connection = apsw.Connection(str(path))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'attempts'").get
    connection.close()
    with path.open("r+b") as file:
        # An inner page, which begins with a 5, names its last child behind its first eight bytes.
        file.seek(PAGE_BYTES * (root - 1))
        while (head := file.read(12))[0] == 5:
            page = int.from_bytes(head[8:], "big")
            file.seek(PAGE_BYTES * (page - 1))
        file.seek(-len(head), os.SEEK_CUR)
        file.write(bytes(PAGE_BYTES))


def test_rows_saved_from_a_damaged_file_are_not_doubled(tmp_path: Path, server: TeamServer) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 700)
    ledger = open_ledger(path)
    push(ledger.database, server)
    before = rows_there(server)
    ledger.close()
    wipe_a_page(path)
    ledger = open_ledger(path)
    # Whoever reads the damaged page has the file replaced.
    with pytest.raises(LedgerError, match="damaged"):
        list(ledger.attempt_rows())
    book(ledger)
    push(ledger.database, server)
    after = rows_there(server)
    assert len(after["attempts"]) == len(before["attempts"]) + 1
    keys = [row[:3] for row in after["attempts"]]
    assert len(set(keys)) == len(keys)
    ledger.close()


def test_words_that_may_quote_code_stay_here(tmp_path: Path, server: TeamServer) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", keep_details=True)
    book(ledger, end=replace(END, outcome="rejected", code="parses", detail="secret code"), reason_words="secret code")
    push(ledger.database, server)
    assert "secret code" not in str(rows_there(server))
    ledger.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tierwise.attempts SET cost_pico_usd = 1",
        "UPDATE tierwise.attempts SET model = E'a\\u001b[31m'",
        "UPDATE tierwise.attempts SET tier = 'golden'",
    ],
)
def test_what_was_changed_on_the_server_is_refused(
    tmp_path: Path, ledger: Ledger, server: TeamServer, change: str
) -> None:
    book(ledger)
    push(ledger.database, server)
    with server.transaction(SOON_S) as remote:
        remote.execute(change.encode())
    copy = Database(tmp_path / "team.sqlite3", "normal")
    assert pull(copy, server, 1) == Pulled(1, 1)
    copy.close()
