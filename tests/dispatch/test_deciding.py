"""What moves a route beyond the request itself: opinions of small models, answers not kept, and the ledger."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Project, fenced
from tierwise.backends.base import Usage
from tierwise.dispatch import Proposal
from tierwise.dispatch.deciding import decide_line
from tierwise.dispatch.learning import RELEARN_AFTER
from tierwise.routing.tiers import Candidate, Tier
from tierwise.store.rows import ActionStart, AttemptEnd, AttemptStart

CODE = "def add(a, b):\n    return a + b\n"
CHANGED = "def add(a, b):\n    return b + a\n"
UNCLEAR = "update add to do the other thing"
ECONOMY = {"roles": {"economy": "demo/tiny"}}

Make = Callable[..., Project]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes projects and closes them."""
    made: list[Project] = []

    def build(*rules: dict[str, Any], **settings: Any) -> Project:
        made.append(Project(tmp_path, rules=rules, settings=settings))
        return made[-1]

    yield build
    for project in made:
        await project.close()


def asked(project: Project) -> list[tuple[str, str]]:
    """Model and reason of every call in the ledger, in order."""
    return [(row.model, row.reason_code) for row in project.ledger.attempt_rows()]  # type: ignore[union-attr]


ANSWER = {"when": "", "reply": fenced(CHANGED)}


def opinion(reply: str) -> dict[str, Any]:
    """What the small model says."""
    return {"model": "tiny", "when": "", "reply": reply}


@pytest.mark.parametrize(
    ("reply", "tier"),
    [('{"level": "deep"}', "top-model"), ("I think it is deep", "bulk-model"), ('{"level": "odd"}', "bulk-model")],
)
async def test_the_uncertain_middle_is_asked_once(make: Make, reply: str, tier: str) -> None:
    project = make(opinion(reply), ANSWER, **ECONOMY)
    snapshot = project.write("calc.py", CODE)
    outcome = await project.act("do", snapshot, "a + b", instruction=UNCLEAR)
    assert isinstance(outcome, Proposal), outcome
    assert [model for model, _ in asked(project)] == ["tiny", tier]
    assert asked(project)[0] == ("tiny", "classify")
    assert outcome.attempts[0].model == "tiny"

    await project.act("do", project.write("calc.py", CODE), "a + b", instruction=UNCLEAR)
    n_opinions = sum(model == "tiny" for model, _ in asked(project))
    assert n_opinions == (1 if reply == '{"level": "deep"}' else 2)


async def test_a_clear_instruction_asks_no_small_model(make: Make) -> None:
    project = make(opinion('{"level": "deep"}'), ANSWER, **ECONOMY)
    outcome = await project.act("do", project.write("calc.py", CODE), "a + b", instruction="rename a to b")
    assert isinstance(outcome, Proposal), outcome
    assert asked(project)[0][0] == "local-model"


async def test_a_request_whose_answer_was_not_kept_starts_higher(make: Make) -> None:
    project = make(ANSWER)
    snapshot = project.write("calc.py", CODE)
    for _ in range(3):
        await project.act("refactor", snapshot, "a + b")
    assert [model for model, _ in asked(project)] == ["bulk-model", "top-model", "top-model"]
    await project.act("refactor", project.write("other.py", CODE), "a + b")
    assert asked(project)[-1][0] == "bulk-model"


def book(project: Project, one: Candidate, outcome: str, n: int, action: str = "refactor") -> None:
    """So many calls of a model for an action that ended like this."""
    for _ in range(n):
        key = project.ledger.begin_action(ActionStart(action=action, language="python"))
        start = AttemptStart(
            action_key=key, tier=one.tier, backend=one.backend, model=one.model, price=one.price, planned="first",
            reason_code="x", estimated_input_tokens=500,
        )  # fmt: skip
        number = project.ledger.begin_attempt(start)
        usage = Usage(input_tokens=500, output_tokens=100)
        end = AttemptEnd(outcome=outcome, duration_s=1.0, cost_pico_usd=0, usage=usage)  # type: ignore[arg-type]
        project.ledger.settle_attempt(number, end)
        project.ledger.end_action(key, "proposed")


async def test_the_ledger_moves_the_route_unless_told_not_to(make: Make) -> None:
    line = {"id": 1, "action": "refactor", "files": [{"path": "calc.py", "text": CODE * 40}]}
    for learn, started in ((True, Tier.TOP), (False, Tier.BULK)):
        project = make(ANSWER, routing={"learn": learn})
        by_tier = {one.tier: one for one in project.runtime.candidates}
        book(project, by_tier[Tier.BULK], "rejected", 60)
        book(project, by_tier[Tier.TOP], "accepted", 60)
        await project.runtime.learn_outcomes()
        assert decide_line(project.runtime, line)["tier"] == started


async def test_lines_of_a_batch_say_where_the_work_belongs_even_when_nobody_can_be_asked(make: Make) -> None:
    project = make(ANSWER, tiers={tier: {"models": []} for tier in ("local", "bulk", "top")})
    cases: list[tuple[str, list[dict[str, object]], str]] = [
        ("fix typo in readme", [{"path": "README.md", "text": "# x\n"}], "local"),
        ("fix a crash on empty input", [{"path": "a.py", "text": CODE}], "bulk"),
        ("rework sessions", [{"path": f"src/{n}/a.py", "text": CODE * 50} for n in "abc"], "top"),
        ("add plugins", [{"path": "src/plugins.py", "text": None}], "bulk"),
    ]
    for instruction, files, tier in cases:
        answer = decide_line(project.runtime, {"id": 7, "instruction": instruction, "files": files})
        assert (answer["id"], answer["tier"], answer["ladder"]) == (7, tier, [])
        assert answer["reasons"]


async def test_a_window_goes_on_learning(make: Make) -> None:
    project = make(ANSWER)
    before = project.runtime.outlook
    for number in range(RELEARN_AFTER):
        await project.act("refactor", project.write(f"calc{number}.py", CODE), "a + b")
    await project.runtime.aclose()
    bulk = next(one for one in project.runtime.candidates if one.tier is Tier.BULK)
    assert before.beliefs.n_seen(bulk, "refactor") == 0
    assert project.runtime.outlook.beliefs.n_seen(bulk, "refactor") > RELEARN_AFTER / 2
