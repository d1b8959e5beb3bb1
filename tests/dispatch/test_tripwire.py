"""A cheap model that gets worse is noticed, its work raised a tier, and lowered again once it has recovered."""

import itertools
import json
from typing import Any

import pytest

from dispatch.project import CODE, Make, Project, fenced
from tierwise.dispatch import Proposal
from tierwise.dispatch.deciding import Decision, decide
from tierwise.dispatch.tripwire_judging import Judgement, judge_sample
from tierwise.dispatch.values import Task
from tierwise.routing.tiers import Tier
from tierwise.routing.tripwire import LEARNT, CellState, TripwireCell
from tierwise.text import Span

GOOD = "def add(a: int, b: int) -> int:\n    return a + b\n"
WORSE = "def add(a: object, b: object) -> object:\n    return a + b\n"
CELL = TripwireCell("add_type_hints", "python", "demo/local-model")
_NUMBERS = itertools.count()
ON = {"judge": "demo/top-model", "day_usd": 5, "sample_percent": 100}


def says(model: str, code: str, **more: Any) -> dict[str, Any]:
    """A rule: this model answers everything with this code."""
    return {"when": "", "model": f"{model}-model", "reply": fenced(code), **more}


def project(make: Make, local: str = GOOD, top: dict[str, Any] | None = None, **settings: Any) -> Project:
    """A project whose local model answers so; the others answer well."""
    rules = (says("local", local), says("bulk", GOOD), top or says("top", GOOD))
    made = make(*rules, **{"tripwire": ON, "cache": {"enabled": False}, "native": {"enabled": False}, **settings})
    made.runtime.tripwire.is_armed = True
    return made


async def click(one: Project) -> Proposal:
    """Type hints for `add`, taken by the user."""
    # The same place of the same file again would be taken for an answer the user did not keep.
    name = f"sums{next(_NUMBERS)}.py"
    done = await one.act("add_type_hints", one.write(name, CODE), "def add")
    assert isinstance(done, Proposal), done
    await one.runtime.note_applied(done.action_key)
    return done


async def judged(one: Project) -> list[Judgement]:
    """Everything that waits, judged."""
    found = []
    while (sample := one.runtime.tripwire.take()) is not None:
        found.append(await judge_sample(one.runtime, sample))
        if found[-1].event is not None:
            await one.runtime.learn_outcomes()
    return found


def state(one: Project) -> CellState:
    """What is known of the cell."""
    return one.ledger.tripwire.cells()[CELL]


def usual(one: Project, n: int = LEARNT + 20) -> None:
    """So many samples on which the two agreed, one disagreement among them."""
    for i in range(n):
        one.ledger.tripwire.note_sample(CELL, ON["judge"], "apart" if i == 7 else "alike")


def route(one: Project) -> Decision:
    """What `tierwise route` would say."""
    snapshot = one.write("sums.py", CODE)
    decision = decide(one.runtime, Task(action_id="add_type_hints", snapshot=snapshot, selection=Span(4, 4)), one)
    assert isinstance(decision, Decision)
    return decision


async def test_the_same_program_agrees_and_its_cost_stands_apart(make: Make) -> None:
    one = project(make, local=GOOD.replace("return a + b", "return (a + b)"))
    assert (await click(one)).tier is Tier.LOCAL
    assert [(j.compared, j.why) for j in await judged(one)] == [("alike", "")]
    assert (state(one).n_compared, state(one).n_usual_apart, state(one).n_seen) == (1, 0, 1)
    stats = one.ledger.stats()
    spent = stats.tiers["judge"].pico_usd
    assert spent > 0
    assert stats.top.n_calls == 0
    assert stats.tiers["judge"].n_calls == 1
    assert one.ledger.tripwire.spent_today() == spent
    assert stats.actions.by_action == {"add_type_hints": 1, "tripwire": 1}
    assert all(count.ref != "demo/top-model" for count in one.ledger.experience().outcomes)


@pytest.mark.slow
async def test_a_model_that_gets_worse_is_raised_and_recovers(make: Make) -> None:
    one = project(make)
    await click(one)
    assert [j.compared for j in await judged(one)] == ["alike"]
    usual(one)
    (one.root / "script.json").write_text(json.dumps([says("local", WORSE), says("bulk", GOOD), says("top", GOOD)]))
    one.runtime._backends.clear()
    events: list[str] = []
    while "raised" not in events:
        assert (await click(one)).tier is Tier.LOCAL
        events += [j.event or j.compared for j in await judged(one)]
        assert len(events) < 25
    assert set(events[:-1]) == {"apart"}
    assert route(one).tier is Tier.BULK
    assert "tripwire" in [reason.code for reason in route(one).route.reasons]
    # While it is raised, its answers are compared behind the user's back, and its bad ones do not let it recover.
    for _ in range(3):
        assert (await click(one)).tier is Tier.BULK
        assert [j.compared for j in await judged(one) if j.sample.cell == CELL] == ["apart"]
    (one.root / "script.json").write_text(json.dumps([says("local", GOOD), says("bulk", GOOD), says("top", GOOD)]))
    one.runtime._backends.clear()
    events.clear()
    while "recovered" not in events:
        assert (await click(one)).tier is Tier.BULK
        events += [j.event or j.compared for j in await judged(one) if j.sample.cell == CELL]
        assert len(events) < 150
    assert route(one).tier is Tier.LOCAL
    assert (await click(one)).tier is Tier.LOCAL


JUDGE_FAILS = {
    "error": says("top", GOOD, fail="server-error"),
    "nonsense": says("top", "def add(a, b:\n"),
    "another program": says("top", GOOD.replace("a + b", "a - b")),
    "nothing": {"when": "", "model": "top-model", "reply": ""},
}


@pytest.mark.parametrize("failure", JUDGE_FAILS)
async def test_what_the_judge_gets_wrong_is_no_disagreement(make: Make, failure: str) -> None:
    one = project(make, top=JUDGE_FAILS[failure])
    await click(one)
    found = await judged(one)
    assert [j.compared for j in found] == ["unjudged"]
    assert "demo/top-model" in found[0].why
    assert (state(one).n_compared, state(one).n_unjudged) == (0, 1)


async def test_the_day_has_its_own_bound(make: Make) -> None:
    one = project(make, tripwire={**ON, "day_usd": "0.000001"})
    await click(one)
    assert [j.why for j in await judged(one)] == ["the day's money for the tripwire is spent"]
    assert "judge" not in one.ledger.stats().tiers
    assert one.ledger.tripwire.spent_today() == 0


async def test_the_users_own_bounds_hold_as_well(make: Make) -> None:
    one = project(make, budgets={"day": {"hard_usd": "0.000001"}})
    await click(one)
    assert [j.compared for j in await judged(one)] == ["unjudged"]
    assert one.ledger.tripwire.spent_today() == 0
    assert one.ledger.spent().day == 0


async def test_a_judge_whose_price_is_unknown_is_not_asked(make: Make) -> None:
    served = {"type": "openai", "base_url": "http://127.0.0.1:9/v1"}
    backends = {"demo": {"type": "scripted", "script": "{script}"}, "far": served}
    one = make(says("local", GOOD))
    backends["demo"]["script"] = str(one.root / "script.json")
    two = project(make, backends=backends, tripwire={**ON, "judge": "far/unheard-of"})
    await click(two)
    assert [j.why for j in await judged(two)] == ["the price of 'far/unheard-of' is unknown"]


async def test_what_must_stay_here_reaches_no_judge_elsewhere(make: Make) -> None:
    one = make(says("local", GOOD))
    script = str(one.root / "script.json")
    served = {"type": "openai", "base_url": "http://192.0.2.1/v1"}
    two = project(
        make,
        backends={"demo": {"type": "scripted", "script": script}, "far": served},
        models={"far/judge": {"input_usd_per_million": 1, "output_usd_per_million": 1}},
        tripwire={**ON, "judge": "far/judge"},
        privacy={"local_only": ["sums*.py"]},
    )
    await click(two)
    assert [j.why for j in await judged(two)] == ["the files may be seen on this machine only"]


async def test_answers_the_user_did_not_take_and_better_tiers_are_not_looked_at(make: Make) -> None:
    one = project(make)
    done = await one.act("add_type_hints", one.write("sums.py", CODE), "def add")
    assert isinstance(done, Proposal)
    top = await one.act("add_type_hints", one.write("sums.py", CODE), "def add", tier=Tier.TOP)
    assert isinstance(top, Proposal)
    await one.runtime.note_applied(top.action_key)
    assert one.runtime.tripwire.n_waiting == 0
    assert one.ledger.tripwire.cells() == {}


@pytest.mark.parametrize("settings", [{"tripwire": {}}, {"tripwire": {"webhook": "http://127.0.0.1:9/"}}])
async def test_switched_off_it_leaves_no_trace(make: Make, settings: dict[str, Any]) -> None:
    one = project(make, **settings)
    for _ in range(3):
        await click(one)
    assert one.runtime.tripwire.n_waiting == 0
    assert await judged(one) == []
    assert one.ledger.tripwire.cells() == {}
    assert one.runtime.outlook.raised == frozenset()


async def test_an_alarm_counts_only_while_its_judge_is_set(make: Make) -> None:
    one = project(make)
    await click(one)
    usual(one)
    for _ in range(20):
        one.ledger.tripwire.note_sample(CELL, ON["judge"], "apart")
    await one.runtime.learn_outcomes()
    assert route(one).tier is Tier.BULK
    off = project(make, tripwire={})
    await off.runtime.learn_outcomes()
    assert route(off).tier is Tier.LOCAL


async def test_queues_are_bounded(make: Make) -> None:
    one = project(make)
    for _ in range(12):
        await click(one)
    assert one.runtime.tripwire.n_waiting == 8
    for _ in range(30):
        await one.act("add_type_hints", one.write("sums.py", CODE), "def add")
    assert len(one.runtime.tripwire._offered) == 20
