"""Documents that models and people write are refused with a sentence when they make no sense."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from tierwise.config.eval_cases import EvalCase
from tierwise.config.schema_models import EditReply, Plan
from tierwise.edits import apply_reply
from tierwise.text import Rejection


def subtask(name: str, *files: str, after: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """A subtask that is fine but for the changes."""
    fine = {"id": name, "title": "Move it", "files": files or (f"{name}.py",), "contract": "It works as before"}
    return {**fine, "check": "The tests pass", "tier": "bulk", "depends_on": after, **changes}


def plan(*subtasks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plan of these subtasks."""
    return {"summary": "Move the parser", "subtasks": subtasks, **changes}


CASE = {"id": "c1", "action": "document", "language": "python", "path": "a.py", "files": {"a.py": "def f$0(): ..."}}
GOOD: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (Plan, plan(subtask("a"))),
    (Plan, plan(subtask("a", "x.py"), subtask("b", "x.py", after=("a",)))),
    (Plan, plan(subtask("c", "x.py", after=("b",)), subtask("b", after=("a",)), subtask("a", "x.py"))),
    (EditReply, {"edits": [{"path": "a.py", "old": "x", "new": ""}, {"path": "b.py", "content": ""}]}),
    (EditReply, {"edits": [{"path": "a.py", "start_line": 3, "end_line": 2, "new": "x\n"}]}),
    (EditReply, {"edits": [{"path": "a.py", "delete": True}]}),
    (EvalCase, CASE),
    (EvalCase, {**CASE, "right": ["a"], "wrong": ["b"], "expected": {"a.py": None}, "checks": ["tests-pass"]}),
]
BAD: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (Plan, plan(), "at least 1 item"),
    (Plan, plan(*(subtask(f"t{i}") for i in range(41))), "at most 40 items"),
    (Plan, plan(subtask("a"), subtask("a", "b.py")), "two subtasks have the same id"),
    (Plan, plan(subtask("a", after=("z",))), "depends on 'z', which is not in the plan"),
    (Plan, plan(subtask("a", after=("a",))), "wait for each other"),
    (Plan, plan(subtask("a", after=("b",)), subtask("b", after=("a",))), "wait for each other"),
    (Plan, plan(subtask("a", "x.py"), subtask("b", "x.py")), "'a' and 'b' both change 'x.py'"),
    (Plan, plan(subtask("a", "x.py", "x.py")), "names a file twice"),
    (Plan, plan(subtask("a", "../x.py")), "inside the workspace"),
    (Plan, plan(subtask("a", "/etc/passwd")), "inside the workspace"),
    (Plan, plan(subtask("a", "C:/x")), "inside the workspace"),
    (Plan, plan(subtask("a", "x\\y")), "inside the workspace"),
    (Plan, plan(subtask("a", "./x")), "inside the workspace"),
    (Plan, plan(subtask("a", "x\x00y")), "match pattern"),
    (Plan, plan(subtask("a", tier="native")), "'local', 'bulk' or 'top'"),
    (Plan, plan(subtask("a", contract="  ")), "at least 1 character"),
    (Plan, plan(subtask("a", run="rm -rf /")), "Extra inputs are not permitted"),
    (EditReply, {"edits": []}, "at least 1 item"),
    (EditReply, {"edits": [{"path": "a", "old": "", "new": "x"}]}, "at least 1 character"),
    (EditReply, {"edits": [{"path": "a", "start_line": 5, "end_line": 2, "new": ""}]}, "must not lie before"),
    (EditReply, {"edits": [{"path": "../a", "content": ""}]}, "inside the workspace"),
    (EvalCase, {**CASE, "path": "b.py"}, "has no text for 'b.py'"),
    (EvalCase, {**CASE, "files": {"a.py": "no cursor"}}, "needs one '$0'"),
    (EvalCase, {**CASE, "right": ["x"], "wrong": ["x"]}, "both right and wrong"),
    (EvalCase, {**CASE, "action": "Write Tests"}, "match pattern"),
]


@pytest.mark.parametrize(("model", "document"), GOOD)
def test_sound_documents_are_taken(model: type[BaseModel], document: dict[str, Any]) -> None:
    read = model.model_validate_json(json.dumps(document))
    assert model.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(("model", "document", "words"), BAD)
def test_others_are_refused_with_a_sentence(model: type[BaseModel], document: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(document))
    assert words in str(caught.value)


def test_a_reply_that_follows_the_schema_can_be_applied() -> None:
    edits = [
        {"path": "a.py", "old": "x", "new": "y"},
        {"path": "b.py", "content": "new\n"},
        {"path": "c.py", "start_line": 2, "end_line": 1, "new": "between\n"},
        {"path": "d.py", "delete": True},
    ]
    reply = EditReply.model_validate({"edits": edits}).model_dump_json()
    applied = apply_reply(reply, {"a.py": "x\n", "c.py": "1\n2\n", "d.py": "z\n"})
    assert not isinstance(applied, Rejection)
    assert applied.files == {"a.py": "y\n", "b.py": "new\n", "c.py": "1\nbetween\n2\n", "d.py": None}
