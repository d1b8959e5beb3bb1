"""Every call of a planned change: whom the policy lets make it, and that each is in the result and the audit."""

import asyncio
from typing import Any

import pytest

from dispatch.planner.conftest import FILES, SHAPES
from dispatch.planner.test_road import RENAME, TWO, act, block, calls, plan, planner, subtask
from dispatch.project import Make, Project
from dispatch.test_deciding import book
from tierwise.dispatch import Proposal, Refusal
from tierwise.dispatch.planner.making import plan_route
from tierwise.dispatch.planner.plan import Subtask
from tierwise.dispatch.planner.requests import request_of_subtask
from tierwise.dispatch.planner.survey import survey_of
from tierwise.dispatch.planner.work import seal
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.values import Task
from tierwise.routing.policy import RouteRequest
from tierwise.routing.tiers import Tier
from tierwise.store.rows import AttemptRow
from tierwise.text import Span

ACTION = "refactor_across_files"
SCOUT = '{"files": ["uses.py", "invented.py"]}'
LARGE = {"single_call_tokens": 0, "outline_tokens": 500}


def prepared_in(project: Project) -> Prepared:
    """The renaming, at its function."""
    snapshot = project.read(project.work / "shapes.py")
    assert snapshot is not None
    task = Task(action_id=ACTION, snapshot=snapshot, selection=Span(4, 4), instruction="rename area to surface")
    action = project.runtime.action(ACTION)
    assert action is not None
    prepared = prepare(action, task, project)
    assert isinstance(prepared, Prepared), prepared
    return prepared


def asked_for(project: Project, *files: str, **fields: Any) -> RouteRequest:
    """What the policy is told of a subtask over these files."""
    prepared = prepared_in(project)
    field = survey_of(project.runtime, prepared, project).field
    piece = Subtask(id="1", title="part 1", files=files, instruction="do 1", **fields)
    return request_of_subtask(project.runtime, seal(field, prepared, piece, ()), piece)


async def test_the_policy_is_told_what_a_subtask_is(make: Make) -> None:
    project = make()
    project.write("tool.sh", "echo 1\n")
    python, shell = asked_for(project, "uses.py"), asked_for(project, "tool.sh")
    assert (python.action, python.language, python.n_files) == (ACTION, "python", 1)
    assert shell.language == "shellscript"
    assert 0 < python.strength.lets_through < shell.strength.lets_through
    assert asked_for(project, "uses.py", creates=("new.sh",)).strength == shell.strength
    assert asked_for(project, "uses.py").estimate.input_tokens < asked_for(project, *FILES).estimate.input_tokens


async def test_what_the_ledger_knows_of_workers_counts_and_planning_stays_at_the_top(make: Make) -> None:
    project = make(planner(TWO), *RENAME)
    by_tier = {one.tier: one for one in project.runtime.candidates}
    book(project, by_tier[Tier.BULK], "rejected", 60, ACTION)
    book(project, by_tier[Tier.TOP], "accepted", 60, ACTION)
    await project.runtime.learn_outcomes()
    outcome = await act(project)
    assert calls(outcome) == ["top accepted", "top accepted", "top accepted"]
    book(project, by_tier[Tier.BULK], "accepted", 400, ACTION)
    await project.runtime.learn_outcomes()
    route = plan_route(project.runtime, prepared_in(project), "shapes.py")
    assert route.first is not None
    assert route.first.tier is Tier.TOP


async def test_the_economy_role_scouts_and_is_not_asked_twice(make: Make) -> None:
    scout = {"when": "^The files:", "model": "tiny", "reply": SCOUT}
    project = make(scout, planner(TWO), *RENAME, n_more=60, planner=LARGE, roles={"economy": "demo/tiny"})
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert [attempt.model for attempt in outcome.attempts][:2] == ["tiny", "top-model"]
    for name, text in FILES.items():
        project.write(name, text)
    await act(project)
    rows = [row for row in project.ledger.attempt_rows() if isinstance(row, AttemptRow)]
    assert [row.reason_code for row in rows].count("scout") == 1


@pytest.mark.parametrize("reply", ["I cannot say", '{"files": []}', '{"files": ["invented.py"]}'])
async def test_a_scout_without_a_usable_answer_costs_only_itself(make: Make, reply: str) -> None:
    scout = {"when": "^The files:", "model": "tiny", "reply": reply}
    project = make(scout, planner(TWO), *RENAME, n_more=60, planner=LARGE, roles={"economy": "demo/tiny"})
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert (outcome.attempts[0].model, outcome.attempts[0].outcome) == ("tiny", "rejected")


async def check_all_booked(project: Project, outcome: Proposal | Refusal) -> None:
    """What the result says was paid for is what the ledger says."""
    rows = [row for row in project.ledger.attempt_rows() if isinstance(row, AttemptRow)]
    told = [attempt for attempt in outcome.attempts if attempt.outcome != "skipped"]
    assert sorted((r.tier, r.model, r.outcome) for r in rows) == sorted((a.tier, a.model, a.outcome) for a in told)
    assert outcome.cost_pico_usd == sum(row.cost_pico_usd or 0 for row in rows)
    assert outcome.audit is not None
    assert outcome.audit.tokens == sum(a.input_tokens + a.output_tokens for a in told)


async def test_a_planner_that_failed_is_told(make: Make) -> None:
    busy = {"when": "The project:", "model": "top-model", "fail": "connection-refused"}
    project = make(busy, {"when": "The project:", "reply": TWO}, *RENAME)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[:2] == ["top failed connection-refused", "bulk accepted"]
    await check_all_booked(project, outcome)


async def test_what_it_took_to_classify_is_told_too(make: Make) -> None:
    opinion = {"when": "^Files:", "model": "tiny", "reply": '{"level": "deep"}'}
    project = make(opinion, planner(TWO), *RENAME, roles={"economy": "demo/tiny"})
    snapshot = project.read(project.work / "shapes.py")
    assert snapshot is not None
    outcome = await project.act("do", snapshot, "area", instruction="update area to do the other thing")
    assert isinstance(outcome, Proposal), outcome
    assert [attempt.model for attempt in outcome.attempts][:2] == ["tiny", "top-model"]
    await check_all_booked(project, outcome)


async def test_calls_of_parts_that_are_broken_off_are_told(make: Make) -> None:
    both = plan(subtask("1", "shapes.py"), subtask("2", "uses.py"))
    held = {"when": "Target: 'part 2'.*refused", "reply": "never mind", "hold": True}
    wrong = {"when": "Target: 'part 2'", "reply": block("uses.py", "    return 2", "  return (2")}
    project = make(planner(both), held, wrong, {"when": "Target: 'part 1'", "reply": "no"})
    outcome = await asyncio.wait_for(act(project), 60)
    assert isinstance(outcome, Refusal)
    assert "part 1" in outcome.words
    told = calls(outcome)
    assert told.count("bulk rejected does-not-parse") <= 1
    await check_all_booked(project, outcome)


async def test_a_part_that_forgets_its_new_file_goes_up(make: Make) -> None:
    reply = plan(subtask("1", "uses.py", creates=["rooms.py"]))
    old = block("uses.py", "2 * area", "3 * area")
    forgets = {"when": "Target: 'part 1'", "model": "bulk-model", "reply": old}
    adds = {"when": "file-missing", "model": "top-model", "reply": old + block("rooms.py", "", "ROOMS = ()")}
    outcome = await act(make(planner(reply), adds, forgets))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "bulk rejected file-missing", "top accepted"]


async def test_the_fault_of_the_whole_comes_with_the_answer_that_had_it(make: Make) -> None:
    reply = plan(subtask("1", "uses.py"), subtask("2", deletes=["shapes.py"], creates=["geometry.py"]))
    moved = {"when": "Target: 'part 2'", "reply": block("geometry.py", "", SHAPES)}
    late = {
        "when": r"Target: 'part 1'.*still-imported.*refused last.*3 \* area",
        "reply": block("uses.py", "from shapes import area", "from geometry import area"),
    }
    early = {"when": "Target: 'part 1'", "reply": block("uses.py", "2 * area", "3 * area")}
    outcome = await act(make(planner(reply), late, early, moved))
    assert isinstance(outcome, Proposal), outcome


SAME = block("uses.py", "import area", "import area")


async def test_a_part_in_which_nobody_sees_anything_to_change_is_left_as_it_is(make: Make) -> None:
    project = make(
        planner(TWO), RENAME[0], {"when": "Target: 'part 2'", "reply": SAME}, checks={"project_tests": "never"}
    )
    project.write("uses.py", "AREA = 'a word'\nimport area\n")
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[2:] == ["bulk rejected no-change", "top rejected no-change"]
    assert [change.path.name for change in outcome.changes] == ["shapes.py"]
    assert any("'part 2' was left as it is" in note for note in outcome.notes)


async def test_a_part_that_must_change_is_not_left_as_it_is(make: Make) -> None:
    reply = plan(subtask("1", "uses.py"), subtask("2", deletes=["shapes.py"], creates=["geometry.py"]))
    moved = {"when": "Target: 'part 2'", "reply": block("geometry.py", "", SHAPES)}
    outcome = await act(make(planner(reply), moved, {"when": "Target: 'part 1'", "reply": SAME}))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-change"
    same = {"when": "Target: 'part 1'", "reply": block("shapes.py", "    return 42", "    return 42")}
    outcome = await act(make(planner(plan(subtask("1", "shapes.py"))), same))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-change"


async def test_a_document_too_long_for_one_prompt_is_planned(make: Make) -> None:
    long = SHAPES + "".join(f"\n\ndef step_{number}(first):\n    return {number} + first\n" for number in range(2500))
    project = make(planner(TWO), *RENAME)
    project.write("shapes.py", long)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes[0].after == long.replace("def area(", "def surface(")
    project = make(planner(TWO), *RENAME, planner={"enabled": False})
    project.write("shapes.py", long)
    outcome = await act(project)
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.attempts) == ("too-large", ())
