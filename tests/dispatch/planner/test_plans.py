"""What a planner may say, and what of it becomes a plan."""

import json
from typing import Any

import pytest

from tierwise.dispatch.planner.plan import Plan, read_plan, schema
from tierwise.dispatch.planner.validating import Scope, check_plan
from tierwise.text import Rejection

FILES = frozenset({"app/a.py", "app/b.py", "app/c.py"})
SCOPE = Scope(
    files=FILES,
    exists=lambda path: path in FILES or path in ("secret.py", "setup.cfg"),
    protected=lambda path: "it is a workflow" if path.startswith(".github/") else None,
)


def subtask(id: str = "1", **fields: Any) -> dict[str, Any]:
    """One subtask as a planner words it."""
    return {"id": id, "title": f"work {id}", "instruction": "rename f to g", **fields}


def planned(*subtasks: dict[str, Any], **fields: Any) -> Plan | Rejection:
    """The plan a reply becomes."""
    reply = read_plan(json.dumps({"subtasks": list(subtasks), **fields}))
    return reply if isinstance(reply, Rejection) else check_plan(reply, SCOPE)


A, B, C = ({"files": [path]} for path in sorted(FILES))


@pytest.mark.parametrize(
    ("subtasks", "order"),
    [
        ([subtask("1", **A), subtask("2", **B)], "1 2"),
        ([subtask("1", **A, after=["2"]), subtask("2", **B)], "2 1"),
        ([subtask("1", **A, after=["3"]), subtask("2", **B, after=["1"]), subtask("3", **C)], "3 1 2"),
        ([subtask("1", creates=["app/new.py"])], "1"),
        ([subtask("1", deletes=["app/a.py"], instruction="")], "1"),
        ([subtask("1", files=["./app/a.py"], renames=[{"old": "app/a.py", "new": "app/d.py"}])], "1"),
    ],
)
def test_plans(subtasks: list[dict[str, Any]], order: str) -> None:
    plan = planned(*subtasks)
    assert isinstance(plan, Plan), plan
    assert " ".join(s.id for s in plan.subtasks) == order


@pytest.mark.parametrize(
    ("subtasks", "code", "words"),
    [
        ([], "plan-empty", "no subtask"),
        ([subtask("1")], "plan-empty", "names no file"),
        ([subtask("1", **A, instruction=" ")], "plan-empty", "says nothing"),
        ([subtask("1", **A), subtask("1", **B)], "plan-contradictory", "the id '1'"),
        ([subtask("1", **A), subtask("2", **A)], "plan-contradictory", "both change 'app/a.py'"),
        ([subtask("1", **A), subtask("2", files=["app\\a.py"])], "plan-contradictory", "both change"),
        ([subtask("1", **A, after=["9"])], "plan-contradictory", "waits for '9'"),
        ([subtask("1", **A, deletes=["app/a.py"])], "plan-contradictory", "deletes 'app/a.py'"),
        ([subtask("1", creates=["app/b.py"])], "plan-contradictory", "exists already"),
        ([subtask("1", creates=["setup.cfg"])], "plan-contradictory", "exists already"),
        ([subtask("1", **A, renames=[{"old": "app/a.py", "new": "app/b.py"}])], "plan-contradictory", "exists already"),
        ([subtask("1", **A, after=["2"]), subtask("2", **B, after=["1"])], "plan-cyclic", "wait for each other"),
        ([subtask("1", **A, after=["1"])], "plan-cyclic", "'1'"),
        ([subtask("1", files=["app/none.py"])], "plan-outside-scope", "does not exist"),
        ([subtask("1", files=["secret.py"])], "plan-outside-scope", "was not given"),
        ([subtask("1", deletes=["secret.py"], instruction="")], "plan-outside-scope", "was not given"),
        ([subtask("1", creates=["../evil.py"])], "plan-outside-scope", "outside the project"),
        ([subtask("1", creates=["/etc/cron.d/x"])], "plan-outside-scope", "outside the project"),
        ([subtask("1", creates=[".github/workflows/ci.yml"])], "plan-protected", "it is a workflow"),
        ([subtask("1", **A, tier="cheapest")], "plan-unreadable", "tier"),
        ([subtask("1", files="app/a.py")], "plan-unreadable", "files"),
        ([subtask(str(n), **A) for n in range(30)], "plan-unreadable", "subtasks"),
    ],
)
def test_refused_plans(subtasks: list[dict[str, Any]], code: str, words: str) -> None:
    plan = planned(*subtasks)
    assert isinstance(plan, Rejection), plan
    assert plan.code == code
    assert words in plan.detail


@pytest.mark.parametrize(
    ("reply", "is_plan"),
    [
        ('Sure.\n```json\n{"subtasks": [{"id": "1", "title": "t"}]}\n```\nDone {really}.', True),
        ('<think>{"subtasks": "no"}</think>{"subtasks": []}', True),
        ('{not json} {"subtasks": []}', True),
        ("I cannot plan this.", False),
        ("[" * 5000, False),
        ("{" * 5000, False),
        ('{"subtasks": null}', False),
        ("", False),
    ],
)
def test_replies(reply: str, is_plan: bool) -> None:
    read = read_plan(reply)
    assert isinstance(read, Rejection) is not is_plan, read
    if isinstance(read, Rejection):
        assert read.code == "plan-unreadable"


def test_what_lies_outside_is_asked_for_not_taken() -> None:
    plan = planned(subtask("1", **A), outside=["secret.py", "app/b.py", "secret.py"])
    assert isinstance(plan, Plan)
    assert plan.outside == ("secret.py",)


def test_every_field_of_the_schema_is_required_and_nothing_else_allowed() -> None:
    wanted = schema()
    objects = [wanted, *wanted["$defs"].values()]
    assert {"id", "title", "tier"} <= set(wanted["$defs"]["SubtaskReply"]["properties"])
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
