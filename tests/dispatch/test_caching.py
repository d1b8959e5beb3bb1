"""The same asked twice is paid for once: what counts as the same, and what a kept answer has to pass again."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from dispatch.project import BROKEN, CODE, DOCUMENTED, Make, Project, fenced, outcomes
from tierwise.backends.base import ChatMessage, ChatRequest
from tierwise.backends.options import ScriptedOptions
from tierwise.dispatch import Progress, Proposal, Refusal
from tierwise.dispatch.caching import Asked, scope_of
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import Tier
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_rows import Kept

RULE = {"when": "document", "reply": fenced(DOCUMENTED)}
IMPORTING = "from limits import most\n\n\ndef top(items):\n    return most(items)\n"
TOP = 'def top(items):\n    """Return the largest of the items."""\n    return most(items)\n'
RULES_FILE = "AGENTS.md"


async def first(make: Make, *rules: dict[str, Any], **settings: Any) -> Proposal:
    """A project in which `add` was documented once, and everything closed since."""
    project: Project = make(*(rules or (RULE,)), **settings)
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcome.cost_pico_usd
    await project.close()
    return outcome


class Heard(list[Progress]):
    """What was told, with an event for each of some words."""

    def __init__(self, events: dict[str, asyncio.Event]) -> None:
        super().__init__()
        self._events = events

    def append(self, progress: Progress) -> None:
        """Take one sentence down."""
        super().append(progress)
        for words, event in self._events.items():
            if words in progress.message:
                event.set()


def all_of(cache: ReplyCache) -> list[Kept]:
    """Everything in a cache."""
    connection = apsw.Connection(str(cache.path))
    places: list[Any] = connection.execute("SELECT DISTINCT scope, piece FROM replies").fetchall()
    connection.close()
    return [kept for scope, piece in places for kept in cache.find(scope, piece)]


def n_calls(project: Project) -> int:
    """Calls of models so far, in all processes."""
    return project.ledger.stats().total.n_calls


async def test_the_same_again_asks_nobody_and_says_what_was_saved(make: Make) -> None:
    paid = await first(make)
    project = make(RULE)
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes == paid.changes
    assert (n_calls(project), outcome.cost_pico_usd) == (1, 0)
    (attempt,) = outcome.attempts
    assert (attempt.is_cached, attempt.saved_pico_usd, attempt.sent) == (True, paid.cost_pico_usd, ())
    assert outcome.reasons[0].code == "cached"
    assert "from the cache" in outcome.summary
    assert any("from the cache, and checked again" in note and "saved" in note for note in outcome.notes)
    assert any("from the cache" in told.message for told in project.told)
    assert not any("asking" in told.message for told in project.told)


@pytest.mark.parametrize("above", ["# é😀\n\n\n", "\n\n\n\n"])
async def test_a_hit_is_moved_to_where_the_code_stands_now(make: Make, above: str) -> None:
    await first(make)
    project = make(RULE)
    moved = above + CODE
    outcome = await project.act("document", project.write("calc.py", moved), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcome.attempts[0].is_cached
    assert outcome.changes[0].after == moved.replace("def add(a, b):\n    return a + b\n", DOCUMENTED)


async def _target(project: Project) -> None:
    project.write("calc.py", CODE.replace("a + b", "a + b  # both"))


async def _rules(project: Project) -> None:
    project.write(RULES_FILE, "Docstrings end in three dots.\n")


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        (_target, {}),
        (_rules, {}),
        (None, {"tiers": {"bulk": {"models": ["demo/other"]}}}),
        (None, {"cache": {"enabled": False}}),
    ],
    ids=["target", "rules", "model", "switched off"],
)
async def test_what_differs_is_asked_anew(
    make: Make, change: Callable[[Project], Awaitable[None]] | None, settings: dict[str, Any]
) -> None:
    rule = {"when": "document", "reply": fenced(DOCUMENTED)}
    commented = {"when": "# both", "reply": fenced(DOCUMENTED.replace("a + b\n", "a + b  # both\n"))}
    await first(make, commented, rule)
    project = make(commented, rule, **settings)
    project.write("calc.py", CODE)
    if change is not None:
        await change(project)
    snapshot = project.read(project.work / "calc.py")
    assert snapshot is not None
    outcome = await project.act("document", replace(snapshot, version=1), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert not any(attempt.is_cached for attempt in outcome.attempts)
    assert n_calls(project) == 2


async def test_another_instruction_is_asked_anew(make: Make) -> None:
    rule = {"when": "Instruction", "reply": fenced(DOCUMENTED)}
    settings: dict[str, Any] = {"roles": {}}
    for number, words in enumerate(("add a docstring to it", "add a docstring to it please"), 1):
        project = make(rule, **settings)
        snapshot = project.write("calc.py", CODE)
        outcome = await project.act("do", snapshot, "a + b", instruction=words, tier=Tier.BULK)
        assert isinstance(outcome, Proposal), outcome
        assert n_calls(project) == number
        await project.close()


async def test_another_signature_of_what_is_called_is_asked_anew(make: Make) -> None:
    rule = {"when": "document", "reply": fenced(TOP)}
    for expected, limits in ((1, "def most(items):\n    return 1\n"), (2, "def most(items, key=None):\n    return 1\n"),
                             (2, "def most(items):\n    return 1\n")):  # fmt: skip
        project = make(rule)
        project.write("limits.py", limits)
        outcome = await project.act("document", project.write("top.py", IMPORTING), "most(items)")
        assert isinstance(outcome, Proposal), outcome
        assert n_calls(project) == expected
        await project.close()


async def test_an_answer_that_fails_its_checks_now_is_dropped_and_a_model_asked(make: Make) -> None:
    await first(make)
    project = make(RULE)
    cache = ReplyCache(project.cache_file, max_bytes=2**20, max_age=timedelta(days=30))
    (kept,) = all_of(cache)
    assert cache.put(replace(kept, text=fenced(BROKEN)))
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "accepted", "")]
    assert not outcome.attempts[0].is_cached
    assert n_calls(project) == 2
    (after,) = all_of(cache)
    assert after.text == fenced(DOCUMENTED)
    cache.close()


async def test_a_refused_answer_is_not_kept(make: Make) -> None:
    for expected in (2, 4):
        project = make({"when": ".", "reply": fenced(BROKEN)})
        outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
        assert isinstance(outcome, Refusal), outcome
        assert n_calls(project) == expected
        await project.close()


async def test_what_the_higher_tier_answered_is_served_before_the_lower_one_is_asked(make: Make) -> None:
    rules = (
        {"when": "document", "model": "top-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": fenced(BROKEN)},
    )
    paid = await first(make, *rules)
    assert outcomes(paid) == [("bulk", "rejected", "not-only-docs"), ("top", "accepted", "")]
    project = make(*rules)
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("top", "accepted", "")]
    assert outcome.attempts[0].saved_pico_usd == paid.attempts[1].cost_pico_usd
    assert n_calls(project) == 2


async def test_an_answer_the_user_did_not_keep_is_never_served_again(make: Make) -> None:
    await first(make)
    project = make(RULE)
    snapshot = project.write("calc.py", CODE)
    served = await project.act("document", snapshot, "a + b")
    again = await project.act("document", snapshot, "a + b")
    assert isinstance(served, Proposal)
    assert isinstance(again, Proposal)
    assert [served.attempts[0].is_cached, again.attempts[0].is_cached] == [True, False]
    assert outcomes(again) == [("top", "accepted", "")]
    assert n_calls(project) == 2


async def test_an_edit_that_is_undone_is_not_served_to_another_window(make: Make) -> None:
    await first(make)
    project = make(RULE)
    snapshot = project.write("calc.py", CODE)
    served = await project.act("document", snapshot, "a + b")
    assert isinstance(served, Proposal)
    await project.runtime.replies.undone(served.action_key)
    await project.close()
    other = make(RULE)
    asked = await other.act("document", snapshot, "a + b")
    assert isinstance(asked, Proposal)
    assert not asked.attempts[0].is_cached
    assert n_calls(other) == 2


async def test_two_equal_requests_in_flight_ask_once(make: Make) -> None:
    project = make(RULE)
    snapshot = project.write("calc.py", CODE)
    both = await asyncio.gather(*(project.act("document", snapshot, "a + b") for _ in range(5)))
    assert all(isinstance(outcome, Proposal) for outcome in both)
    assert n_calls(project) == 1
    assert sum(outcome.attempts[0].is_cached for outcome in both) == 4
    assert any("waiting for its answer" in told.message for told in project.told)


async def test_whoever_waits_takes_over_when_the_first_is_cancelled(make: Make) -> None:
    project = make({**RULE, "hold": True})
    snapshot = project.write("calc.py", CODE)
    streaming, waiting = asyncio.Event(), asyncio.Event()
    project.told = Heard({"tokens so far": streaming, "waiting for its answer": waiting})
    leader = asyncio.ensure_future(project.act("document", snapshot, "a + b"))
    await asyncio.wait_for(streaming.wait(), 30)
    follower = asyncio.ensure_future(project.act("document", snapshot, "a + b"))
    await asyncio.wait_for(waiting.wait(), 30)
    streaming.clear()
    leader.cancel()
    await asyncio.wait_for(streaming.wait(), 30)
    follower.cancel()
    for task in (leader, follower):
        with pytest.raises(asyncio.CancelledError):
            await task
    stats = project.ledger.stats()
    assert (stats.total.n_calls, stats.total.n_cancelled) == (2, 2)


async def test_an_answer_with_a_secret_in_it_is_not_kept(make: Make) -> None:
    key = "sk_live_4eC39HqLyjWDarjtT1zdp7dcXk29"
    code = f'def pay():\n    return "{key}"\n'
    told = f'def pay():\n    """Return the key."""\n    return "{key}"\n'
    rule = {"when": "document", "reply": fenced(told)}
    project = make(rule)
    project.runtime.candidates = tuple(replace(c, is_on_this_machine=False) for c in project.runtime.candidates)
    outcome = await project.act("document", project.write("pay.py", code), "return")
    assert isinstance(outcome, Proposal), outcome
    await project.close()
    for file in project.root.glob("ledger-cache*"):
        assert key.encode() not in file.read_bytes()
    again = make(rule)
    asked = await again.act("document", again.write("pay.py", code), "return")
    assert isinstance(asked, Proposal)
    assert not asked.attempts[0].is_cached


async def test_nobody_else_can_read_what_is_kept(make: Make) -> None:
    await first(make)
    project = make(RULE)
    project.cache_file.chmod(0o644)
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal)
    assert outcome.attempts[0].is_cached
    for file in project.root.glob("ledger-cache*sqlite3*"):
        if not file.name.endswith(".lock"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def _garbage(file: Path) -> None:
    file.write_bytes(b"garbage" * 1000)


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _newer(file: Path) -> None:
    connection = apsw.Connection(str(file))
    connection.pragma("user_version", 99)
    connection.close()


def _foreign(file: Path) -> None:
    file.unlink()
    connection = apsw.Connection(str(file))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_garbage, "was damaged, so it was begun anew"),
        (_emptied, "was damaged, so it was begun anew"),
        (_folder, "may not be written"),
        (_newer, "belongs to a newer Tierwise"),
        (_foreign, "another program's database"),
    ],
    ids=["garbage", "emptied", "folder", "newer", "foreign"],
)
async def test_a_file_that_cannot_be_used_is_one_sentence_and_stops_nothing(
    make: Make, harm: Callable[[Path], None], words: str
) -> None:
    await first(make)
    project = make(RULE)
    harm(project.cache_file)
    said = []
    for name in ("calc.py", "other.py"):
        outcome = await project.act("document", project.write(name, CODE), "a + b")
        assert isinstance(outcome, Proposal), outcome
        said += [note for note in outcome.notes if "reply cache" in note or "another program" in note]
    assert len(said) == 1
    assert words in said[0]
    assert not said[0].endswith(".")
    assert n_calls(project) == 3


async def test_a_file_that_somebody_has_locked_stops_nothing(make: Make) -> None:
    await first(make)
    project = make(RULE)
    locker = apsw.Connection(str(project.cache_file))
    locker.execute("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE").fetchall()
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    locker.close()
    assert isinstance(outcome, Proposal)
    assert n_calls(project) == 2
    assert sum("locked by another program" in note for note in outcome.notes) == 1


def request(model: str = "m", text: str = "words", schema: dict[str, Any] | None = None) -> ChatRequest:
    return ChatRequest(
        model=model, messages=(ChatMessage("user", text),), max_output_tokens=10, deadline_s=1, schema=schema
    )


ASKED = Asked(
    scope=scope_of(Path("/a")),
    action="document",
    path="calc.py",
    target="http://here m",
    options=None,
    form=ReplyFormat.SPAN,
    request=request(),
)


@pytest.mark.parametrize(
    "change",
    [
        {"scope": scope_of(Path("/b"))},
        {"action": "refactor"},
        {"path": "other.py"},
        {"target": "http://there m"},
        {"options": ScriptedOptions(type="scripted", script="x")},
        {"form": ReplyFormat.WHOLE},
        {"request": request(model="n")},
        {"request": request(text="word")},
        {"request": request(schema={"type": "object"})},
        {"version": "next"},
    ],
    ids=lambda change: next(iter(change)) if isinstance(change, dict) else None,
)
def test_all_that_an_answer_depends_on_is_in_its_key(change: dict[str, Any]) -> None:
    assert replace(ASKED, **change).key != ASKED.key
    assert replace(ASKED).key == ASKED.key


def test_limits_are_no_part_of_the_key() -> None:
    other = replace(ASKED, request=replace(ASKED.request, deadline_s=9, max_output_tokens=99, window=8192))
    assert other.key == ASKED.key
