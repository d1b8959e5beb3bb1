"""The project's own tests, before and after a change."""

import sys
from pathlib import Path

import pytest

from tierwise.checks import Accepted
from tierwise.checks.running.project_tests import ChangedProject, still_pass
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.text import Rejection

SUMS = "def add(a, b):\n    return a + b\n\n\ndef twice(a):\n    return add(a, a)\n"
TESTS = """\
from sums import add, twice


def test_add():
    assert add(1, 2) == 3


def test_twice():
    assert twice(2) == 4


def test_that_never_passed():
    assert add(1, 1) == 3
"""


async def verdict_on(sandbox: Sandbox | Rejection, root: Path, changed: dict[str, str | None]) -> str:
    """The verdict's code and words on a change of the small project."""
    files = {"sums.py": SUMS, "tests/test_sums.py": TESTS, "tests/test_broken.py": "import no_such_module\n"}
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    project = ChangedProject(
        root=root,
        changed={path: (files.get(path), text) for path, text in changed.items()},
        tests=("tests/test_sums.py", "tests/test_broken.py"),
        is_left_out=lambda _path: False,
    )
    verdict = await still_pass(project, sandbox, sys.executable, Limits(timeout_s=20))
    if isinstance(verdict, Accepted):
        return "accepted: " + "; ".join(verdict.notes)
    return f"{verdict.code}: {verdict.detail}"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sums.py": SUMS.replace("add(a, a)", "2 * a")}, "2 of the project's own tests pass still"),
        ({"sums.py": SUMS.replace("a + b", "a - b")}, "project-tests-fail: 'test_add' in 'tests/test_sums.py' passed"),
        ({"sums.py": SUMS.replace("def twice", "def double")}, "project-tests-fail: 'tests/test_sums.py'"),
        (
            {"sums.py": None, "adding.py": SUMS, "tests/test_sums.py": TESTS.replace("from sums", "from adding")},
            "2 of the project's own tests pass still",
        ),
        (
            {"sums.py": SUMS, "tests/test_sums.py": TESTS.replace("def test_twice", "def twice_no_more")},
            "project-tests-fail: 2 tests of 'tests/test_sums.py' passed before the change, and 1 pass now",
        ),
    ],
    ids=["same", "broken", "renamed", "moved with its tests", "a test lost"],
)
async def test_own_tests(sandbox: Sandbox, tmp_path: Path, changed: dict[str, str | None], words: str) -> None:
    found = await verdict_on(sandbox, tmp_path, changed)
    assert words in found, found
    if found.startswith("accepted"):
        assert "'tests/test_broken.py' was not run again: it does not pass without the change" in found


async def test_without_a_sandbox_it_is_said(tmp_path: Path) -> None:
    none = Rejection("no-sandbox", "bubblewrap is missing")
    found = await verdict_on(none, tmp_path, {"sums.py": SUMS.replace("a + b", "a - b")})
    assert found == "accepted: the project's own tests were not run: bubblewrap is missing"
