"""The plug-in in a real, headless Neovim against the real server; models are scripted.

Each scenario is a Lua file below `scenarios/`; what it leaves on disk is looked at here.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nvim.setting_up import REPOSITORY, Case, find_nvim, scripted_rules, server_command, set_up, surroundings

pytestmark = pytest.mark.nvim

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 120.0


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
    "cancel": Case(rules=(HELD,)),
    "typing": Case(chunk_delay_s=0.2),
    "proposal": Case(),
    "trust": Case(files={".venv/bin/ruff": TELLTALE}),
    "trusting": Case(files={".venv/bin/ruff": TELLTALE}),
    "help": Case(),
}


def run_nvim(tmp_path: Path, name: str, case: Case) -> Path:
    """Run a scenario; fails with what the editor said. Returns the project."""
    project = set_up(tmp_path, case)
    told = {
        "scenario": str(HERE / "scenarios" / f"{name}.lua"),
        "project": str(project),
        "command": server_command(),
        "arguments": dict(case.arguments),
    }
    (tmp_path / "case.json").write_text(json.dumps(told))
    command = [
        *(str(find_nvim()), "--clean", "--headless"),
        *("--cmd", f"let g:case = json_decode(readfile('{tmp_path}/case.json'))"),
        *("--cmd", f"set runtimepath^={REPOSITORY / 'client-nvim'}"),
        *("-c", f"luafile {HERE / 'harness.lua'}"),
    ]
    ended = subprocess.run(
        command,
        cwd=project,
        env=surroundings(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    logs = "".join(log.read_text(errors="replace") for log in tmp_path.glob("xdg/state/nvim/lsp.log"))
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}\n{logs}"
    assert "Traceback" not in logs, logs
    return project


@pytest.mark.parametrize("name", CASES)
def test_scenario(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    case.check(run_nvim(tmp_path, name, case))


def test_trusted_by_setting(tmp_path: Path) -> None:
    case = Case(files=CASES["trust"].files, arguments={"is_trusted": True})
    assert (run_nvim(tmp_path, "trust", case) / "ran").exists()


def test_every_scenario_is_run() -> None:
    assert {path.stem for path in (HERE / "scenarios").glob("*.lua")} == set(CASES)
