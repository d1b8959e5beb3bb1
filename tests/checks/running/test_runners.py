"""Tests of vitest, jest, `node --test` and `go test` are proved as those of Python are."""

from pathlib import Path
from typing import Any

import pytest

from checks.running.runners import (
    ASSERTING,
    EXPECTING,
    IN_GO,
    PROJECTS,
    VACUOUS_GO,
    VACUOUS_SCRIPTS,
    Project,
)
from tierwise.checks import Accepted, Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.programs import find_go, find_node
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.written_tests import NewTests, prove_tests
from tierwise.text import Rejection

CODES = {"vacuous-tests", "tests-fail", "no-tests-collected", "forged-report"}
QUICK = {("node", "a value"), ("node", "the type"), ("go", "a value"), ("vitest", "a value"), ("jest", "a value")}


def honest_of(project: Project) -> dict[str, str]:
    """The test files that hold, for one framework."""
    if project.framework is Framework.GO:
        return IN_GO
    return ASSERTING if project.framework is Framework.NODE_TEST else EXPECTING


def vacuous_of(project: Project) -> dict[str, str]:
    """The test files that test nothing, for one framework."""
    if project.framework is Framework.GO:
        return VACUOUS_GO
    if project.framework is Framework.NODE_TEST:
        expect = "const EXPECT = (a, b) => assert.equal(a, b);\n"
    else:
        expect = "const EXPECT = (a, b) => expect(a).toBe(b);\n"
    places = {"SOURCE": repr(project.target_path), "LENGTH": str(len(project.target_text))}
    return {name: expect + _replaced(text, places) for name, text in VACUOUS_SCRIPTS.items()}


def _replaced(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def by_speed(cases: list[tuple[str, str]]) -> list[Any]:
    """All cases, of which a few run every time."""
    return [case if case in QUICK else pytest.param(*case, marks=pytest.mark.slow) for case in cases]


async def verdict_on(sandbox: Sandbox, root: Path, project: Project, tests: str, old: str = "") -> Verdict:
    """Prove one test file of a project, or skip where this machine cannot run it."""
    if project.framework is Framework.GO and find_go() is None:
        pytest.skip("there is no Go on the search path; install it, e.g. the package golang-go")
    if project.framework is not Framework.GO and find_node() is None:
        pytest.skip("there is no Node on the search path; install Node 20 or newer")
    if project.modules is not None and not project.modules.is_dir():
        pytest.skip(f"the packages of {project.framework} are not installed; run 'make setup'")
    project.lay_out(root)
    return await prove_tests(
        NewTests(
            root=root,
            test_path=project.test_path,
            test_text=project.head + tests,
            target_path=project.target_path,
            target_text=project.target_text,
            framework=project.framework,
            old_test_text=old,
        ),
        sandbox,
        limits=Limits(timeout_s=240),
    )


HEAVY = {
    "vitest": ("the type", "skipped", "leaves", "writes everywhere", "the source's text"),
    "jest": ("the type", "skipped", "leaves", "writes everywhere", "the source's text"),
    "go": (
        *("a copy", "skipped", "skip otherwise", "recovered", "panics", "no tests", "leaves", "says it passed"),
        "does not compile",
    ),
    "vitest, typed": (),
}
"""Tests of nothing that are tried of the frameworks that take seconds: what depends on who runs them. The rest shows
with `node --test`."""
HONEST = [
    (kind, name)
    for kind, project in PROJECTS.items()
    for name in honest_of(project)
    if kind in ("node", "go") or name in ("a value", "an error", "several in a group")
]
VACUOUS = [
    (kind, name)
    for kind, project in PROJECTS.items()
    for name in vacuous_of(project)
    if name in HEAVY.get(kind, (name,))
]


@pytest.mark.parametrize(("kind", "name"), by_speed(HONEST))
async def test_accepted(kind: str, name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    project = PROJECTS[kind]
    verdict = await verdict_on(sandbox, tmp_path, project, honest_of(project)[name])
    assert isinstance(verdict, Accepted), verdict
    assert "failed when" in verdict.notes[0]


@pytest.mark.parametrize(("kind", "name"), by_speed(VACUOUS))
async def test_rejected(kind: str, name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    project = PROJECTS[kind]
    verdict = await verdict_on(sandbox, tmp_path, project, vacuous_of(project)[name])
    assert isinstance(verdict, Rejection), verdict
    assert verdict.code in CODES, verdict
    assert len(verdict.detail) > 20, verdict


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["vitest", "node", "go"])
async def test_older_tests_prove_nothing_of_new_ones(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    project = PROJECTS[kind]
    old = project.head + honest_of(project)["a value"]
    new = {
        "vitest": "test('more', () => { half(10); });\n",
        "node": "test('more', () => { half(10); });\n",
        "go": "func TestMore(t *testing.T) {\n\tHalf(10)\n}\n",
    }[kind]
    verdict = await verdict_on(sandbox, tmp_path, project, honest_of(project)["a value"] + new, old=old)
    assert isinstance(verdict, Rejection), verdict
    assert verdict.code == "vacuous-tests"


async def test_what_is_missing_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    for kind, words in (("vitest", "vitest is not in the project's node_modules"), ("go", "there is no go.mod")):
        project = PROJECTS[kind]
        root = tmp_path / kind
        (root / "src").mkdir(parents=True)
        verdict = await prove_tests(
            NewTests(
                root=root,
                test_path=project.test_path,
                test_text=project.head,
                target_path=project.target_path,
                target_text=project.target_text,
                framework=project.framework,
            ),
            sandbox,
        )
        assert isinstance(verdict, Rejection)
        assert verdict.code == "tests-not-run"
        assert words in verdict.detail or "search path" in verdict.detail
