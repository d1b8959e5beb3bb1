"""The command line as other programs call it: exit codes, one JSON document, batches in input order."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tierwise.cli.app import build

CODE = "def add(a, b):\n    return a + b\n"
DOCUMENTED = '```python\ndef add(a, b):\n    """The sum."""\n    return a + b\n```\n'

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a file, a scripted model on every tier, and a home of its own."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "calc.py").write_text(CODE, "utf-8")
    (tmp_path / "work" / "pyproject.toml").write_text("[tool.ruff]\n", "utf-8")
    script = [{"when": "document", "reply": DOCUMENTED}, {"when": ".", "reply": "I cannot help with that."}]
    (tmp_path / "script.json").write_text(json.dumps(script), "utf-8")
    tiers = "\n".join(f'[tiers.{tier}]\nmodels = ["demo/{tier}"]' for tier in ("local", "bulk", "top"))
    (tmp_path / "config.toml").write_text(
        f'{tiers}\n[backends.demo]\ntype = "scripted"\nscript = {json.dumps(str(tmp_path / "script.json"))}\n'
        f"[ledger]\npath = {json.dumps(str(tmp_path / 'ledger.sqlite3'))}\n",
        "utf-8",
    )
    return tmp_path


@pytest.fixture
def env(folder: Path) -> dict[str, str]:
    """A home of its own and nothing of the tester's."""
    config = str(folder / "config.toml")
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(folder), "TIERWISE_CONFIG": config}


@pytest.fixture
def tierwise(folder: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process; gives its exit code, its JSON document when there is one, and standard error."""
    monkeypatch.chdir(folder / "work")

    def run(*arguments: str) -> tuple[int, Any, str]:
        ran = CliRunner().invoke(build([arguments[0]]), list(arguments), env=env)
        document = json.loads(ran.stdout) if "--json" in arguments and ran.stdout else ran.stdout
        return ran.exit_code, document, ran.stderr

    return run


def test_the_command_itself(folder: Path, env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tierwise", "run", "document", "calc.py", "--range", "1:1"]
    ran = subprocess.run(command, cwd=folder / "work", env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert '+    """The sum."""' in ran.stdout
    assert "bulk (scripted)" in ran.stdout
    assert (folder / "work" / "calc.py").read_text("utf-8") == CODE


def test_an_action_taken_for_a_command_says_how_it_is_run(folder: Path, env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tierwise", "format", "app.py"]
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "tierwise: 'format' is an action, run it with 'tierwise run format FILE'\n"


def test_actions_are_listed_with_tier_model_and_price(tierwise: Run) -> None:
    code, document, _ = tierwise("actions", "calc.py", "--range", "2:5", "--json")
    assert code == 0
    by_id = {entry["action"]: entry for entry in document["actions"]}
    assert {"write_tests", "refactor", "document", "add_type_hints", "format", "do"} <= set(by_id)
    assert by_id["document"]["title"] == "Document add · bulk: bulk (scripted) · 0 ¢"
    assert by_id["format"]["tier"] == "native"
    assert by_id["document"]["pricePicoUsd"] == 0


def test_settings_that_do_not_apply_are_named_before_anything_is_asked(tierwise: Run, folder: Path) -> None:
    (folder / "config.toml").write_text("[tiers.local\n", "utf-8")
    _, document, errors = tierwise("actions", "calc.py", "--range", "2:5", "--json")
    assert document["actions"]
    assert [line.startswith("error: ") and "config.toml" in line for line in errors.splitlines()] == [True]


def test_run_shows_and_writes_only_when_told(tierwise: Run, folder: Path) -> None:
    code, document, _ = tierwise("run", "document", "calc.py", "--range", "1:1", "--json")
    assert (code, document["status"]) == (0, "proposed")
    assert '+    """The sum."""' in document["files"][0]["diff"]
    assert (folder / "work" / "calc.py").read_text("utf-8") == CODE
    code, document, _ = tierwise("run", "document", "calc.py", "--range", "1:1", "--apply", "--json")
    assert (code, document["status"]) == (0, "applied")
    assert '"""The sum."""' in (folder / "work" / "calc.py").read_text("utf-8")
    code, document, _ = tierwise("stats", "--json")
    # What was looked at is written from the cache.
    assert (code, document["total"]["nCalls"]) == (0, 1)
    assert document["actions"]["outcomes"] == {"applied": 1, "proposed": 1}


def test_a_file_of_a_folder_is_named_with_it_and_one_that_is_read_only_stays(tierwise: Run, folder: Path) -> None:
    inner = folder / "work" / "inner" / "calc.py"
    inner.parent.mkdir()
    inner.write_text(CODE, encoding="utf-8")
    inner.chmod(0o444)
    (folder / "work" / "pyproject.toml").write_text("", encoding="utf-8")
    code, document, _ = tierwise("run", "document", "inner/calc.py", "--range", "1:5", "--json")
    assert (code, document["files"][0]["diff"].splitlines()[0]) == (0, "--- a/inner/calc.py")
    code, document, _ = tierwise("run", "document", "inner/calc.py", "--range", "1:5", "--apply", "--json")
    assert (code, document["code"]) == (1, "not-written")
    assert "read-only" in document["message"]
    assert inner.read_text("utf-8") == CODE


def test_a_refusal_is_exit_1_with_a_code_and_changes_nothing(tierwise: Run, folder: Path) -> None:
    code, document, _ = tierwise("run", "refactor", "calc.py", "--range", "1:1", "--apply", "--json")
    assert code == 1
    assert (document["status"], document["code"]) == ("refused", "no-edits")
    assert document["message"]
    assert [a["outcome"] for a in document["attempts"]] == ["rejected", "rejected"]
    assert (folder / "work" / "calc.py").read_text("utf-8") == CODE


@pytest.mark.parametrize(
    ("arguments", "exit_code", "error_code"),
    [
        (("run", "nothing", "calc.py"), 1, "unknown-action"),
        (("run", "document", "missing.py"), 2, "no-file"),
        (("run", "document", "calc.py", "--range", "x"), 2, "bad-range"),
        (("run", "document", "calc.py", "--range", "0:0"), 2, "bad-range"),
        (("run", "document", "calc.py", "--tier", "huge"), 2, "usage"),
        (("run", "document", "calc.py", "--dry-run", "--apply"), 2, "usage"),
        (("route",), 2, "usage"),
        (("check", "nothing", "calc.py", "calc.py"), 2, "unknown-action"),
        (("stats", "--since", "yesterday"), 2, "usage"),
        (("apply-reply", "missing.txt", "--root", "."), 2, "unreadable"),
    ],
)
def test_wrong_usage_says_why(tierwise: Run, arguments: tuple[str, ...], exit_code: int, error_code: str) -> None:
    code, document, _ = tierwise(*arguments, "--json")
    assert (code, document["code"]) == (exit_code, error_code)
    assert document["message"]


def test_a_place_behind_the_name_is_no_file_and_the_range_is_named(tierwise: Run) -> None:
    code, document, _ = tierwise("run", "document", "calc.py:1:4", "--json")
    assert (code, document["code"]) == (2, "no-file")
    assert document["message"].endswith("; write 'calc.py' --range 1:4")


def test_binary_and_latin_files_are_refused_with_a_sentence(tierwise: Run, folder: Path) -> None:
    (folder / "work" / "a.py").write_bytes(b"x = 1\0")
    (folder / "work" / "b.py").write_bytes("x = 'é'\n".encode("latin-1"))
    assert tierwise("run", "format", "a.py", "--json")[1]["code"] == "binary"
    assert tierwise("run", "format", "b.py", "--json")[1]["code"] == "encoding"


def test_route_sends_nothing(tierwise: Run) -> None:
    code, document, _ = tierwise("route", "document", "calc.py", "--range", "1:1", "--json")
    assert (code, document["tier"]) == (0, "bulk")
    assert [rung["tier"] for rung in document["ladder"]] == ["bulk", "top", "local"]
    assert document["reasons"][0]["code"] == "difficulty-standard"
    assert tierwise("stats", "--json")[1]["total"]["nCalls"] == 0


def test_batches_answer_in_input_order(tierwise: Run, folder: Path) -> None:
    work = folder / "work"
    reply = "calc.py\n<<<<<<< SEARCH\n    return a + b\n=======\n    return b + a\n>>>>>>> REPLACE\n"
    lines = [
        {"id": "one", "base": {"calc.py": CODE}, "reply": reply},
        {"id": "two", "base": {"calc.py": CODE}, "reply": "nothing to see"},
    ]
    (work / "in.jsonl").write_text("\n".join([*map(json.dumps, lines), "not json"]) + "\n", "utf-8")
    assert tierwise("apply-reply", "--batch", "in.jsonl", "out.jsonl")[0] == 0
    answers = [json.loads(line) for line in (work / "out.jsonl").read_text("utf-8").splitlines()]
    assert answers[0]["files"]["calc.py"] == CODE.replace("a + b", "b + a")
    assert answers[0]["edits"]["calc.py"]
    assert answers[1]["rejected"]["code"] == "no-edits"
    assert answers[2]["error"]["code"] == "not-json"

    checks = [
        {"id": 1, "action": "format", "language": "python", "before": "x=1\n", "after": "x = 1\n"},
        {"id": 2, "action": "format", "language": "python", "before": "x=1\n", "after": "x = 2\n"},
        {"id": 3, "action": "nothing", "language": "python", "before": "", "after": ""},
    ]
    (work / "in.jsonl").write_text("\n".join(map(json.dumps, checks)), "utf-8")
    assert tierwise("check", "--batch", "in.jsonl", "out.jsonl")[0] == 0
    answers = [json.loads(line) for line in (work / "out.jsonl").read_text("utf-8").splitlines()]
    assert [answer.get("verdict") for answer in answers] == ["accept", "reject", "reject"]
    assert answers[2]["code"] == "unknown-action"

    routes = [{"id": "r", "instruction": "rename it", "files": [{"path": "a.py", "text": "x"}]}]
    (work / "in.jsonl").write_text(json.dumps(routes[0]), "utf-8")
    assert tierwise("route", "--batch", "in.jsonl", "out.jsonl")[0] == 0
    answer = json.loads((work / "out.jsonl").read_text("utf-8"))
    assert (answer["id"], answer["tier"]) == ("r", "bulk")


def test_apply_reply_on_a_folder(tierwise: Run, folder: Path) -> None:
    work = folder / "work"
    reply = "calc.py\n<<<<<<< SEARCH\n    return a + b\n=======\n    return b + a\n>>>>>>> REPLACE\n"
    (work / "reply.txt").write_text(reply, "utf-8")
    code, document, _ = tierwise("apply-reply", "reply.txt", "--root", ".", "--json")
    assert (code, document["rejected"]) == (0, None)
    assert (work / "calc.py").read_text("utf-8") == CODE
    code, document, _ = tierwise("apply-reply", "reply.txt", "--root", ".", "--apply", "--json")
    assert (code, (work / "calc.py").read_text("utf-8")) == (0, CODE.replace("a + b", "b + a"))


def test_configuration_can_be_looked_at(tierwise: Run, folder: Path) -> None:
    values = {one["key"]: one for one in tierwise("config", "show", "--json")[1]["values"]}
    assert "config.toml" in values["tiers.bulk.models"]["source"]
    assert tierwise("config", "validate", "--json")[0] == 0
    schema = json.loads(tierwise("config", "schema")[1])
    assert "tiers" in schema["properties"]
    (folder / "config.toml").write_text("[tiers.bulk]\nmodel = 'x'\n", "utf-8")
    code, document, _ = tierwise("config", "validate", "--json")
    assert code == 1
    assert document["problems"][0]["key"]


def test_doctor_says_what_would_mend_what(tierwise: Run) -> None:
    code, document, _ = tierwise("doctor", "--json")
    assert code == 0
    assert document["tiers"]["bulk"]["isReady"] is True


def test_trust_is_for_one_folder_and_can_be_taken_back(tierwise: Run) -> None:
    assert tierwise("config", "untrust", "--json")[1]["wasTrusted"] is False
    assert tierwise("config", "trust", "--root", "nowhere", "--json")[0] == 2
    assert tierwise("config", "trust", "--json")[0] == 0
    assert tierwise("config", "untrust", "--json")[1]["wasTrusted"] is True
