"""Rows go to the server by themselves; while it is gone work goes on, and it is said once."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from store.ledgers import book
from team.proxy import Proxy
from team.running import Postgres
from team.sharing import SOON_S, connected, rows_here, rows_there
from tierwise.store.ledger import open_ledger
from tierwise.store.team_errors import TeamError
from tierwise.store.team_pusher import Pusher
from tierwise.store.team_pushing import push
from tierwise.store.team_standing import read_team_standing


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again; the servers and threads are real."""
    pause = threading.Event()
    for _ in range(int(SOON_S / 0.02)):
        if is_so():
            return
        pause.wait(0.02)
    raise AssertionError("it never came to that")


def test_rows_go_by_themselves_and_after_an_outage_too(tmp_path: Path, postgres: Postgres) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    database = postgres.new_database()
    own = connected(postgres, database)
    with Proxy(postgres.port) as proxy:
        pusher = Pusher(ledger.database, lambda: connected(postgres, database, proxy.port), batch_s=0.5)
        book(ledger)
        pusher.wake()
        wait_until(lambda: read_team_standing(ledger.database).n_waiting == 0)
        proxy.set("cut")
        book(ledger)
        pusher.wake()
        wait_until(lambda: pusher.problem is not None)
        standing = read_team_standing(ledger.database)
        assert "2 rows wait for the team's server since" in standing.words
        assert "cannot be reached" in standing.words
        assert len(rows_there(own)["attempts"]) == 1
        proxy.set("open")
        wait_until(lambda: read_team_standing(ledger.database).words == "")
        assert rows_there(own) == rows_here([ledger])
        pusher.close(SOON_S)
    own.close()
    ledger.close()


def test_the_end_of_a_process_sends_what_is_left(tmp_path: Path, postgres: Postgres) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    database = postgres.new_database()
    pusher = Pusher(ledger.database, lambda: connected(postgres, database))
    book(ledger)
    pusher.wake()
    pusher.close(SOON_S)
    own = connected(postgres, database)
    assert rows_there(own) == rows_here([ledger])
    own.close()
    ledger.close()


def test_a_server_that_hangs_keeps_nobody(tmp_path: Path, postgres: Postgres) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    with Proxy(postgres.port) as proxy:
        proxy.set("silent")
        pusher = Pusher(ledger.database, lambda: connected(postgres, "postgres", proxy.port), batch_s=0.2)
        book(ledger)
        pusher.wake()
        wait_until(lambda: pusher.problem is not None)
        assert "in time" in (pusher.problem or "")
        pusher.close(SOON_S)
    ledger.close()


def test_the_real_server_stops_and_starts_again(tmp_path: Path, postgres: Postgres) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    way = connected(postgres, postgres.new_database())
    book(ledger)
    push(ledger.database, way)
    postgres.stop()
    book(ledger)
    with pytest.raises(TeamError, match="cannot be reached"):
        push(ledger.database, way)
    postgres.start()
    push(ledger.database, way)
    assert rows_there(way) == rows_here([ledger])
    way.close()
    ledger.close()
