"""The same instruction in other words: what is served for it, what never is, and what becomes of the money."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from dispatch.project import PRICES, Make, Project, fenced
from instructions.pairs import pairs
from servers.vectors import VectorServer
from tierwise.config.doctor import Finding
from tierwise.dispatch import Proposal
from tierwise.dispatch.optional_doctor import examine_optional
from tierwise.routing.tiers import Tier
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_rows import Kept

DESCENDING = "def top(items):\n    return sorted(items, reverse=True)\n"
PLAIN = "def top(items):\n    return sorted(items)\n"
EARLIER = "Sort in descending order"
SAME = "please sort descending"
OPPOSITE = "please sort ascending"
ECONOMY = {"roles": {"economy": "demo/tiny"}}
ANSWER = {"when": "", "reply": fenced(DESCENDING)}
OPINION = {"model": "tiny", "when": "", "reply": '{"level": "standard"}'}


@pytest.fixture
async def server() -> AsyncIterator[VectorServer]:
    """A server that makes vectors."""
    async with VectorServer() as running:
        yield running


@pytest.fixture
def alike(make: Make, tmp_path: Path, server: VectorServer) -> Make:
    """Makes projects that compare instructions; what the server does is free of charge unless settings say more."""

    def build(*rules: dict[str, Any], url: str = server.url, usd: int = 0, **changes: Any) -> Project:
        prices = {f"demo/{tier}-model": price for tier, price in (PRICES | {"tiny": (1, 1)}).items()}
        prices |= {"demo/tiny": (1, 1), "vec/words": (usd, usd)}
        given: dict[str, Any] = {
            "backends": {
                "demo": {"type": "scripted", "script": str(tmp_path / "script.json")},
                "vec": {"type": "openai", "base_url": f"{url}/v1"},
            },
            "models": {
                ref: {"input_usd_per_million": price[0], "output_usd_per_million": price[1]}
                for ref, price in prices.items()
            },
            "cache": {"similarity": {"model": "vec/words", "threshold": 0.1}},
        }
        return make(*(rules or (ANSWER,)), **(given | changes))

    return build


async def asked(project: Project, words: str, text: str = PLAIN, **how: Any) -> Proposal:
    """One free instruction about the one function."""
    outcome = await project.act("do", project.write("top.py", text), "sorted", instruction=words, **how)
    assert isinstance(outcome, Proposal), outcome
    return outcome


def is_served(outcome: Proposal) -> bool:
    """Whether no model was asked for the edit."""
    return outcome.attempts[-1].is_cached


def calls(project: Project) -> list[tuple[str, str]]:
    """Model and reason of every call in the ledger."""
    return [(row.model, row.reason_code) for row in project.ledger.attempt_rows()]  # type: ignore[union-attr]


def hits(project: Project) -> dict[str, int]:
    """How many answers of each kind nobody was asked for."""
    return dict(project.ledger.stats().hits.by_kind)


def kept_rows(project: Project) -> list[Kept]:
    """Everything in the cache's file."""
    cache = ReplyCache(project.cache_file, max_bytes=2**20, max_age=timedelta(days=30))
    connection = apsw.Connection(str(project.cache_file))
    places: list[Any] = connection.execute("SELECT DISTINCT scope, piece FROM replies").fetchall()
    connection.close()
    found = [kept for scope, piece in places for kept in cache.find(scope, piece)]
    cache.close()
    return found


async def test_a_paraphrase_is_served_and_says_what_it_is_an_answer_to(alike: Make, server: VectorServer) -> None:
    paid = await asked(project := alike(), EARLIER)
    assert not server.asked, "there was nothing to compare with"
    await project.close()
    other = alike()
    served = await asked(other, SAME)
    assert is_served(served)
    assert served.changes[0].after == paid.changes[0].after
    assert served.cost_pico_usd == 0
    assert served.attempts[-1].saved_pico_usd == paid.attempts[-1].cost_pico_usd
    assert served.reasons[0].code == "cached-alike"
    (note,) = [note for note in served.notes if EARLIER in note]
    assert "an answer to" in note
    assert "ask the model" in note
    assert hits(other) == {"similar": 1}
    assert server.texts == [SAME, EARLIER]
    cache = ReplyCache(other.cache_file, max_bytes=2**20, max_age=timedelta(days=30))
    assert cache.figures().n_replies == 1
    cache.close()


async def test_vectors_are_kept_beside_the_answers(alike: Make, server: VectorServer) -> None:
    project = alike()
    for words in (EARLIER, SAME, f"{SAME}!"):
        await asked(project, words)
        project.runtime.repeats = type(project.runtime.repeats)()
    assert server.texts == [SAME, EARLIER, f"{SAME}!"]
    assert hits(project) == {"similar": 2}


async def test_opposites_are_never_served_and_not_even_compared(alike: Make, server: VectorServer) -> None:
    for one, other in pairs("opposites")[::29]:
        text = f"# {one}\n{PLAIN}"
        project = alike()
        for words in (one, other):
            outcome = await project.act("do", project.write("top.py", text), "return sorted", instruction=words)
            assert isinstance(outcome, Proposal), outcome
            assert not is_served(outcome), (one, other)
        await project.close()
    assert not server.asked


async def _other_code(project: Project) -> Proposal:
    return await asked(project, SAME, text=PLAIN.replace("items", "rows"))


async def _other_rules(project: Project) -> Proposal:
    project.write("AGENTS.md", "Sort with heapq.\n")
    return await asked(project, SAME)


async def _other_tier(project: Project) -> Proposal:
    return await asked(project, SAME, tier=Tier.BULK)


@pytest.mark.parametrize("asking", [_other_code, _other_rules, _other_tier], ids=["code", "rules", "tier by name"])
async def test_what_differs_besides_the_words_is_asked(alike: Make, asking: Any) -> None:
    await asked(project := alike(), EARLIER)
    assert not is_served(await asking(project))
    assert not hits(project)


async def test_another_folder_is_never_served(alike: Make, tmp_path: Path, server: VectorServer) -> None:
    await asked(project := alike(), EARLIER)
    project.work = tmp_path / "elsewhere"
    assert not is_served(await asked(project, SAME))
    assert not server.asked


async def test_off_unless_a_model_is_named(alike: Make, server: VectorServer) -> None:
    await asked(project := alike(cache={}), EARLIER)
    assert not is_served(await asked(project, SAME))
    assert not server.asked


async def test_what_is_not_near_enough_is_asked(alike: Make, server: VectorServer) -> None:
    await asked(project := alike(cache={"similarity": {"model": "vec/words", "threshold": 0.999}}), EARLIER)
    assert not is_served(await asked(project, SAME))
    assert len(server.asked) == 1


async def test_asking_again_asks_the_model(alike: Make) -> None:
    await asked(project := alike(), EARLIER)
    assert is_served(await asked(project, SAME))
    again = await asked(project, SAME)
    assert not is_served(again)
    assert again.attempts[-1].tier is Tier.BULK


async def test_what_was_taken_back_is_proposed_to_nobody_again(alike: Make) -> None:
    await asked(project := alike(), EARLIER)
    served = await asked(project, SAME)
    await project.runtime.replies.undone(served.action_key)
    await project.close()
    assert not is_served(await asked(alike(), SAME))


async def test_an_answer_that_does_not_pass_here_is_not_served(alike: Make) -> None:
    await asked(project := alike(), EARLIER)
    await project.close()
    other = alike()
    rows = [kept for kept in kept_rows(other) if kept.form == "alike"]
    cache = ReplyCache(other.cache_file, max_bytes=2**20, max_age=timedelta(days=30))
    (row,) = rows
    broken = row.text.replace("reverse=True)", "reverse=True")
    assert broken != row.text
    cache.put(replace(row, text=broken))
    cache.close()
    assert not is_served(await asked(other, SAME))


@pytest.mark.parametrize("fault", ["500", "html", "zeros", "404", "silent"])
async def test_no_vectors_is_one_sentence_and_stops_nothing(alike: Make, fault: str) -> None:
    async with VectorServer(fault) as failing:
        project = alike(url=failing.url)
        notes = []
        for words in (EARLIER, SAME, f"{SAME}, thanks"):
            outcome = await asked(project, words)
            assert not is_served(outcome)
            notes += [note for note in outcome.notes if "in other words" in note]
        assert len(notes) == 1
        assert len(failing.asked) == 1, "it is left alone for a while"
        await project.close()


async def test_what_must_stay_is_not_compared_elsewhere(alike: Make, server: VectorServer) -> None:
    project = alike(privacy={"local_only": ["*.py"]})
    embedder = project.runtime.embedder
    assert embedder is not None
    for is_here, n_asked in ((False, 0), (True, 1)):
        await asked(project, EARLIER)
        project.runtime.embedder = replace(embedder, is_on_this_machine=is_here)
        assert is_served(await asked(project, f"{SAME}{'!' * is_here}")) == is_here
        assert len(server.asked) == n_asked


async def test_an_instruction_with_a_secret_in_it_goes_nowhere(alike: Make, server: VectorServer) -> None:
    key = "sk_live_4eC39HqLyjWDarjtT1zdp7dcXk29"
    project = alike()
    assert project.runtime.embedder is not None
    project.runtime.embedder = replace(project.runtime.embedder, is_on_this_machine=False)
    for words in (f"use '{key}'", f"please use '{key}'"):
        assert not is_served(await asked(project, words))
    assert not server.asked


async def test_vectors_that_cost_are_booked(alike: Make, server: VectorServer) -> None:
    await asked(project := alike(usd=1), EARLIER)
    assert is_served(await asked(project, SAME))
    assert ("words", "embed") in calls(project)
    (row,) = [row for row in project.ledger.attempt_rows() if getattr(row, "reason_code", "") == "embed"]
    assert getattr(row, "cost_pico_usd", None) == 7 * 10**6
    assert len(server.asked) == 1


async def test_a_classification_is_served_for_the_same_in_other_words(alike: Make, server: VectorServer) -> None:
    for words, expected in (
        ("update add to do the other thing", ["tiny", "bulk-model"]),
        ("please update add to do the other thing", []),
        ("please update add not to do the other thing", ["tiny", "bulk-model"]),
    ):
        project = alike(OPINION, ANSWER, **ECONOMY)
        n_before = len(calls(project))
        outcome = await asked(project, words)
        assert [model for model, _ in calls(project)[n_before:]] == expected, outcome.reasons
        await project.close()
    project = alike(OPINION, ANSWER, **ECONOMY)
    assert hits(project) == {"classified": 1, "similar": 1}


async def test_the_doctor_says_who_makes_the_vectors(alike: Make, server: VectorServer) -> None:
    async def said(project: Project) -> Finding:
        return next(one for one in await examine_optional(project.runtime) if one.name == "similarity")

    free = await said(alike())
    assert (free.is_ok, "'vec/words' by backend 'vec'" in free.found) == (True, True)
    n_asked = len(server.asked)
    paid = await said(alike(usd=5))
    assert (paid.is_ok, "a call costs" in paid.found) == (True, True)
    off = await said(alike(cache={}))
    assert (off.is_ok, off.found.partition(":")[0]) == (True, "off")
    assert len(server.asked) == n_asked
    gone = await said(alike(url="http://127.0.0.1:9"))
    assert (gone.is_ok, "no vectors" in gone.words) == (False, True)
