"""Written tests are proved: collected, passing, and failing on broken code."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tierwise.checks import Accepted
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.written_tests import NewTests, prove_tests
from tierwise.text import Rejection

TARGET = '''"""Sums."""


def add(a, b):
    """Add."""
    return a + b


def clamp(x, low, high):
    """Keep x between."""
    if x < low:
        return low
    return min(x, high)
'''


def project(root: Path) -> Path:
    """A package with one module."""
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "__init__.py").write_text("")
    (root / "pkg" / "sums.py").write_text(TARGET)
    (root / "pkg" / "values.txt").write_text("1 2")
    return root


async def verdict_on(sandbox: Sandbox, root: Path, test_text: str, **fields: object) -> Accepted | Rejection:
    """Prove one test file against the module."""
    return await prove_tests(
        NewTests(
            root=project(root / "project"),
            test_path="tests/test_sums.py",
            test_text=test_text,
            target_path="pkg/sums.py",
            target_text=TARGET,
        ),
        sandbox,
        python=sys.executable,
        **fields,  # type: ignore[arg-type]
    )


QUICK = {"one assertion", "unittest", "wrong expectation", "nothing to collect", "asserts nothing", "writes the report"}


def by_speed(names: Iterable[str]) -> list[Any]:
    """All cases, of which a few run every time."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


HEAD = "import os, pathlib, sys, time\nimport pytest\nfrom pkg.sums import add, clamp\n\n"
ACCEPTED = {
    "one assertion": "def test_add():\n    assert add(1, 2) == 3\n",
    "a class": "class TestAdd:\n    def test_add(self):\n        assert add(1, 2) == 3\n",
    "parameters": "@pytest.mark.parametrize('a', [1, 2])\ndef test_add(a):\n    assert add(a, a) == 2 * a\n",
    "a temporary file": (
        "def test_add(tmp_path):\n    (tmp_path / 'x').write_text(str(add(1, 2)))\n"
        "    assert (tmp_path / 'x').read_text() == '3'\n"
    ),
    "a file of the project": (
        "def test_add():\n    a, b = map(int, pathlib.Path('pkg/values.txt').read_text().split())\n"
        "    assert add(a, b) == 3\n"
    ),
    "unittest": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_add(self):\n"
        "        self.assertEqual(add(1, 2), 3)\n"
    ),
    "some skipped": "@pytest.mark.skip\ndef test_a():\n    pass\ndef test_add():\n    assert clamp(5, 1, 3) == 3\n",
    "asynchronous": "async def test_add():\n    assert add(1, 2) == 3\n",
}


@pytest.mark.parametrize("name", by_speed(ACCEPTED))
async def test_accepted(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    verdict = await verdict_on(sandbox, tmp_path, HEAD + ACCEPTED[name])
    assert isinstance(verdict, Accepted), verdict
    assert "passed, and failed when" in verdict.notes[0]


REJECTED = {
    "wrong expectation": ("def test_add():\n    assert add(1, 2) == 4\n", "tests-fail"),
    "error": ("def test_add():\n    add(1)\n", "tests-fail"),
    "no such name": ("from pkg.sums import nothing\ndef test_add():\n    pass\n", "tests-fail"),
    "syntax": ("def test_add(:\n", "tests-fail"),
    "nothing to collect": ("def add_test():\n    assert add(1, 2) == 3\n", "no-tests-collected"),
    "empty": ("", "no-tests-collected"),
    "all skipped": ("@pytest.mark.skip\ndef test_add():\n    assert add(1, 2) == 3\n", "vacuous-tests"),
    "expected to fail": ("@pytest.mark.xfail\ndef test_add():\n    assert add(1, 2) == 4\n", "vacuous-tests"),
    "asserts nothing": ("def test_add():\n    assert True\n", "vacuous-tests"),
    "calls only": ("def test_add():\n    add(1, 2)\n", "vacuous-tests"),
    "compares with itself": ("def test_add():\n    assert add(1, 2) == add(1, 2)\n", "vacuous-tests"),
    "swallows": (
        "def test_add():\n    try:\n        assert add(1, 2) == 3\n    except AssertionError:\n        pass\n",
        "vacuous-tests",
    ),
    "tests a copy": (
        "def mine(a, b):\n    return a + b\ndef test_add():\n    assert mine(1, 2) == 3\n",
        "vacuous-tests",
    ),
    "mocks the target": (
        "from unittest.mock import patch\ndef test_add():\n    with patch('pkg.sums.add', return_value=3) as m:\n"
        "        assert m(1, 2) == 3\n",
        "vacuous-tests",
    ),
    "leaves early": ("def test_add():\n    os._exit(0)\n", "tests-fail"),
    "says it passed": (
        "print('1 passed')\ndef test_add():\n    print('PASSED')\n    assert add(1, 2) == 4\n",
        "tests-fail",
    ),
    "writes the report": (
        "def test_add():\n    for i in range(3, 60):\n        try:\n            os.write(i, b'0 {}' + bytes([10]))\n"
        "        except OSError:\n            pass\n",
        "forged-report",
    ),
    "closes the report": ("def test_add():\n    os.closerange(3, 99)\n    assert add(1, 2) == 4\n", "tests-fail"),
    "plants a plugin": (
        "def test_add():\n    pathlib.Path('conftest.py').write_text('def pytest_runtest_call(): raise SystemExit')\n",
        "vacuous-tests",
    ),
    "kills its parent": (
        "def test_add():\n    os.kill(os.getppid(), 9)\n    os.kill(1, 9)\n    assert add(1, 2) == 4\n",
        "tests-fail",
    ),
}


@pytest.mark.parametrize("name", by_speed(REJECTED))
async def test_rejected(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    text, code = REJECTED[name]
    head = "" if name == "empty" else HEAD
    verdict = await verdict_on(sandbox, tmp_path, head + text)
    assert isinstance(verdict, Rejection), verdict
    assert (verdict.code, bool(verdict.detail)) == (code, True)


async def test_a_failure_is_told_without_the_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    verdict = await verdict_on(sandbox, tmp_path, HEAD + "def test_add():\n    assert add(1, 2) == 4\n")
    assert isinstance(verdict, Rejection)
    assert "assert 3 == 4" in verdict.detail
    assert str(tmp_path) not in verdict.detail


async def test_tests_without_end(sandbox: Sandbox, tmp_path: Path) -> None:
    text = HEAD + "def test_add():\n    time.sleep(1000)\n"
    verdict = await verdict_on(sandbox, tmp_path, text, limits=Limits(timeout_s=4))
    assert isinstance(verdict, Rejection)
    assert "did not finish within 4 seconds" in verdict.detail


async def test_a_broken_loop_does_not_hold_up_the_proof(sandbox: Sandbox, tmp_path: Path) -> None:
    target = "def count(n):\n    i = 0\n    while i < n:\n        i += 1\n    return i\n"
    verdict = await prove_tests(
        NewTests(
            root=tmp_path,
            test_path="test_count.py",
            test_text="from count import count\ndef test_count():\n    assert count(3) == 3\n",
            target_path="count.py",
            target_text=target,
        ),
        sandbox,
        limits=Limits(timeout_s=20),
    )
    assert isinstance(verdict, Accepted)


async def test_the_projects_conftest_can_be_left_out(sandbox: Sandbox, tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    (root / "conftest.py").write_text("raise SystemExit('never read')\n")
    for is_used, kind in ((False, Accepted), (True, Rejection)):
        verdict = await prove_tests(
            NewTests(
                root=root,
                test_path="test_sums.py",
                test_text=HEAD + ACCEPTED["one assertion"],
                target_path="pkg/sums.py",
                target_text=TARGET,
            ),
            sandbox,
            is_conftest_used=is_used,
        )
        assert isinstance(verdict, kind), verdict


async def test_the_text_and_not_the_file_is_tested(sandbox: Sandbox, tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    verdict = await prove_tests(
        NewTests(
            root=root,
            test_path="test_sums.py",
            test_text=HEAD + "def test_add():\n    assert add(1, 2) == -1\n",
            target_path="pkg/sums.py",
            target_text=TARGET.replace("a + b", "a - b"),
        ),
        sandbox,
    )
    assert isinstance(verdict, Accepted), verdict
    assert "a + b" in (root / "pkg" / "sums.py").read_text()


async def test_without_a_sandbox_nothing_runs(tmp_path: Path) -> None:
    verdict = await prove_tests(
        NewTests(
            root=tmp_path,
            test_path="test_a.py",
            test_text=f"import os\nos.mkdir({os.fspath(tmp_path / 'ran')!r})\n",
            target_path="a.py",
            target_text=TARGET,
        ),
        Rejection("no-sandbox", "there is none"),
    )
    assert verdict == Rejection("tests-not-run", "there is none")
    assert not (tmp_path / "ran").exists()
