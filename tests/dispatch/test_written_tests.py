"""Tests are written and proved for each framework: the vacuous answer is refused, its reason is in the next prompt."""

import json
from pathlib import Path

import pytest

from checks.running.runners import ASSERTING, EXPECTING, IN_GO, PROJECTS, RUNNERS
from dispatch.project import Project, fenced
from tierwise.checks.running.programs import find_go, find_node
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.dispatch import Proposal
from tierwise.text import Rejection

HONEST = {"vitest": EXPECTING, "jest": EXPECTING, "node": ASSERTING, "go": IN_GO}
VACUOUS = {"go": "func TestIt(t *testing.T) {\n\tHalf(10)\n}\n"}
# On a busy machine a runner of JavaScript takes a minute for what takes it two seconds otherwise.
PATIENT = {"checks": {"test_timeout_s": 240}}
NEXT_PROMPT = r"An earlier answer was refused \(vacuous-tests\): no assertion fails when the code is broken \(.*half"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own, on a machine that has a sandbox."""
    found = find_sandbox()
    if isinstance(found, Rejection):
        pytest.skip(found.detail)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("kind", HONEST)
async def test_the_reason_is_in_the_next_prompt(kind: str, folder: Path) -> None:
    case = PROJECTS[kind]
    if find_node() is None or find_go() is None or not (RUNNERS / "vitest" / "node_modules").is_dir():
        pytest.skip("Node, Go or the packages of tests/runners are missing; run 'make test-slow'")
    honest = case.head + HONEST[kind]["a value"]
    vacuous = case.head + VACUOUS.get(kind, "test('it', () => { half(10); });\n")
    rules = [
        {"when": f"(?is){NEXT_PROMPT}", "model": "top-model", "reply": fenced(honest, "text")},
        {"when": ".", "model": "bulk-model", "reply": fenced(vacuous, "text")},
        {"when": ".", "reply": "I cannot say."},
    ]
    project = Project(folder, rules, PATIENT)
    try:
        case.lay_out(project.work)
        if "__tests__" in case.test_path:
            # Another test shows where this project keeps them.
            project.write("lib/__tests__/other.test.js", "test('it', () => {});\n")
        at = "n / 2"
        outcome = await project.act("write_tests", project.write(case.target_path, case.target_text), at)
        said = [(attempt.tier, attempt.outcome, attempt.detail) for attempt in outcome.attempts]
        assert isinstance(outcome, Proposal), said
        assert [(tier, ended) for tier, ended, _ in said] == [("bulk", "rejected"), ("top", "accepted")], said
        change = outcome.changes[0]
        assert (change.path, change.after) == (project.work / case.test_path, honest)
        assert any("failed when" in note for note in outcome.notes)
    finally:
        await project.close()


async def test_what_cannot_be_proved_is_said(folder: Path) -> None:
    code = "class Sums {\n    static int half(int n) {\n        return n / 2;\n    }\n}\n"
    tests = "class SumsTest {\n    void half() {\n        assertEquals(5, Sums.half(10));\n    }\n}\n"
    project = Project(folder, [{"when": ".", "reply": fenced(tests, "java")}])
    try:
        outcome = await project.act("write_tests", project.write("src/main/java/Sums.java", code), "n / 2")
        assert isinstance(outcome, Proposal), outcome
        assert outcome.notes == (
            "the tests are not proved, because JUnit 5 is not run here; they are only known to parse",
        )
    finally:
        await project.close()


async def test_what_no_model_may_see_is_not_in_the_sandbox(folder: Path) -> None:
    tests = (
        "import pathlib\n\nfrom calc import add\n\n\ndef test_add():\n"
        "    assert not list(pathlib.Path('.').rglob('prices*'))\n"
        "    assert pathlib.Path('names.json').read_text() == '[]'\n    assert add(1, 2) == 3\n"
    )
    privacy = {"never_send": ["prices.*", "hidden/"], "local_only": ["names.json"]}
    project = Project(folder, [{"when": ".", "reply": fenced(tests)}], {"privacy": privacy})
    try:
        for name, text in {"prices.json": "[1]", "hidden/prices.py": "x = 1\n", "names.json": "[]"}.items():
            project.write(name, text)
        snapshot = project.write("calc.py", "def add(a, b):\n    return a + b\n")
        outcome = await project.act("write_tests", snapshot, "a + b")
        assert isinstance(outcome, Proposal), outcome
    finally:
        await project.close()


def test_the_fixtures_are_what_a_project_looks_like() -> None:
    for kind in ("vitest", "jest"):
        manifest = json.loads((RUNNERS / kind / "package.json").read_text("utf-8"))
        assert kind in manifest["devDependencies"]
