"""Campaigns through the command line: scorers, repetitions at the same time, resuming, money, comparing, priors."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.conftest import CODE, DOCUMENTED, Run
from store.ledgers import sound_rows
from tierwise.actions import Difficulty
from tierwise.cli.app import build
from tierwise.dispatch.measured import Measured, prior_counts, read_measured
from tierwise.evals.run_files import read_campaign
from tierwise.routing.beliefs import NO_BELIEFS, Beliefs, Cell
from tierwise.routing.tiers import Candidate, Tier
from tierwise.store.ledger import open_ledger
from tierwise.text import Rejection

MARKED = CODE.replace("return", "re$0turn")
CASE: dict[str, Any] = {
    "id": "add-up",
    "action": "do",
    "instruction": "treat None as 0",
    "language": "python",
    "path": "calc.py",
    "files": {"calc.py": MARKED},
    "tests": {
        "runner": "python",
        "run": "check.py",
        "files": {"check.py": "from calc import add\nassert add(1, 2) == 3 and add(None, 2) == 2\nprint('ok')\n"},
    },
}
GOOD = "```python\ndef add(a, b):\n    return (a or 0) + (b or 0)\n```\n"
HALF = "```python\ndef add(a, b):\n    return (a or 0) + b + 0 * len(str(b)) if a else b if b else 0\n```\n"
BAD = "```python\ndef add(a, b):\n    return (a or 0) - (b or 0)\n```\n"
QUITS = "```python\nimport sys\n\n\ndef add(a, b):\n    sys.exit(0)\n```\n"
DOC: dict[str, Any] = {**CASE, "id": "doc-add", "action": "document", "instruction": None, "tests": None}


@pytest.fixture
def folder(folder: Path) -> Path:
    """The usual one, with models that answer the case and some that judge."""
    rules = [
        {"when": "You judge|right change", "model": "yes", "reply": "It is.\nyes"},
        {"when": "right change", "model": "no", "reply": "No."},
        {"when": "right change", "model": "vague", "reply": "It depends."},
        {"when": "right change", "model": "gone", "fail": "connection-refused"},
        {"when": ".", "model": "good", "reply": GOOD},
        {"when": ".", "model": "half", "reply": HALF},
        {"when": ".", "model": "bad", "reply": BAD},
        {"when": ".", "model": "quits", "reply": QUITS},
        {"when": ".", "model": "slow", "reply": GOOD, "hold": True},
    ]
    script = folder / "script.json"
    script.write_text(json.dumps([*rules, *json.loads(script.read_text("utf-8"))]), "utf-8")
    return folder


def cases_in(folder: Path, *cases: dict[str, Any]) -> str:
    """A file with a case a line."""
    file = folder / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)), "utf-8")
    return str(file)


def many(n: int) -> list[dict[str, Any]]:
    """The documented case under several names."""
    return [{**DOC, "id": f"doc-{i}"} for i in range(n)]


@pytest.mark.parametrize(
    ("model", "stage", "is_passed", "code"),
    [
        ("good", "accepted", True, ""),
        ("bad", "accepted", False, "tests-fail"),
        ("quits", "accepted", False, "tests-fail"),
        ("broken", "applied", False, "does-not-parse"),
    ],
)
def test_tests_of_a_case_decide_what_passes(
    tierwise: Run, folder: Path, model: str, stage: str, is_passed: bool, code: str
) -> None:
    exit_code, document, _ = tierwise("eval", cases_in(folder, CASE), "--models", f"demo/{model}", "--json")
    (run,) = document["runs"]
    assert (exit_code, run["stage"], run["passed"], run["code"]) == (0, stage, is_passed, code), run["detail"]
    score = document["models"][0]
    assert (score["passed"], score["nScored"]) == (int(is_passed), 1)
    assert score["passedShare"]["low"] <= float(is_passed) <= score["passedShare"]["high"]
    assert (score["picoUsdPerPassed"] is not None) == is_passed


@pytest.mark.parametrize(
    ("change", "is_passed", "code"),
    [
        ({"scorers": ["exact"], "expected": {"calc.py": DOCUMENTED}}, True, ""),
        ({"scorers": ["exact"], "expected": {"calc.py": DOCUMENTED.replace("sum", "total")}}, False, "not-exact"),
        ({"scorers": ["same-program"], "expected": {"calc.py": DOCUMENTED.replace("a + b", "(a  +  b)")}}, True, ""),
        ({"scorers": ["same-program"], "expected": {"calc.py": CODE}}, False, "not-the-same-program"),
        ({"unwanted": [{"calc.py": DOCUMENTED}]}, False, "unwanted"),
        ({"unwanted": [{"calc.py": CODE}]}, True, ""),
        ({"scorers": ["applies", "parses"]}, True, ""),
    ],
)
def test_scorers_without_programs(
    tierwise: Run, folder: Path, change: dict[str, Any], is_passed: bool, code: str
) -> None:
    _, document, _ = tierwise("eval", cases_in(folder, {**DOC, **change}), "--models", "demo/right", "--json")
    (run,) = document["runs"]
    assert (run["stage"], run["passed"], run["code"]) == ("accepted", is_passed, code)


@pytest.mark.parametrize(
    ("judge", "is_passed", "code", "n_not_judged"),
    [
        ("yes", True, "", 0),
        ("no", False, "judged-wrong", 0),
        ("vague", None, "not-judged", 1),
        ("gone", None, "not-judged", 1),
    ],
)
def test_a_judge_that_fails_says_nothing_against_the_answer(
    tierwise: Run, folder: Path, judge: str, is_passed: bool | None, code: str, n_not_judged: int
) -> None:
    case = {**DOC, "scorers": ["accepted", "judge"], "judge": "It documents the sum."}
    arguments = ("--models", "demo/right", "--judge", f"demo/{judge}", "--json")
    exit_code, document, _ = tierwise("eval", cases_in(folder, case), *arguments)
    (run,), (score,) = document["runs"], document["models"]
    assert (exit_code, run["passed"], run["code"]) == (0, is_passed, code)
    assert (score["nNotJudged"], score["nScored"], score["accepted"]) == (n_not_judged, 1 - n_not_judged, 1)
    ledger = open_ledger(folder / "ledger.sqlite3")
    rows = sound_rows(ledger)
    ledger.close()
    assert [(row.action, row.model, row.client) for row in rows] == [
        ("document", "right", "eval"),
        ("judge", judge, "eval"),
    ]


def test_a_case_whose_runner_is_missing_says_so_and_does_not_count(folder: Path) -> None:
    needs = {**CASE, "id": "needs-java", "tests": {**CASE["tests"], "runner": "java"}}
    (folder / "nothing").mkdir()
    env = {"PATH": str(folder / "nothing"), "HOME": str(folder), "TIERWISE_CONFIG": str(folder / "config.toml")}
    arguments = ["eval", cases_in(folder, CASE, needs), "--models", "demo/good", "--json"]
    document = json.loads(CliRunner().invoke(build(["eval"]), arguments, env=env).stdout)
    without, with_java = document["runs"]
    assert (without["passed"], with_java["passed"], with_java["counts"]) == (True, None, False)
    assert (with_java["code"], document["models"][0]["nNotRun"]) == ("no-runner", 1)
    assert "install a JDK" in with_java["detail"]


def test_repetitions_run_at_the_same_time_and_keep_their_order(tierwise: Run, folder: Path) -> None:
    arguments = ("--models", "demo/right,demo/wrong", "--repeat", "3", "--concurrency", "4", "--json")
    exit_code, document, _ = tierwise("eval", cases_in(folder, *many(3)), *arguments)
    assert exit_code == 0
    assert [(run["model"], run["case"], run["repetition"]) for run in document["runs"]] == [
        (f"demo/{model}", f"doc-{case}", repetition)
        for model in ("right", "wrong")
        for case in range(3)
        for repetition in (1, 2, 3)
    ]
    right, wrong = document["models"]
    assert (right["passed"], wrong["passed"], right["n"], wrong["n"]) == (9, 0, 9, 9)
    # Nine runs of three cases that all agree are no surer than three runs.
    assert right["passedShare"]["low"] == pytest.approx(0.4385, abs=1e-3)


def test_a_finished_run_is_gone_on_with_for_nothing(tierwise: Run, folder: Path) -> None:
    cases, file = cases_in(folder, *many(3)), folder / "run.jsonl"
    arguments = ("eval", cases, "--models", "demo/right", "--run", str(file), "--json")
    _, first, _ = tierwise(*arguments)
    whole = file.read_bytes()
    _, again, _ = tierwise(*arguments)
    assert again["runs"] == first["runs"]
    assert (again["forecast"]["nRuns"], file.read_bytes()) == (0, whole)
    lines = whole.split(b"\n")
    file.write_bytes(b"\n".join(lines[:3]) + b"\n" + lines[3][:20])
    _, resumed, _ = tierwise(*arguments)
    assert (resumed["forecast"]["nRuns"], resumed["models"][0]["n"]) == (1, 3)
    found = read_campaign(file)
    assert not isinstance(found, Rejection)
    assert (len(found.runs), found.n_unreadable) == (3, 0)
    ledger = open_ledger(folder / "ledger.sqlite3")
    assert len(sound_rows(ledger)) == 4
    ledger.close()


def test_what_a_server_prevented_is_tried_again(tierwise: Run, folder: Path) -> None:
    cases, file = cases_in(folder, DOC), folder / "run.jsonl"
    arguments = ("eval", cases, "--models", "demo/away", "--run", str(file), "--json")
    assert tierwise(*arguments)[0] == 1
    script = folder / "script.json"
    rules = [rule for rule in json.loads(script.read_text("utf-8")) if rule.get("model") != "away"]
    answer = {"when": ".", "model": "away", "reply": f"```python\n{DOCUMENTED}```\n"}
    script.write_text(json.dumps([*rules, answer]), "utf-8")
    # The servers' troubles are remembered, in the ledger, for a while.
    (folder / "ledger.sqlite3").unlink()
    exit_code, document, _ = tierwise(*arguments)
    assert (exit_code, document["models"][0]["passed"], document["models"][0]["n"]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"hello\n", "not-a-run"), (b'{"kind": "tierwise-eval-run", "version": 99}\n', "not-a-run"), (None, "other-run")],
)
def test_a_file_of_something_else_is_left_alone(tierwise: Run, folder: Path, content: bytes | None, code: str) -> None:
    cases, file = cases_in(folder, DOC), folder / "run.jsonl"
    if content is None:
        tierwise("eval", cases, "--models", "demo/other", "--run", str(file), "--json")
        content = file.read_bytes()
    file.write_bytes(content)
    exit_code, document, _ = tierwise("eval", cases, "--models", "demo/right", "--run", str(file), "--json")
    assert (exit_code, document["code"], file.read_bytes()) == (2, code, content)


def test_a_budget_is_never_passed(tierwise: Run, folder: Path) -> None:
    cases, file = cases_in(folder, *many(4)), folder / "run.jsonl"
    _, whole, _ = tierwise("eval", cases, "--models", "demo/right", "--json")
    most, one = whole["forecast"]["mostPicoUsd"] // 4, whole["models"][0]["costPicoUsd"] // 4
    cap = (most + 2 * one) / 10**12
    arguments = ("eval", cases, "--models", "demo/right", "--run", str(file), "--json")
    _, document, _ = tierwise(*arguments, "--budget", f"{cap:.12f}")
    assert (document["models"][0]["n"], document["nNotBegun"], document["models"][0]["nNotRun"]) == (3, 1, 1)
    assert document["models"][0]["costPicoUsd"] == 3 * one < cap * 10**12
    _, document, _ = tierwise(*arguments, "--budget", f"{cap:.12f}")
    assert (document["models"][0]["n"], document["nNotBegun"]) == (3, 1)
    _, document, _ = tierwise(*arguments, "--budget", "1")
    assert (document["models"][0]["n"], document["nNotBegun"]) == (4, 0)
    assert tierwise(*arguments, "--budget", "lots")[0] == 2


def test_money_is_agreed_on_before_a_real_model_is_asked(tierwise: Run, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(
        config.read_text("utf-8") + '[models."far/new"]\ninput_usd_per_million = 3\noutput_usd_per_million = 15\n',
        "utf-8",
    )
    cases = cases_in(folder, DOC)
    exit_code, document, _ = tierwise("eval", cases, "--models", "far/new", "--json")
    assert (exit_code, document["code"]) == (1, "not-agreed")
    assert "1 runs with about" in document["message"]
    assert "at most" in document["message"]
    exit_code, document, _ = tierwise("eval", cases, "--models", "far/new", "--yes", "--json")
    assert (exit_code, document["runs"][0]["counts"]) == (1, False)


def test_cases_are_picked_by_words(tierwise: Run, folder: Path) -> None:
    cases = cases_in(folder, {**DOC, "tags": ["short"]}, CASE)
    for word, picked in (("short", "doc-add"), ("do", "add-up"), ("doc-add", "doc-add")):
        _, document, _ = tierwise("eval", cases, "--models", "demo/right", "--only", word, "--json")
        assert [run["case"] for run in document["runs"]] == [picked]
    assert tierwise("eval", cases, "--only", "nothing", "--json")[1]["code"] == "no-cases"


def test_two_runs_are_compared_by_pairs(tierwise: Run, folder: Path) -> None:
    cases = cases_in(folder, *many(6))
    files = {}
    for model in ("right", "wrong"):
        files[model] = str(folder / f"{model}.jsonl")
        tierwise("eval", cases, "--models", f"demo/{model}", "--run", files[model], "--json")
    exit_code, document, _ = tierwise("eval", "--compare", files["wrong"], files["right"], "--json")
    (row,) = document["comparisons"]
    assert (exit_code, row["nCases"], row["nBetter"], row["nWorse"]) == (0, 6, 6, 0)
    assert (row["pValue"], row["isSure"], row["difference"]) == (pytest.approx(2 / 64), True, 1.0)
    exit_code, words, _ = tierwise("eval", "--compare", files["right"], files["right"])
    assert exit_code == 0
    assert "no difference that is sure" in words
    exit_code, document, _ = tierwise("eval", "--compare", files["right"], cases, "--json")
    assert (exit_code, document["code"]) == (2, "not-a-run")
    assert tierwise("eval", "--json")[1]["code"] == "usage"


def test_priors_are_written_only_on_request(tierwise: Run, folder: Path) -> None:
    cases, priors = cases_in(folder, *many(3)), folder / "priors.json"
    tierwise("eval", cases, "--models", "demo/right", "--json")
    assert not priors.exists()
    ledger = open_ledger(folder / "ledger.sqlite3")
    assert not ledger.experience().outcomes, "measuring alone moves no choice"
    ledger.close()
    _, document, _ = tierwise("eval", cases, "--models", "demo/right", "--repeat", "2", "--write-priors", "--json")
    assert document["priorsFile"] == str(priors)
    assert read_measured(priors) == {"demo/right": {"standard": Measured(3.0, 3)}}
    tierwise("eval", cases, "--models", "demo/wrong", "--write-priors", "--json")
    assert read_measured(priors) == {
        "demo/right": {"standard": Measured(3.0, 3)},
        "demo/wrong": {"standard": Measured(0.0, 3)},
    }
    cell, candidate = (
        Cell(action="document", language="python", size="small"),
        Candidate(tier=Tier.BULK, backend="demo", model="right", price=None),
    )
    beliefs = Beliefs(measured=prior_counts(folder / "ledger.sqlite3"))
    wrong = replace(candidate, model="wrong")
    unmeasured = NO_BELIEFS.chance(candidate, cell, Difficulty.STANDARD)
    assert beliefs.chance(wrong, cell, Difficulty.STANDARD) < unmeasured
    assert unmeasured < beliefs.chance(candidate, cell, Difficulty.STANDARD)
    assert beliefs.chance(candidate, cell, Difficulty.DEEP) == NO_BELIEFS.chance(candidate, cell, Difficulty.DEEP)
    priors.write_text("{]", "utf-8")
    assert prior_counts(folder / "ledger.sqlite3") == {}


def lines_of(file: Path) -> int:
    """Whole lines of a file that may not be there yet."""
    return file.read_bytes().count(b"\n") if file.exists() else 0


def wait_until(process: subprocess.Popen[bytes], holds: Callable[[], bool]) -> None:
    """Return once something holds, or the process has ended."""
    while not holds():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            return


@pytest.fixture
def started(folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of a test, ended with it."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.mark.slow
def test_an_interrupted_campaign_says_how_to_go_on(folder: Path, started: list[subprocess.Popen[bytes]]) -> None:
    file = folder / "run.jsonl"
    command = [sys.executable, "-m", "tierwise", "eval", cases_in(folder, DOC), "--models", "demo/slow"]
    env = {**os.environ, "HOME": str(folder), "TIERWISE_CONFIG": str(folder / "config.toml")}
    process = subprocess.Popen([*command, "--run", str(file)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    started.append(process)
    wait_until(process, lambda: 1 <= lines_of(file))
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"--run {str(file)!r} goes on from here [interrupted]" in words.decode()


@pytest.mark.slow
def test_a_killed_campaign_loses_no_result(tierwise: Run, folder: Path, started: list[subprocess.Popen[bytes]]) -> None:
    n_cases = 40
    cases, file = cases_in(folder, *many(n_cases)), folder / "run.jsonl"
    command = [sys.executable, "-m", "tierwise", "eval", cases, "--models", "demo/right", "--run", str(file)]
    env = {**os.environ, "HOME": str(folder), "TIERWISE_CONFIG": str(folder / "config.toml")}
    kept = 0
    for wanted in (3, 8, 15):
        process = subprocess.Popen(
            [*command, "--concurrency", "3"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        wait_until(process, lambda n=wanted: n < lines_of(file))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = read_campaign(file)
        assert not isinstance(found, Rejection)
        assert (found.n_unreadable, kept < len(found.latest)) == (0, True)
        kept = len(found.latest)
    _, document, _ = tierwise("eval", cases, "--models", "demo/right", "--run", str(file), "--json")
    assert (document["models"][0]["n"], document["models"][0]["passed"]) == (n_cases, n_cases)
    found = read_campaign(file)
    assert not isinstance(found, Rejection)
    assert len(found.runs) == len(found.latest) == n_cases, "nothing is done twice that was written"
