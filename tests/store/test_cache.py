"""The reply cache's file: what is found, for whom, how long, how much of it; and what a damaged one does."""

import random
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import apsw
import pytest

from store.ledgers import spawn
from tierwise.backends.base import Usage
from tierwise.routing.tiers import Tier
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_errors import CacheError
from tierwise.store.cache_rows import Kept

DAY_US = 86_400 * 10**6
START_US = 1_800_000_000 * 10**6


def hashed(*words: object) -> bytes:
    return blake2b(repr(words).encode(), digest_size=32).digest()


def kept(name: object, scope: object = "here", text: str = "```python\nx = 1\n```\n") -> Kept:
    """An answer to a piece of work of this name."""
    return Kept(
        key=hashed("key", name, scope),
        scope=hashed("scope", scope),
        piece=hashed("piece", name),
        task=hashed("task", name),
        tier=Tier.BULK,
        backend="zai",
        model="glm-5.1",
        form="span",
        text=text,
        usage=Usage(input_tokens=900, output_tokens=300, cached_tokens=100, reasoning_tokens=5),
        cost_pico_usd=2_720_000_000,
    )


class Clock:
    """Shows what it is told."""

    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "cache.sqlite3"


def opened(file: Path, clock: Callable[[], int], *, max_bytes: int = 2**20, days: int = 30) -> ReplyCache:
    return ReplyCache(file, max_bytes=max_bytes, max_age=timedelta(days=days), now_us=clock)


def found(cache: ReplyCache, one: Kept) -> list[str]:
    return [other.text for other in cache.find(one.scope, one.piece)]


@pytest.mark.parametrize("text", ["", "x = 1\n", "é😀\r\n\u2028", "\udc80", "\0", "x" * 100_000])
def test_what_is_kept_comes_back_as_it_was(file: Path, clock: Clock, text: str) -> None:
    cache = opened(file, clock)
    one = kept("a", text=text)
    assert cache.find(one.scope, one.piece) == ()
    assert cache.put(one)
    assert cache.find(one.scope, one.piece) == (replace(one, stored_us=START_US),)
    unknown = replace(one, key=hashed("other"), usage=None, cost_pico_usd=None)
    assert cache.put(unknown)
    cache.close()
    again = opened(file, clock)
    assert again.find(one.scope, one.piece) == tuple(replace(each, stored_us=START_US) for each in (unknown, one))
    again.close()


def test_the_same_key_has_one_answer_the_newest(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    cache.put(kept("a", text="old"))
    cache.put(kept("a", text="new"))
    assert found(cache, kept("a")) == ["new"]
    assert cache.figures().n_replies == 1
    cache.close()


def test_answers_are_dropped_by_key_by_click_and_by_piece(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    for name in "abcd":
        cache.put(kept(name))
    cache.put(kept("b", scope="elsewhere"))
    cache.drop(kept("a").key)
    assert cache.forget(kept("b").scope, kept("b").task) == 1
    assert cache.forget(kept("c").scope, kept("c").piece) == 1
    assert [found(cache, kept(name)) != [] for name in "abcd"] == [False, False, False, True]
    assert found(cache, kept("b", scope="elsewhere"))
    assert cache.clear() == 2
    assert cache.figures() == replace(cache.figures(), n_replies=0, n_hits=0, oldest_us=None)
    cache.close()


def test_an_answer_ends_with_its_age(file: Path, clock: Clock) -> None:
    cache = opened(file, clock, days=3)
    cache.put(kept("a"))
    clock.now_us += 3 * DAY_US
    assert found(cache, kept("a"))
    clock.now_us += 1
    assert not found(cache, kept("a"))
    cache.put(kept("b"))
    assert cache.figures().n_replies == 1
    cache.close()


def test_a_clock_that_was_ahead_keeps_no_answer_for_ever(file: Path, clock: Clock) -> None:
    cache = opened(file, clock, days=3)
    clock.now_us += 400 * DAY_US
    cache.put(kept("a"))
    clock.now_us = START_US
    assert not found(cache, kept("a"))
    cache.close()


def test_the_file_stays_within_its_bound_and_what_is_used_stays(file: Path, clock: Clock) -> None:
    chance = random.Random(3)  # noqa: S311 -- rows, not secrets.
    cache = opened(file, clock)
    for number in range(1500):
        clock.now_us += 10**6
        cache.put(kept(number, text=chance.randbytes(chance.randrange(200, 6000)).hex()))
        cache.note_hit(kept(0).key)
        assert cache.figures().n_bytes <= 2**20
    figures = cache.figures()
    assert figures.n_bytes > 2**19
    assert figures.n_hits == 1500
    assert found(cache, kept(0))
    assert not found(cache, kept(1))
    assert found(cache, kept(1499))
    assert file.stat().st_size <= 1.2 * 2**20
    cache.close()


def test_a_bound_that_was_lowered_shrinks_the_file(file: Path, clock: Clock) -> None:
    cache = opened(file, clock, max_bytes=4 * 2**20)
    for number in range(300):
        cache.put(kept(number, text="x" * 10_000))
    cache.close()
    before = file.stat().st_size
    cache = opened(file, clock)
    for number in range(20):
        cache.put(kept(f"new {number}"))
    cache.close()
    assert file.stat().st_size < before / 2


def test_an_answer_too_large_for_the_bound_is_not_kept(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    assert not cache.put(kept("a", text="x" * 300_000))
    assert cache.put(kept("b", text="x" * 200_000))
    cache.close()


def test_what_was_dropped_is_nowhere_in_the_file(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    cache.put(kept("a", text="a word nobody else would write" * 50))
    cache.put(kept("b"))
    cache.clear()
    cache.close()
    for each in file.parent.iterdir():
        assert b"a word nobody" not in each.read_bytes()


def test_only_its_owner_may_read_it(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    cache.put(kept("a"))
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    cache.close()
    assert set(modes.values()) == {0o600}
    assert len(modes) == 4
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


N_TENANTS = 50


@pytest.mark.parametrize("n_lookups", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_lookups_of_fifty_tenants_never_cross(file: Path, clock: Clock, n_lookups: int) -> None:
    """Tenants ask nearly the same; even a tenant who knows another's piece and key is given only what is theirs."""
    chance = random.Random(25)  # noqa: S311 -- rows, not secrets.
    cache = opened(file, clock, max_bytes=64 * 2**20)
    names = [f"document add{chance.choice(('', ' ', 'e'))}{number // 3}" for number in range(60)]
    mine: dict[tuple[int, str], str] = {}
    for tenant in range(N_TENANTS):
        for name in set(names):
            if chance.random() < 0.5:
                mine[tenant, name] = f"{tenant}: {name}"
                cache.put(kept(name, scope=tenant, text=mine[tenant, name]))
    n_hits = 0
    for _ in range(n_lookups):
        tenant, name = chance.randrange(N_TENANTS), chance.choice(names)
        texts = found(cache, kept(name, scope=tenant))
        assert texts == ([mine[tenant, name]] if (tenant, name) in mine else [])
        n_hits += len(texts)
    cache.close()
    assert 0.4 < n_hits / n_lookups < 0.6


def test_a_key_that_is_somebody_elses_takes_nothing_from_them(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    theirs = kept("a", scope="theirs")
    cache.put(theirs)
    assert cache.find(hashed("scope", "mine"), theirs.piece) == ()
    assert cache.forget(hashed("scope", "mine"), theirs.task) == 0
    cache.close()


def test_several_windows_share_one_file(file: Path, clock: Clock) -> None:
    windows = [opened(file, clock) for _ in range(4)]
    for number in range(40):
        windows[number % 4].put(kept(number))
    for window in windows:
        assert all(found(window, kept(number)) for number in range(40))
        window.close()


def test_a_file_that_is_deleted_under_us_is_made_anew(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    cache.put(kept("a"))
    file.unlink()
    assert not found(cache, kept("a"))
    cache.put(kept("b"))
    other = opened(file, clock)
    assert found(other, kept("b"))
    other.close()
    cache.close()


def usable(cache: ReplyCache, one: Kept) -> None:
    """Whatever was there, it gives the right answer or none, says so in a sentence, and can be written."""
    for _ in range(2):
        try:
            assert found(cache, one) in ([], [one.text])
            assert cache.put(one)
            assert found(cache, one) == [one.text]
        except CacheError as err:
            if err.code != "damaged" or "begun anew" not in err.words:
                raise
        else:
            return
    raise AssertionError("still damaged after it was begun anew")


def filled(file: Path, clock: Clock) -> bytes:
    """The bytes of a file with some answers."""
    cache = opened(file, clock)
    for number in range(40):
        cache.put(kept(number, text=f"answer {number} " * 100))
    cache.close()
    return file.read_bytes()


@pytest.mark.slow
def test_no_flipped_bit_is_served(file: Path, clock: Clock) -> None:
    whole, chance = filled(file, clock), random.Random(4)  # noqa: S311 -- bits, not secrets.
    one = kept(7, text="answer 7 " * 100)
    for _ in range(400):
        harmed = bytearray(whole)
        harmed[chance.randrange(len(harmed))] ^= 1 << chance.randrange(8)
        file.write_bytes(harmed)
        cache = opened(file, clock)
        try:
            usable(cache, one)
        except CacheError as err:
            if err.code not in ("foreign", "newer-schema"):
                raise
            # The bit stood in the file's mark or its version.
            file.unlink()
        finally:
            cache.close()


def test_a_file_cut_short_at_any_page_is_begun_anew(file: Path, clock: Clock) -> None:
    whole = filled(file, clock)
    one = kept(7, text="answer 7 " * 100)
    for size in [*range(0, len(whole), 4096), 1, 99, 5000, len(whole) - 1]:
        file.write_bytes(whole[:size])
        cache = opened(file, clock)
        usable(cache, one)
        cache.close()


def test_two_windows_that_find_it_damaged_begin_one_new_file(file: Path, clock: Clock) -> None:
    filled(file, clock)
    windows = [opened(file, clock) for _ in range(2)]
    for window in windows:
        assert found(window, kept(7))
    with file.open("r+b") as raw:
        raw.write(b"garbage" * 3000)
    for window in windows:
        usable(window, kept("a"))
    assert found(windows[0], kept("a"))
    for window in windows:
        window.close()


_WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from store.test_cache import kept
from tierwise.store.cache import ReplyCache
cache = ReplyCache(Path(sys.argv[1]), max_bytes=2**28, max_age=timedelta(days=30))
number = int(sys.argv[2])
while True:
    cache.put(kept(number, text=f"answer {number} " * 200))
    print(number, flush=True)
    number += 4
"""


def cut_off(file: Path, n_rounds: int) -> None:
    """Kill writers in the middle; what they said they wrote is there, and nothing else is wrong."""
    chance = random.Random(9)  # noqa: S311 -- moments, not secrets.
    for _ in range(n_rounds):
        writers = [spawn(_WRITER, file, str(number)) for number in range(2)]
        told: list[int] = []
        for writer in writers:
            assert writer.stdout is not None
            told += [int(writer.stdout.readline()) for _ in range(chance.randrange(1, 40))]
        for writer in writers:
            writer.kill()
            writer.communicate()
        cache = ReplyCache(file, max_bytes=2**28, max_age=timedelta(days=30))
        for number in told[-20:]:
            assert found(cache, kept(number)) == [f"answer {number} " * 200]
        cache.close()
    connection = apsw.Connection(str(file))
    assert connection.pragma("integrity_check") == "ok"
    connection.close()


def test_a_writer_that_is_killed_leaves_a_sound_file(file: Path) -> None:
    cut_off(file, 1)


@pytest.mark.slow
def test_writers_that_are_killed_again_and_again_leave_a_sound_file(file: Path) -> None:
    cut_off(file, 12)


def test_a_full_disk_is_a_sentence(file: Path, clock: Clock) -> None:
    cache = opened(file, clock)
    cache.put(kept("a"))
    limited = cache._connection
    assert limited is not None
    limited.pragma("max_page_count", 1)
    with pytest.raises(CacheError, match="the disk is full") as caught:
        cache.put(kept("b", text="x" * 200_000))
    assert caught.value.code == "disk-full"
    assert found(cache, kept("a"))
    cache.close()
