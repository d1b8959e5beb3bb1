"""A configuration with scripted models, a ledger, and the command line on it."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tierwise.cli.app import build

Run = Callable[..., tuple[int, Any, str]]
CODE = "def add(a, b):\n    return a + b\n"
DOCUMENTED = 'def add(a, b):\n    """Return the sum."""\n    return a + b\n'
SCRIPT = [
    {"when": ".", "model": "right", "reply": f"```python\n{DOCUMENTED}```\n"},
    {"when": ".", "model": "other", "reply": f"```python\n{DOCUMENTED.replace('the sum', 'a plus b')}```\n"},
    {"when": ".", "model": "chatty", "reply": "I cannot help with that."},
    {"when": ".", "model": "broken", "reply": "```python\ndef add(a, b):\n    return (a + b\n```\n"},
    {"when": ".", "model": "wrong", "reply": "```python\ndef add(a, b):\n    return a - b\n```\n"},
    {"when": ".", "model": "silent", "fail": "timeout-total"},
    {"when": ".", "model": "away", "fail": "connection-refused"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home with settings in it; `demo/right` is dear and on the top tier, `demo/nobody` has no price."""
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT), "utf-8")
    (tmp_path / "config.toml").write_text(
        '[tiers.local]\nmodels = []\n[tiers.bulk]\nmodels = ["demo/other"]\n[tiers.top]\nmodels = ["demo/right"]\n'
        f'[backends.demo]\ntype = "scripted"\nscript = {json.dumps(str(tmp_path / "script.json"))}\n'
        '[backends.far]\ntype = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n'
        '[models."demo/right"]\ninput_usd_per_million = 5\noutput_usd_per_million = 25\n'
        '[models."zai/glm-5.1"]\ninput_usd_per_million = 2\noutput_usd_per_million = 4\n'
        "cache_read_usd_per_million = 1\n"
        f"[ledger]\npath = {json.dumps(str(tmp_path / 'ledger.sqlite3'))}\n",
        "utf-8",
    )
    return tmp_path


@functools.cache
def go_cache() -> dict[str, str]:
    """Where Go keeps what it has compiled, which it would look for in the home; without it each run compiles it."""
    go = shutil.which("go")
    if go is None:
        return {}
    asked = subprocess.run([go, "env", "GOCACHE"], capture_output=True, text=True, check=True, cwd="/")
    return {"GOCACHE": asked.stdout.strip()}


@pytest.fixture
def tierwise(folder: Path) -> Run:
    """Runs a command in this process; gives its exit code, its JSON document when there is one, and standard error."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder),
        "TIERWISE_CONFIG": str(folder / "config.toml"),
        **go_cache(),
    }

    def run(*arguments: str) -> tuple[int, Any, str]:
        ran = CliRunner().invoke(build([arguments[0]]), list(arguments), env=env)
        document = json.loads(ran.stdout) if "--json" in arguments and ran.stdout else ran.stdout
        return ran.exit_code, document, ran.stderr

    return run
