"""Tests that fail where the code under test does not even load are not the model's fault."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks.running.runners import PROJECTS, Project
from checks.running.test_runners import verdict_on
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.sandbox import Sandbox
from tierwise.text import Rejection

_PYTHON = Project(Framework.PYTEST, "pack/sums.py", "def half(n):\n    return n // 2\n", "tests/test_sums.py", "")
KINDS = {
    "pytest": replace(_PYTHON, files={"pack/__init__.py": ""}),
    "unittest": replace(_PYTHON, framework=Framework.UNITTEST, files={"pack/__init__.py": ""}),
    **PROJECTS,
}
_SCRIPT = "test('it', () => { throw new Error('no'); });\n"
WRONG = {
    "pytest": "from pack.sums import half\n\n\ndef test_half():\n    assert half(4) == 3\n",
    "unittest": (
        "import unittest\n\nfrom pack.sums import half\n\n\nclass HalfTest(unittest.TestCase):\n"
        "    def test_half(self):\n        self.assertEqual(half(4), 3)\n"
    ),
    "go": 'func TestIt(t *testing.T) {\n\tt.Fatal("no")\n}\n',
}
BREAKING = {
    "pytest": ("raise ValueError(3)\n", "ValueError: 3"),
    "unittest": ("from . import gone\n", "cannot import name 'gone'"),
    "jest": ("require('./nowhere.js');\n", "nowhere.js"),
    "vitest": ("import './nowhere.js';\n", "nowhere.js"),
    "vitest, typed": ("import './nowhere.js';\n", "nowhere.js"),
    "node": ("import './nowhere.js';\n", "nowhere.js"),
    "go": ("", "cannot use"),
}
QUICK = ("pytest", "unittest", "node")


@pytest.mark.parametrize("kind", [k if k in QUICK else pytest.param(k, marks=pytest.mark.slow) for k in KINDS])
async def test_only_code_that_loads_proves_tests_wrong(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    project = KINDS[kind]
    tests = WRONG.get(kind, _SCRIPT)
    good = await verdict_on(sandbox, tmp_path / "good", project, tests)
    assert isinstance(good, Rejection), good
    assert good.code == "tests-fail", good
    head, words = BREAKING[kind]
    text = head + project.target_text if head else project.target_text + '\nfunc Odd() int {\n\treturn "a"\n}\n'
    broken = await verdict_on(sandbox, tmp_path / "broken", replace(project, target_text=text), tests)
    assert isinstance(broken, Rejection), broken
    assert broken.code == "tests-not-run", broken
    assert "does not load in the sandbox, even without tests: " in broken.detail
    assert words in broken.detail
    assert "\n" not in broken.detail
