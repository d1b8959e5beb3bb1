"""The plug-in in a real, headless Neovim against the real server; models are scripted.

Each scenario is a Lua file below `scenarios/`; what it leaves on disk is looked at here.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nvim.setting_up import NEWEST, REPOSITORY, SCENARIOS, Case, run_nvim, scripted_rules

pytestmark = pytest.mark.nvim


def block_of(when: str) -> str:
    """The text inside the fence of the script's reply to a request."""
    reply: str = next(rule["reply"] for rule in scripted_rules() if when in rule["when"])
    return reply.split("\n", 1)[1].removesuffix("```\n")


def has_exactly_the_reply(project: Path) -> None:
    assert (project / "tests" / "test_dates.py").read_bytes() == block_of("Target: 'parse_date'").encode()


def is_formatted(project: Path) -> None:
    """The file is what ruff itself makes of it under the project's settings."""
    command = [sys.executable, "-m", "ruff", "format", "--no-cache", "--diff", "unitkit/sizes.py"]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


def works_after_the_refactoring(project: Path) -> None:
    command = [sys.executable, "-m", "unitkit.report", "12MB", "3GB"]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert "from 12.0 MB to 3.0 GB, half are below 1.5 GB" in ended.stdout
    assert "class Spread(NamedTuple)" in (project / "unitkit" / "summary.py").read_text()


HELD = {"when": r"Task: refactor\. Target: 'convert_temperature'", "reply": "It is being thought about.", "hold": True}
# A formatter of the project that leaves a trace when it is run.
TELLTALE = f'#!/bin/sh\ntouch ran\nexec {sys.executable} -m ruff "$@"\n'

SPARE = "".join(f"UNIT_{number} = {number}\n" for number in range(20))
MOVED = {
    "when": r"Task: refactor across files\..*Instruction: [^\n]*better name",
    "reply": "*** Begin Patch\n*** Delete File: unitkit/spare.py\n*** Add File: unitkit/kept.py\n"
    + "".join(f"+{line}\n" for line in SPARE.splitlines())
    + "*** Add File: unitkit/words.py\n+WORDS = ()\n*** End Patch\n",
}

DOS = (REPOSITORY / "examples/unitkit/unitkit/dates.py").read_text("utf-8").rstrip("\n").replace("\n", "\r\n")

CASES: Mapping[str, Case] = {
    "menu": Case(),
    "document": Case(),
    "write_tests": Case(check=has_exactly_the_reply),
    "format": Case(check=is_formatted),
    "command": Case(),
    "instruction": Case(),
    "fix": Case(),
    "selection": Case(),
    "across": Case(check=works_after_the_refactoring),
    "progress": Case(),
    "reports": Case(),
    "bytes": Case(files={"unitkit/dos.py": DOS}),
    "cancel": Case(rules=(HELD,)),
    "killed": Case(rules=(HELD,)),
    "typing": Case(chunk_delay_s=0.2),
    "proposal": Case(rules=(MOVED,), files={"unitkit/spare.py": SPARE}, arguments={"text": SPARE}),
    "trust": Case(files={".venv/bin/ruff": TELLTALE}),
    "trusting": Case(files={".venv/bin/ruff": TELLTALE}),
    "help": Case(),
    "history": Case(),
}


@pytest.mark.parametrize("name", CASES)
def test_scenario(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    case.check(run_nvim(tmp_path, name, case))


@pytest.mark.parametrize("name", ["help", "menu", "progress"])
def test_scenario_in_the_newest(tmp_path: Path, name: str) -> None:
    """What differs between releases: deprecated functions, the menu, messages of progress."""
    case = CASES[name]
    case.check(run_nvim(tmp_path, name, case, NEWEST))


def test_trusted_by_setting(tmp_path: Path) -> None:
    case = Case(files=CASES["trust"].files, arguments={"is_trusted": True})
    assert (run_nvim(tmp_path, "trust", case) / "ran").exists()


def test_every_scenario_is_run() -> None:
    assert {path.stem for path in SCENARIOS.glob("*.lua")} == set(CASES) | {"no_model", "wire", "wrong_key"}
