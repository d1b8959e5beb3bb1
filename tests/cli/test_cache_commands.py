"""`tierwise run` looked at first and written then is paid for once; `tierwise cache` shows and forgets what is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tierwise.cli.app import build

CODE = "def add(a, b):\n    return a + b\n"
REPLY = '```python\ndef add(a, b):\n    """The sum."""\n    return a + b\n```\n'


def invoke(folder: Path, *arguments: str) -> tuple[int, Any]:
    """Run a command with a configuration, a ledger and a scripted model of its own."""
    env = {"HOME": str(folder), "XDG_STATE_HOME": str(folder), "TIERWISE_CONFIG": str(folder / "config.toml")}
    ran = CliRunner().invoke(build([arguments[0]]), [*arguments, "--json"], env=env)
    return ran.exit_code, json.loads(ran.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "script.json").write_text(json.dumps([{"when": ".", "reply": REPLY}]), "utf-8")
    tiers = "\n".join(f'[tiers.{tier}]\nmodels = ["demo/{tier}"]' for tier in ("local", "bulk", "top"))
    script = json.dumps(str(tmp_path / "script.json"))
    (tmp_path / "config.toml").write_text(
        f'{tiers}\n[backends.demo]\ntype = "scripted"\nscript = {script}\n'
        f"[ledger]\npath = {json.dumps(str(tmp_path / 'money.db'))}\n",
        "utf-8",
    )
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pyproject.toml").write_text("[tool.ruff]\n", "utf-8")
    (tmp_path / "work" / "calc.py").write_text(CODE, "utf-8")
    return tmp_path


def test_a_look_and_then_the_edit_ask_once(folder: Path) -> None:
    file = str(folder / "work" / "calc.py")
    code, empty = invoke(folder, "cache", "stats")
    assert (code, empty["replies"], empty["path"]) == (0, 0, str(folder / "money-cache.sqlite3"))
    _, looked = invoke(folder, "run", "document", file, "--range", "1:5")
    assert (looked["status"], looked["attempts"][-1]["cached"]) == ("proposed", False), looked
    _, written = invoke(folder, "run", "document", file, "--range", "1:5", "--apply")
    assert (written["status"], written["attempts"][-1]["cached"]) == ("applied", True)
    assert written["files"] == looked["files"]
    assert '"""The sum."""' in (folder / "work" / "calc.py").read_text("utf-8")
    _, held = invoke(folder, "cache", "stats")
    assert (held["replies"], held["hits"], held["enabled"]) == (1, 1, True)
    assert 0 < held["bytes"] < held["maxBytes"]
    assert invoke(folder, "cache", "clear") == (0, {"status": "done", "path": held["path"], "dropped": 1})
    (folder / "work" / "calc.py").write_text(CODE, "utf-8")
    _, anew = invoke(folder, "run", "document", file, "--range", "1:5")
    assert not anew["attempts"][-1]["cached"]


def test_a_file_that_is_somebody_elses_is_left_alone_with_a_sentence(folder: Path) -> None:
    path = folder / "money-cache.sqlite3"
    path.mkdir()
    code, answer = invoke(folder, "cache", "clear")
    assert code == 1
    assert answer["code"] == "no-permission"
    assert str(path) in answer["message"]
