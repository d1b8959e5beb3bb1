"""The example project is sound, and the tests its script writes test something."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def written_tests(target: str) -> str:
    """The test file the script answers with."""
    rules = json.loads((EXAMPLES / "scripted.json").read_text("utf-8"))
    reply: str = next(rule["reply"] for rule in rules if rule["when"].endswith(f"Target: '{target}'"))
    return reply.removeprefix("```python\n").removesuffix("```\n")


def run_tests(project: Path, *names: str) -> int:
    """The exit code of pytest: 0 passed, 1 failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-W", "ignore", *names]
    return subprocess.run(command, cwd=project, capture_output=True, check=False).returncode


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / "unitkit", tmp_path / "unitkit"))


def test_script_has_a_rule_for_each_kind_of_work() -> None:
    rules = json.loads((EXAMPLES / "scripted.json").read_text("utf-8"))
    kinds = {rule["when"].split("\\")[0] for rule in rules}
    wanted = ("write tests", "document", "refactor", "add type hints", "fix diagnostic", "do", "refactor across files")
    assert kinds == {f"Task: {kind}" for kind in wanted}


def test_project_is_as_the_readme_of_it_says(project: Path) -> None:
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "--exit-zero", "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split(" ")[1] for line in lint.stdout.splitlines() if ".py:" in line]
    assert found == ["F401", "E701"]
    assert run_tests(project) == 0


MUTANTS = {
    "parse_date": (
        ("dates.py", '"yesterday": -1', '"yesterday": -2'),
        ("dates.py", '"tomorrow": 1', '"tomorrow": 0'),
        ("dates.py", "MONTHS.index(name) + 1", "MONTHS.index(name) or 1"),
        ("dates.py", "text.lower().split()", "text.split()"),
        ("dates.py", "if name not in MONTHS:", "if name in MONTHS:"),
        ("dates.py", "date(year, month, day)", "date(year, day, month)"),
        ("dates.py", "(today or date.today())", "date.today()"),
    ),
    "shares": (
        ("summary.py", "100 * amount / whole, 1", "100 * amount / whole, 0"),
        ("summary.py", "dict.fromkeys(parts, 0.0)", "{}"),
        ("summary.py", "100 * amount / whole", "amount / whole"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("target", MUTANTS)
def test_written_tests_pass_and_notice_mutants(project: Path, target: str) -> None:
    test = project / "tests" / "test_written.py"
    test.write_text(written_tests(target))
    assert run_tests(project, "tests/test_written.py") == 0
    for name, old, new in MUTANTS[target]:
        module = project / "unitkit" / name
        text = module.read_text()
        assert old in text
        module.write_text(text.replace(old, new, 1))
        assert run_tests(project, "tests/test_written.py") == 1, f"{old!r} → {new!r} was not noticed"
        module.write_text(text)
