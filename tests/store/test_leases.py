"""Leases: one owner at a time, for a while, and never a dead one's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from store.ledgers import spawn
from tierwise.store.cache import ReplyCache
from tierwise.store.processes import own_identity

LONG_S = 600.0
HERE, WORK = b"here", b"work"
TAKES = """
import os, sys
from datetime import timedelta
from pathlib import Path
from tierwise.store.cache import ReplyCache
cache = ReplyCache(Path(sys.argv[1]), max_bytes=2**20, max_age=timedelta(days=1))
print(cache.take_lease(b"here", b"work", 600.0) is not None, flush=True)
sys.stdin.readline()
os._exit(9)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


@pytest.fixture
def windows(file: Path) -> Iterator[tuple[ReplyCache, ReplyCache]]:
    """Two connections to one file."""
    made = ReplyCache(file, max_bytes=2**20, max_age=timedelta(days=1))
    also = ReplyCache(file, max_bytes=2**20, max_age=timedelta(days=1))
    yield made, also
    made.close()
    also.close()


def test_a_lease_has_one_owner_until_it_is_given_back(windows: tuple[ReplyCache, ReplyCache]) -> None:
    one, two = windows
    token = one.take_lease(HERE, WORK, LONG_S)
    assert token
    assert two.take_lease(HERE, WORK, LONG_S) is None
    assert two.take_lease(b"elsewhere", WORK, LONG_S)
    assert two.take_lease(HERE, b"other work", LONG_S)
    one.give_back_lease(HERE, WORK, token)
    assert two.take_lease(HERE, WORK, LONG_S)


def test_a_lease_ends_with_its_time_and_is_then_not_given_back_for_another(
    windows: tuple[ReplyCache, ReplyCache],
) -> None:
    one, two = windows
    late = one.take_lease(HERE, WORK, 0.0)
    assert late
    assert two.take_lease(HERE, WORK, LONG_S)
    one.give_back_lease(HERE, WORK, late)
    assert one.take_lease(HERE, WORK, LONG_S) is None


def test_a_lease_ends_with_its_process(file: Path, windows: tuple[ReplyCache, ReplyCache]) -> None:
    child = spawn(TAKES, file)
    assert child.stdout is not None
    assert child.stdout.readline() == "True\n"
    assert windows[0].take_lease(HERE, WORK, LONG_S) is None
    child.communicate("\n")
    assert child.returncode == 9
    assert windows[0].take_lease(HERE, WORK, LONG_S)


@pytest.mark.parametrize(
    ("owner", "is_free"),
    [
        (str(own_identity()), False),
        (str(replace(own_identity(), namespace="pid:[1]")), False),
        (str(replace(own_identity(), boot="11111111-2222-3333-4444-555555555555")), True),
        (str(replace(own_identity(), started="1")), True),
        ("nonsense", True),
        ("\0", True),
    ],
    ids=["itself", "another container", "an earlier boot", "a number given out again", "nonsense", "a flipped bit"],
)
def test_whose_lease_counts(file: Path, windows: tuple[ReplyCache, ReplyCache], owner: str, is_free: bool) -> None:
    windows[0].take_lease(HERE, WORK, LONG_S)
    connection = apsw.Connection(str(file))
    connection.execute("UPDATE leases SET owner = ?", (owner.encode() + b"\xff" * ("\0" in owner),))
    connection.close()
    assert (windows[1].take_lease(HERE, WORK, LONG_S) is not None) == is_free


def test_a_file_made_before_there_were_leases_gets_them(file: Path) -> None:
    ReplyCache(file, max_bytes=2**20, max_age=timedelta(days=1)).figures()
    connection = apsw.Connection(str(file))
    connection.execute("DROP TABLE leases")
    connection.close()
    cache = ReplyCache(file, max_bytes=2**20, max_age=timedelta(days=1))
    assert cache.take_lease(HERE, WORK, LONG_S)
    cache.close()
