"""Answers shared through Redis: never another tenant's or repository's, never made up, never waited for."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import CODE, DOCUMENTED, Project, fenced, outcomes
from team.proxy import Proxy, State
from team.running import PASSWORD, Redis, free_port
from tierwise.backends.base import Usage
from tierwise.config.cache_options import CacheOptions
from tierwise.config.team_options import TeamCacheOptions
from tierwise.dispatch import Proposal, Refusal, Task, run_action
from tierwise.dispatch.repositories import plain_remote
from tierwise.dispatch.team_replies import TeamReplies
from tierwise.dispatch.team_servers import cache_address, cache_secret
from tierwise.routing.tiers import Tier
from tierwise.store.cache_redis import TeamCache
from tierwise.store.cache_rows import Kept
from tierwise.store.team_address import TeamAddress
from tierwise.store.team_cache import CacheTerms, open_team_cache
from tierwise.store.team_errors import TeamError
from tierwise.text import Span

SECRET = b"a secret of sixteen or more"
TERMS = CacheTerms(tenant="acme", secret=SECRET, max_entry_bytes=10_000, max_age=timedelta(days=14), timeout_s=30.0)
DAY_US = 86_400 * 10**6
KEPT = Kept(
    key=b"k" * 32, scope=b"repository", piece=b"piece", task=b"task", tier=Tier.BULK, backend="zai", model="glm",
    form="whole", text="x = 'é\ud800'\n", usage=Usage(input_tokens=5, output_tokens=7), cost_pico_usd=11,
)  # fmt: skip


@pytest.fixture
def cache(redis_server: Redis) -> Iterator[TeamCache]:
    with redis_server.client() as client:
        client.flushall()
    made = open_team_cache(TeamAddress(redis_server.url, PASSWORD), TERMS)
    yield made
    made.close()


def other(cache: TeamCache, now_us: int | None = None, **changes: Any) -> TeamCache:
    """The same server under other terms."""
    clock = (lambda: time.time_ns() // 1000) if now_us is None else (lambda: now_us)
    return TeamCache(cache.address, replace(TERMS, **changes), clock)


def test_what_was_put_is_found_whole(cache: TeamCache) -> None:
    assert cache.put(KEPT)
    (found,) = cache.find(KEPT.scope, KEPT.piece)
    assert replace(found, stored_us=0) == KEPT
    cache.drop(KEPT)
    assert cache.find(KEPT.scope, KEPT.piece) == ()
    cache.put(KEPT)
    cache.forget(KEPT.scope, KEPT.piece)
    assert cache.find(KEPT.scope, KEPT.piece) == ()


def test_it_is_bounded_in_size_number_and_time(cache: TeamCache, redis_server: Redis) -> None:
    assert not cache.put(replace(KEPT, text="x" * 10_000))
    for number in range(12):
        other(cache, now_us=time.time_ns() // 1000 + number).put(replace(KEPT, key=bytes([number]) * 32))
    assert [kept.key[0] for kept in cache.find(KEPT.scope, KEPT.piece)] == list(range(11, 3, -1))
    later = other(cache, now_us=time.time_ns() // 1000 + 15 * DAY_US)
    assert later.find(KEPT.scope, KEPT.piece) == ()
    before = other(cache, now_us=time.time_ns() // 1000 - 2 * DAY_US)
    assert before.find(KEPT.scope, KEPT.piece) == ()
    with redis_server.client() as client:
        name = cache.name_of(KEPT.scope, KEPT.piece)
        assert name.startswith("tierwise:acme:")
        assert 13 * DAY_US < 1000 * int(client.pttl(name)) <= 14 * DAY_US


@pytest.mark.parametrize("what", ["edited", "cut", "moved", "unsigned", "another-secret", "another-field", "rubbish"])
def test_what_nobody_of_the_team_wrote_is_not_served(cache: TeamCache, redis_server: Redis, what: str) -> None:
    cache.put(KEPT)
    name, field = cache.name_of(KEPT.scope, KEPT.piece), KEPT.key.hex()
    with redis_server.client() as client:
        entry = client.hget(name, field)
        assert isinstance(entry, bytes)
        match what:
            case "edited":
                entry = entry.replace(b"zai", b"zaj")
            case "cut":
                entry = entry[:20]
            case "moved":
                name = cache.name_of(KEPT.scope, b"other")
            case "unsigned":
                other(cache, secret=b"").put(KEPT)
            case "another-secret":
                other(cache, secret=b"another secret of the like").put(KEPT)
            case "another-field":
                field = (b"j" * 32).hex()
            case _:
                entry = b"\xff" * 100
        client.hdel(name, KEPT.key.hex())
        client.hset(name, field, entry)  # type: ignore[arg-type]
    if what in ("unsigned", "another-secret"):
        # Their names are others too; an entry carried over by hand is not believed.
        wrong = other(cache, secret=b"" if what == "unsigned" else b"another secret of the like")
        with redis_server.client() as client:
            stolen = client.hget(wrong.name_of(KEPT.scope, KEPT.piece), KEPT.key.hex())
            client.hset(name, KEPT.key.hex(), stolen)  # type: ignore[arg-type]
    assert cache.find(KEPT.scope, b"other" if what == "moved" else KEPT.piece) == ()


def check_tenants(cache: TeamCache, n_lookups: int, n_tenants: int) -> None:
    """Every tenant asks for what every tenant has, by nearly the same names, and gets its own only."""
    n_pieces = 20
    tenants = [other(cache, tenant=f"team{number:02}") for number in range(n_tenants)]
    # Every second piece of work is known, and of every tenant another half.
    for number, tenant in enumerate(tenants):
        for piece in range(number % 2, n_pieces, 2):
            tenant.put(replace(KEPT, piece=f"piece{piece}".encode(), text=f"{number}/{piece}"))
    n_hits = n_done = 0
    while n_done < n_lookups:
        for number, tenant in enumerate(tenants):
            places = [(KEPT.scope, f"piece{piece}".encode()) for piece in range(n_pieces)] * 10
            for place, found in enumerate(tenant.find_all(places)):
                piece = place % n_pieces
                assert [kept.text for kept in found] == ([f"{number}/{piece}"] if piece % 2 == number % 2 else [])
                n_hits += len(found)
            n_done += len(places)
    assert n_hits * 2 == n_done
    for tenant in tenants:
        tenant.close()


def test_tenants_never_meet(cache: TeamCache) -> None:
    check_tenants(cache, 10_000, 50)


@pytest.mark.slow
def test_tenants_never_meet_in_a_hundred_thousand_lookups(cache: TeamCache) -> None:
    check_tenants(cache, 100_000, 50)


@pytest.mark.parametrize(("password", "code"), [("wrong", "wrong-password"), ("", "wrong-password")])
def test_a_wrong_password_is_a_sentence(redis_server: Redis, password: str, code: str) -> None:
    cache = open_team_cache(TeamAddress(redis_server.url, password), TERMS)
    with pytest.raises(TeamError, match="password") as caught:
        cache.ping()
    assert caught.value.code == code
    cache.close()


def test_a_full_server_and_one_of_another_kind_are_sentences(cache: TeamCache, redis_server: Redis) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", "1mb")
        client.config_set("maxmemory-policy", "noeviction")
        with pytest.raises(TeamError, match="is full") as caught:
            cache.put(KEPT)
        client.config_set("maxmemory", "0")
        assert caught.value.code == "full"
        client.set(cache.name_of(KEPT.scope, KEPT.piece), "not a hash")
    with pytest.raises(TeamError, match="cannot be used"):
        cache.find(KEPT.scope, KEPT.piece)


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://x", "bad-address"), ("redis://cache.example.com:6379", "unencrypted"), ("", "no-address")],
)
def test_a_wrong_address_is_a_sentence(url: str, code: str) -> None:
    with pytest.raises(TeamError) as caught:
        cache_address(TeamCacheOptions(url_env="URL"), {"URL": url})
    assert caught.value.code == code
    assert cache_address(TeamCacheOptions(url_env="URL"), {"URL": "rediss://c.example.com"}).url


def test_a_short_secret_is_refused() -> None:
    assert cache_secret(TeamCacheOptions()) == b""
    with pytest.raises(TeamError, match="16 characters"):
        cache_secret(TeamCacheOptions(secret_env="S"), {"S": "short"})


# What the dispatcher makes of it.


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def replies_at(port: int, clock: Clock, told: list[str], timeout_ms: int = 5000) -> TeamReplies:
    team = TeamCacheOptions(url=f"redis://127.0.0.1:{port}/0", password_env="TIERWISE_TEST_TEAM_PASSWORD")
    options = CacheOptions(team=team.model_copy(update={"timeout_ms": timeout_ms}))
    return TeamReplies(options, told.append, clock)


@pytest.mark.parametrize(("state", "timeout_ms"), [("cut", 5000), ("silent", 100)])
async def test_a_server_that_is_gone_is_left_alone_and_comes_back(
    cache: TeamCache, redis_server: Redis, monkeypatch: pytest.MonkeyPatch, state: State, timeout_ms: int
) -> None:
    monkeypatch.setenv("TIERWISE_TEST_TEAM_PASSWORD", PASSWORD)
    clock, told = Clock(), list[str]()
    place = (KEPT.scope, KEPT.piece)
    other(cache, tenant="default", secret=b"").put(KEPT)
    with Proxy(redis_server.port) as proxy:
        replies = replies_at(proxy.port, clock, told, timeout_ms)
        proxy.set(state)
        assert await replies.find(place) == ()
        assert told
        assert not replies.is_on
        n_before = proxy.n_accepted
        for _ in range(50):
            assert await replies.find(place) == ()
        assert proxy.n_accepted == n_before
        proxy.set("open")
        found: tuple[Kept, ...] = ()
        for _ in range(100):
            # On a busy machine a tenth of a second may not do at the first time.
            clock.now += 1000.0
            found = found or await replies.find(place)
        assert [kept.text for kept in found] == [KEPT.text]
        await replies.aclose()


async def test_what_was_not_kept_is_forgotten_there_even_after_an_outage(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERWISE_TEST_TEAM_PASSWORD", PASSWORD)
    clock, told = Clock(), list[str]()
    place = (KEPT.scope, KEPT.piece)
    with Proxy(redis_server.port) as proxy:
        replies = replies_at(proxy.port, clock, told)
        replies.share(KEPT)
        await replies.settled()
        assert await replies.find(place)
        proxy.set("cut")
        replies.note(b"click", place)
        replies.forget(b"click")
        proxy.set("open")
        clock.now = 1000.0
        assert await replies.find(place) == ()
        await replies.aclose()
    with redis_server.client() as client:
        clock.now = 2000.0
        again = replies_at(redis_server.port, clock, told)
        assert await again.find(place) == ()
        await again.aclose()
        assert client.exists("x") == 0


@pytest.mark.parametrize(
    ("remote", "plain"),
    [
        ("git@GitHub.com:acme/tools.git", "github.com/acme/tools"),
        ("ssh://git@github.com:22/acme/tools.git/", "github.com/acme/tools"),
        ("https://ann:token@github.com/acme/tools", "github.com/acme/tools"),
        ("github.com:acme/tools", "github.com/acme/tools"),
        ("file:///srv/tools.git", None),
        ("/srv/tools.git", None),
        ("../tools", None),
        ("https://", None),
    ],
)
def test_one_repository_has_one_name(remote: str, plain: str | None) -> None:
    assert plain_remote(remote) == plain


GOOD = {"when": "document", "reply": fenced(DOCUMENTED)}
REMOTE = "git@git.example.com:acme/tools.git"


def machine(folder: Path, server: Redis, script: Path, remote: str = REMOTE, more: str = "") -> Project:
    """A machine with a clone, whose models are the same as everybody's."""
    folder.mkdir()
    own = f"[cache.team]\nurl = '{server.url}'\npassword_env = 'TIERWISE_TEST_TEAM_PASSWORD'\ntimeout_ms = 5000\n{more}"
    settings = {"backends": {"demo": {"type": "scripted", "script": str(script)}}}
    project = Project(folder, settings=settings, own_file=own)
    subprocess.run(["git", "init", "-q", str(project.work)], check=True)
    subprocess.run(["git", "-C", str(project.work), "remote", "add", "origin", remote], check=True)
    return project


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_server: Redis) -> Path:
    monkeypatch.setenv("TIERWISE_TEST_TEAM_PASSWORD", PASSWORD)
    with redis_server.client() as client:
        client.flushall()
    path = tmp_path / "replies.json"
    path.write_text(json.dumps([GOOD]))
    return path


async def act(project: Project, code: str = CODE) -> Proposal | Refusal:
    snapshot = project.write("calc.py", code)
    task = Task(action_id="document", snapshot=snapshot, selection=Span(20, 20), client="test")
    return await run_action(project.runtime, task, project, project.told.append)


async def act_and_close(project: Project) -> Proposal:
    outcome = await act(project)
    await project.close()
    assert isinstance(outcome, Proposal), outcome
    return outcome


async def test_a_teammate_is_served_what_was_paid_for_once(tmp_path: Path, redis_server: Redis, script: Path) -> None:
    first = await act_and_close(machine(tmp_path / "ann", redis_server, script))
    assert outcomes(first) == [("bulk", "accepted", "")]
    assert not first.attempts[-1].is_cached
    bob = machine(tmp_path / "bob", redis_server, script, "https://git.example.com/acme/tools")
    second = await act(bob)
    assert isinstance(second, Proposal)
    assert (second.attempts[-1].is_cached, second.cost_pico_usd) == (True, 0)
    assert second.changes[0].after == first.changes[0].after
    assert bob.ledger.stats().hits.saved_pico_usd == first.cost_pico_usd
    redis_server_is_not_asked = machine_without_team(bob)
    third = await act_and_close(redis_server_is_not_asked)
    assert third.attempts[-1].is_cached
    await bob.close()


def machine_without_team(project: Project) -> Project:
    """The same machine as it is without the team."""
    return Project(project.root, settings=project.settings)


@pytest.mark.parametrize(
    ("remote", "more", "sharer"),
    [
        ("git@git.example.com:acme/other.git", "", ""),
        (REMOTE, "tenant = 'other'\n", ""),
        (REMOTE, "", "[privacy]\nlocal_only = ['calc.py']\n"),
        (REMOTE, "[cache]\nenabled = false\n", ""),
    ],
    ids=["repository", "tenant", "private", "off"],
)
async def test_nobody_else_is_served(
    tmp_path: Path, redis_server: Redis, script: Path, remote: str, more: str, sharer: str
) -> None:
    ann = machine(tmp_path / "ann", redis_server, script, REMOTE, sharer)
    await act(ann)
    await ann.close()
    bob = await act_and_close(machine(tmp_path / "bob", redis_server, script, remote, more))
    assert not bob.attempts[-1].is_cached


async def test_an_answer_that_does_not_pass_here_is_not_served(
    tmp_path: Path, redis_server: Redis, script: Path
) -> None:
    await act_and_close(machine(tmp_path / "ann", redis_server, script))
    with redis_server.client() as client:
        (name,) = client.keys("tierwise:*")
        ((field, entry),) = client.hgetall(name).items()
        # Without a secret whoever may write may make things up, so that what is served must still pass.
        address = TeamAddress(redis_server.url, PASSWORD)
        forger = TeamCache(address, replace(TERMS, tenant="default", secret=b""))
        changed = entry[32:].replace(b"Return the sum", b'""" + evil() + """')
        client.hset(name, field, forger._mac(name.decode(), field.decode(), changed) + changed)
        forger.close()
        bob = await act_and_close(machine(tmp_path / "bob", redis_server, script))
        assert not bob.attempts[-1].is_cached
        assert b"evil" not in next(iter(client.hgetall(name).values()))


async def test_an_edit_taken_back_is_served_to_nobody(tmp_path: Path, redis_server: Redis, script: Path) -> None:
    ann = machine(tmp_path / "ann", redis_server, script)
    outcome = await act(ann)
    assert isinstance(outcome, Proposal)
    await ann.runtime.team.settled()
    await ann.runtime.replies.undone(outcome.action_key)
    await ann.close()
    with redis_server.client() as client:
        assert client.keys("tierwise:*") == []


async def test_without_the_server_the_action_goes_on_and_it_is_said_once(tmp_path: Path, script: Path) -> None:
    gone = Redis(tmp_path)
    gone.port = free_port()
    ann = machine(tmp_path / "ann", gone, script)
    outcome = await act(ann)
    assert isinstance(outcome, Proposal)
    again = await act(ann, CODE.replace("sub", "minus"))
    assert isinstance(again, Proposal)
    told = [sum("the team's cache" in note for note in one.notes) for one in (outcome, again)]
    assert told == [1, 0]
    await ann.close()
