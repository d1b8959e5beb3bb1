"""A refactoring is tried on the project's own tests, and the reason it fails reaches the next model."""

from collections.abc import Callable
from typing import Any

import pytest

from dispatch.project import Project, fenced
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.dispatch import Proposal, Refusal
from tierwise.text import Rejection

CODE = "def half(number):\n    result = number // 2\n    return result\n"
GOOD = "def half(number):\n    return number // 2\n"
BAD = "def half(number):\n    return number / 2\n"
TESTS = "from halves import half\n\n\ndef test_half():\n    assert half(5) == 2\n"

pytestmark = pytest.mark.skipif(isinstance(find_sandbox(), Rejection), reason="there is no sandbox on this machine")
Make = Callable[..., Project]


async def refactored(project: Project) -> Proposal | Refusal:
    """Ask for a refactoring of the function."""
    project.write("tests/test_halves.py", TESTS)
    return await project.act("refactor", project.write("halves.py", CODE), "number")


async def test_what_breaks_a_test_goes_one_tier_up(make: Make) -> None:
    project = make(
        {"when": "project-tests-fail.*test_half", "model": "top-model", "reply": fenced(GOOD)},
        {"when": "refactor", "model": "bulk-model", "reply": fenced(BAD)},
    )
    outcome = await refactored(project)
    assert isinstance(outcome, Proposal), outcome
    assert [(str(a.tier), a.code) for a in outcome.attempts] == [("bulk", "project-tests-fail"), ("top", "")]
    assert "1 of the project's own tests pass still" in outcome.notes


async def test_only_where_the_user_allows_it(make: Make) -> None:
    project = make({"when": "refactor", "reply": fenced(BAD)}, checks={"project_tests": "never"})
    outcome = await refactored(project)
    assert isinstance(outcome, Proposal), outcome
    assert any("the project's own tests were not run" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("answer.txt", {"privacy": {"never_send": ["answer.txt"]}}),
        ("answer.txt", {}),
    ],
    ids=["never sent", "ignored by git"],
)
async def test_what_no_model_may_see_is_not_there_for_the_tests(
    make: Make, name: str, settings: dict[str, Any]
) -> None:
    # A failure's words go into the next prompt, so the test must not be able to read the file at all.
    project = make({"when": "refactor", "reply": fenced(GOOD)}, **settings)
    project.write(".gitignore", "" if settings else f"{name}\n")
    project.write(name, "SECRET")
    project.write("halves.py", CODE)
    reading = TESTS + f"\n\ndef test_file():\n    assert open({name!r}).read() == 'SECRET'\n"
    project.write("tests/test_halves.py", reading)
    outcome = await project.act("refactor", project.write("halves.py", CODE), "number")
    assert isinstance(outcome, Proposal), outcome
    assert "1 of the project's own tests pass still" in outcome.notes
