"""A planned change end to end: plan, grants, sealed subtasks, the whole, and what goes wrong on the way."""

import asyncio
import json
import sys
from typing import Any

import pytest

from dispatch.planner.conftest import SHAPES, USES
from dispatch.project import Make, Project
from tierwise.dispatch import Progress, Proposal, Refusal, Task, run_action
from tierwise.dispatch.planner.outlines import body_of
from tierwise.dispatch.values import Report
from tierwise.routing.tiers import Tier
from tierwise.store.rows import AttemptRow
from tierwise.text import Span


def subtask(id: str, *files: str, **fields: Any) -> dict[str, Any]:
    """One subtask as a planner words it."""
    return {"id": id, "title": f"part {id}", "files": files, "instruction": f"do {id}", **fields}


def plan(*subtasks: dict[str, Any], **fields: Any) -> str:
    """A planner's reply."""
    return "Here is the plan.\n" + json.dumps({"subtasks": subtasks, **fields})


def block(path: str, old: str, new: str) -> str:
    """A worker's reply."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"


RENAME = [
    {"when": "Target: 'part 1'", "reply": block("shapes.py", "def area(", "def surface(")},
    {
        "when": "Target: 'part 2'",
        "reply": block("uses.py", "import area", "import surface") + block("uses.py", "2 * area(", "2 * surface("),
    },
]
TWO = plan(
    subtask("1", "shapes.py", contract="def surface(width, height)"),
    subtask("2", "uses.py", reads=["shapes.py::surface", "shapes.py"], after=["1"]),
)


def planner(reply: str, when: str = "The project:", **fields: Any) -> dict[str, Any]:
    """A rule for the planner's calls."""
    return {"when": when, "model": "top-model", "reply": reply} | fields


async def act(project: Project, tell: Report | None = None, **fields: Any) -> Proposal | Refusal:
    """Ask for the rename with the cursor on the function."""
    snapshot = project.read(project.work / "shapes.py")
    assert snapshot is not None
    task = Task(
        action_id="refactor_across_files",
        snapshot=snapshot,
        selection=Span(4, 4),
        instruction="rename area to surface",
        **fields,
    )
    return await run_action(project.runtime, task, project, tell or project.told.append)


def texts(outcome: Proposal) -> dict[str, str | None]:
    """New texts by file name."""
    return {change.path.name: change.after for change in outcome.changes}


def calls(outcome: Proposal | Refusal) -> list[str]:
    """Tier, outcome and code of every call."""
    return [" ".join(filter(None, (str(a.tier), a.outcome, a.code))) for a in outcome.attempts]


async def test_a_plan_is_carried_out_by_cheap_models(make: Make) -> None:
    project = make(planner(TWO), *RENAME)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "bulk accepted", "bulk accepted"]
    assert texts(outcome) == {
        "shapes.py": SHAPES.replace("def area(", "def surface("),
        "uses.py": USES.replace("area", "surface"),
    }
    assert [change.annotation for change in outcome.changes] == ["part 1", "part 2"]
    assert outcome.audit is not None
    assert outcome.audit.files_of(Tier.TOP) == frozenset()
    assert outcome.audit.files_of(Tier.BULK) == {"shapes.py", "uses.py"}
    assert outcome.notes[0].startswith("top tier saw 0 of 3 files, ")
    assert any("2 of 2, part 2" in told.message for told in project.told)
    stats = project.ledger.stats()
    assert stats.total.n_calls == 3


async def test_the_planner_sees_signatures_and_workers_only_their_own(make: Make) -> None:
    seen = {
        "secret body": {
            "when": "(return 42|width \\* height).*Instruction: rename",
            "model": "top-model",
            "reply": "x",
        },
        "another's body": {"when": "return 42.*Target: 'part 2'", "reply": "x"},
        "no contract": {"when": "\\A(?!.*def surface\\(width, height\\)).*Target: 'part 2'", "reply": "x"},
    }
    outcome = await act(make(*seen.values(), planner(TWO), *RENAME))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "bulk accepted", "bulk accepted"]


async def test_bodies_are_granted_once(make: Make) -> None:
    asked = json.dumps({"need": ["shapes.py::secret_sauce"]})
    granted = planner(TWO, when="You asked for shapes.py::secret_sauce:.*return 42")
    outcome = await act(make(granted, planner(asked), *RENAME))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "top accepted", "bulk accepted", "bulk accepted"]
    assert outcome.audit is not None
    assert outcome.audit.files_of(Tier.TOP) == {"shapes.py"}
    outcome = await act(make(planner(asked), *RENAME))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "plan-asks-again"


async def test_what_there_is_no_room_for_is_said(make: Make) -> None:
    asked = json.dumps({"need": ["shapes.py::secret_sauce", "shapes.py"]})
    granted = planner(TWO, when=r"You asked for shapes.py::secret_sauce:.*There is no room to show shapes.py\.")
    project = make(granted, planner(asked), *RENAME, planner={"single_call_tokens": 0, "grant_tokens": 20})
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[:2] == ["top accepted", "top accepted"]


@pytest.mark.parametrize(
    ("path", "text", "body"),
    [
        ("a.py", "class A:\n    def f(self):\n        return 1\n", "def f(self):\n    return 1"),
        ("b.py", "if x:\n    def f(a,\n          b):\n        return 1\n", "def f(a,\n      b):\n    return 1"),
    ],
)
def test_a_body_moves_to_the_margin_as_a_whole(path: str, text: str, body: str) -> None:
    found = body_of(f"{path}::f", {path: text})
    assert isinstance(found, str)
    assert found.rstrip() == body


@pytest.mark.parametrize(
    ("need", "code"),
    [
        (["shapes.py::nothing"], "plan-unknown-symbol"),
        (["../other.py::f"], "plan-outside-scope"),
        (["shapes.py"], "plan-asks-too-much"),
    ],
)
async def test_what_is_not_granted(make: Make, need: list[str], code: str) -> None:
    project = make(planner(json.dumps({"need": need})), planner={"single_call_tokens": 0, "grant_tokens": 5})
    outcome = await act(project)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert calls(outcome) == [f"top rejected {code}"] * 2


async def test_a_refused_plan_is_mended_with_the_reason(make: Make) -> None:
    wrong = plan(subtask("1", "shapes.py"), subtask("2", "shapes.py"))
    mended = planner(TWO, when="An earlier plan was refused .plan-contradictory.*both change 'shapes.py'")
    outcome = await act(make(mended, planner(wrong), *RENAME))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[:2] == ["top rejected plan-contradictory", "top accepted"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (plan(), "plan-empty"),
        (plan(subtask("1", "shapes.py", after=["2"]), subtask("2", "uses.py", after=["1"])), "plan-cyclic"),
        (plan(subtask("1", "../../home/.bashrc")), "plan-outside-scope"),
        (plan(subtask("1", creates=["/etc/passwd"])), "plan-outside-scope"),
        (plan(subtask("1", ".env")), "plan-protected"),
        ("I will not plan.", "plan-unreadable"),
    ],
)
async def test_a_bad_plan_changes_nothing(make: Make, reply: str, code: str) -> None:
    project = make(planner(reply), *RENAME)
    project.write(".env", "KEY=1\n")
    outcome = await act(project)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert "there is no usable plan" in outcome.words


async def test_a_subtask_that_fails_its_checks_escalates_alone(make: Make) -> None:
    broken = {
        "when": "Target: 'part 2'",
        "model": "bulk-model",
        "reply": block("uses.py", "    return 2", "  return (2"),
    }
    outcome = await act(make(planner(TWO), broken, *RENAME))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "bulk accepted", "bulk rejected does-not-parse", "top accepted"]
    assert outcome.audit is not None
    assert outcome.audit.files_of(Tier.TOP) == {"shapes.py", "uses.py"}


async def test_a_subtask_that_nobody_carries_out_ends_all(make: Make) -> None:
    outcome = await act(make(planner(TWO), {"when": "Target: 'part 1'", "reply": "no"}, *RENAME))
    assert isinstance(outcome, Refusal)
    assert "the subtask 'part 1' came to nothing" in outcome.words
    assert not any("part 2" in call for call in calls(outcome))


async def test_files_outside_its_own_are_refused(make: Make) -> None:
    outcome = await act(
        make(planner(TWO), {"when": "Target: 'part 1'", "reply": block("uses.py", "import area", "import b")})
    )
    assert isinstance(outcome, Refusal)
    assert outcome.attempts[1].code in ("outside-scope", "wrong-file")


async def test_new_renamed_and_deleted_files(make: Make) -> None:
    reply = plan(
        subtask("1", "shapes.py", renames=[{"old": "shapes.py", "new": "geometry.py"}]),
        subtask("2", "uses.py", creates=["rooms.py"]),
        subtask("3", deletes=["NOTES.md"], instruction=""),
    )
    rules = [
        {"when": "Target: 'part 1'", "reply": block("geometry.py", "def area(", "def surface(")},
        {
            "when": "Target: 'part 2'",
            "reply": block("uses.py", "from shapes import area", "from geometry import surface as area")
            + block("rooms.py", "", "ROOMS = ()"),
        },
    ]
    outcome = await act(make(planner(reply), *rules))
    assert isinstance(outcome, Proposal), outcome
    assert texts(outcome) == {
        "shapes.py": None,
        "geometry.py": SHAPES.replace("def area(", "def surface("),
        "uses.py": USES.replace("from shapes import area", "from geometry import surface as area"),
        "rooms.py": "ROOMS = ()\n",
        "NOTES.md": None,
    }


async def test_the_whole_is_checked_and_the_guilty_subtask_done_again(make: Make) -> None:
    reply = plan(
        subtask("1", "uses.py"),
        subtask("2", deletes=["shapes.py"], creates=["geometry.py"]),
    )
    moved = {"when": "Target: 'part 2'", "reply": block("geometry.py", "", SHAPES)}
    late = {
        "when": "Target: 'part 1'.*still-imported",
        "reply": block("uses.py", "from shapes import area", "from geometry import area"),
    }
    early = {"when": "Target: 'part 1'", "reply": block("uses.py", "2 * area", "3 * area")}
    outcome = await act(make(planner(reply), late, early, moved))
    assert isinstance(outcome, Proposal), outcome
    assert texts(outcome)["uses.py"] == USES.replace("from shapes", "from geometry")


async def test_an_import_of_what_a_sibling_adds_is_judged_with_the_whole(make: Make) -> None:
    reply = plan(subtask("1", "uses.py"), subtask("2", creates=["rooms.py"]))
    old = "from shapes import area"
    uses = {"when": "Target: 'part 1'", "reply": block("uses.py", old, f"{old}\nfrom rooms import Room")}
    rooms = {"when": "Target: 'part 2'", "reply": block("rooms.py", "", "class Room:\n    pass")}
    outcome = await act(make(planner(reply), uses, rooms))
    assert isinstance(outcome, Proposal), outcome
    uses["reply"] = block("uses.py", old, f"{old}\nfrom no_such_module_anywhere import Room")
    project = make(planner(plan(subtask("1", "uses.py"))), uses, checks={"python": sys.executable})
    outcome = await act(project)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "unresolved-import"


async def test_a_dead_top_tier_leaves_the_plan_to_the_bulk_tier_and_says_so(make: Make) -> None:
    dead = {"when": ".", "model": "top-model", "fail": "connection-refused"}
    outcome = await act(make(dead, {"when": "The project:", "reply": TWO}, *RENAME))
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[:2] == ["top failed connection-refused", "bulk accepted"]
    assert any("bulk-model" in note and "made the plan" in note for note in outcome.notes)


async def test_what_may_not_leave_the_machine_is_not_in_the_plan(make: Make) -> None:
    leak = {"when": "uses.py", "model": "top-model", "reply": "x"}
    one = plan(subtask("1", "shapes.py"))
    outcome = await act(make(leak, planner(one), *RENAME, privacy={"local_only": ["uses.py"]}))
    assert isinstance(outcome, Proposal), outcome
    assert any("may not leave this machine" in note for note in outcome.notes)


async def test_the_scope_the_user_gave(make: Make) -> None:
    outcome = await act(make(planner(TWO), *RENAME), scope=("shapes.py",))
    assert isinstance(outcome, Refusal) or texts(outcome).keys() == {"shapes.py"}
    one = plan(subtask("1", "shapes.py"), outside=["uses.py"])
    outcome = await act(make(planner(one), *RENAME), scope=("shapes.py", "*.md"))
    assert isinstance(outcome, Proposal), outcome
    assert "the plan would also change 'uses.py', which was not given" in outcome.notes


async def test_a_scout_picks_files_in_a_large_project(make: Make) -> None:
    scout = {"when": "^The files:", "model": "bulk-model", "reply": '{"files": ["uses.py", "invented.py"]}'}
    project = make(scout, planner(TWO), *RENAME, planner={"single_call_tokens": 0, "outline_tokens": 500})
    for number in range(60):
        text = f"def function_number_{number}(first, second):\n    return first, area, surface\n"
        project.write(f"other/module_{number}.py", text)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome)[:2] == ["bulk accepted", "top accepted"]


async def test_protected_files_are_left_alone(make: Make) -> None:
    made = "# Code generated by a tool. DO NOT EDIT.\n" + USES
    for reply, code in (
        (plan(subtask("1", creates=[".github/workflows/x.yml"])), "plan-protected"),
        (plan(subtask("2", "uses.py")), "protected-file"),
    ):
        project = make(planner(reply), *RENAME)
        project.write("uses.py", made)
        outcome = await act(project)
        assert isinstance(outcome, Refusal)
        assert outcome.code == code


async def test_a_cancel_closes_and_books_every_call(make: Make) -> None:
    both = plan(subtask("1", "shapes.py"), subtask("2", "uses.py"))
    project = make(planner(both), {"when": "Target: 'part", "reply": "never mind", "hold": True})
    asked: list[str] = []

    def tell(progress: Progress) -> None:
        if ": asking" in progress.message:
            asked.append(progress.message)
        if len(asked) == 2:
            running.cancel()

    running = asyncio.ensure_future(act(project, tell))
    with pytest.raises(asyncio.CancelledError):
        await running
    rows = [row for row in project.ledger.attempt_rows() if isinstance(row, AttemptRow)]
    assert [row.outcome for row in rows] == ["accepted", "cancelled", "cancelled"]


async def test_a_free_instruction_that_reaches_far_is_planned(make: Make) -> None:
    project = make(planner(TWO), *RENAME)
    snapshot = project.read(project.work / "shapes.py")
    assert snapshot is not None
    words = "Rename area to surface in shapes.py, uses.py, other/a.py, other/b.py and other/c.py"
    for end, is_planned in ((4, True), (len(SHAPES), False)):
        task = Task(action_id="do", snapshot=snapshot, selection=Span(4, end), instruction=words)
        outcome = await run_action(project.runtime, task, project, project.told.append)
        assert (outcome.audit is not None) is is_planned, outcome


async def test_a_small_project_needs_no_plan(make: Make) -> None:
    whole = block("shapes.py", "def area(", "def surface(") + RENAME[1]["reply"]
    project = make({"when": "Target: 'area'", "reply": whole}, planner={})
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.audit is None
    assert len(outcome.attempts) == 1
