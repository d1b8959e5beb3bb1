"""Servers for the tests of a team, one of each kind for a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from team.running import Postgres, Redis, running_postgres, running_redis
from team.sharing import connected
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.team_server import TeamServer


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Redis]:
    """A real Redis."""
    with running_redis() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.new_database()


@pytest.fixture
def server(postgres: Postgres, database: str) -> Iterator[TeamServer]:
    """The way to it."""
    made = connected(postgres, database)
    yield made
    made.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    made = open_ledger(tmp_path / "ledger.db")
    yield made
    made.close()
