"""Models on cases, by the road a click takes: how far each answer came, what it cost, what did not count."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import tierwise.edits
from evals.conftest import CODE, DOCUMENTED, Run
from store.ledgers import sound_rows
from tierwise.evals.cases import unmarked
from tierwise.evals.scoring import NOT_APPLIED
from tierwise.store.ledger import open_ledger
from tierwise.text import Span

MARKED = CODE.replace("return", "re$0turn")
CASE: dict[str, Any] = {
    "id": "doc-add",
    "action": "document",
    "language": "python",
    "path": "src/calc.py",
    "files": {"src/calc.py": MARKED, "other.py": "x = '$0'\n"},
    "expected": {"src/calc.py": DOCUMENTED, "other.py": "x = '$0'\n"},
}


def write_cases(folder: Path, *cases: dict[str, Any]) -> str:
    """A file with a case a line."""
    file = folder / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("model", "applied", "parsed", "accepted", "exact", "refusals"),
    [
        ("right", 1, 1, 1, 1, {}),
        ("other", 1, 1, 1, 0, {}),
        ("wrong", 1, 1, 0, 0, {"not-only-docs": 1}),
        ("broken", 1, 0, 0, 0, {"does-not-parse": 1}),
        ("chatty", 0, 0, 0, 0, {"no-edits": 1}),
        ("silent", 0, 0, 0, 0, {"timeout-total": 1}),
    ],
)
def test_how_far_an_answer_comes(
    tierwise: Run,
    folder: Path,
    model: str,
    applied: int,
    parsed: int,
    accepted: int,
    exact: int,
    refusals: dict[str, int],
) -> None:
    code, document, _ = tierwise("eval", write_cases(folder, CASE), "--models", f"demo/{model}", "--json")
    assert code == 0
    (score,) = document["models"]
    assert (score["n"], score["nNotRun"], score["scripted"]) == (1, 0, True)
    assert (score["applied"], score["parsed"], score["accepted"], score["exact"]) == (applied, parsed, accepted, exact)
    assert score["refusals"] == refusals
    assert score["picoUsdPerAccepted"] == (score["costPicoUsd"] if accepted else None)


def test_one_model_of_each_tier_by_default_repeated_and_booked(tierwise: Run, folder: Path) -> None:
    code, document, _ = tierwise("eval", write_cases(folder, CASE), "--repeat", "3", "--json")
    assert code == 0
    assert [(one["model"], one["tier"], one["n"]) for one in document["models"]] == [
        ("demo/other", "bulk", 3),
        ("demo/right", "top", 3),
    ]
    ledger = open_ledger(folder / "ledger.sqlite3")
    stats, rows = ledger.stats(), sound_rows(ledger)
    ledger.close()
    dear = document["models"][1]
    assert 0 < dear["costPicoUsd"] == stats.top.pico_usd == 3 * dear["picoUsdPerAccepted"]
    assert {(row.client, row.planned) for row in rows} == {("eval", "forced")}
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action": "dance"}, "unknown-action"),
        ({"action": "do"}, "no-instruction"),
        ({"checks": ["tests-pass"]}, "unknown-check"),
        ({"checks": ["clean"]}, "unknown-check"),
        ({"files": {**CASE["files"], "other.py/x": ""}}, "unwritable"),
        ({"files": {**CASE["files"], "other.py": "\ud800"}}, "unwritable"),
        ({"path": "a.key", "files": {"a.key": MARKED}, "expected": None}, "never-sent"),
    ],
)
def test_a_case_that_cannot_run_says_why_and_does_not_count(
    tierwise: Run, folder: Path, change: dict[str, Any], code: str
) -> None:
    cases = write_cases(folder, CASE, {**CASE, **change, "id": "odd"})
    exit_code, document, _ = tierwise("eval", cases, "--models", "demo/right", "--json")
    (score,) = document["models"]
    assert (exit_code, score["n"], score["nNotRun"], score["accepted"]) == (0, 1, 1, 1)
    odd = document["runs"][1]
    assert (odd["case"], odd["counts"], odd["code"]) == ("odd", False, code)
    assert odd["detail"]


def test_a_server_that_is_away_says_nothing_of_its_model(tierwise: Run, folder: Path) -> None:
    cases = write_cases(folder, CASE, {**CASE, "id": "second"})
    exit_code, document, _ = tierwise("eval", cases, "--models", "demo/away", "--json")
    assert (exit_code, document["models"][0]["n"]) == (1, 0)
    assert [run["code"] for run in document["runs"]] == ["connection-refused", "no-model"]
    exit_code, words, _ = tierwise("eval", cases, "--models", "demo/away,demo/right")
    assert exit_code == 0
    assert "not counted: doc-add with demo/away" in words
    assert "demo/right (scripted)  2" in words


def test_more_checks_than_the_action_has(tierwise: Run, folder: Path) -> None:
    cases = write_cases(folder, {**CASE, "checks": ["same-program"]}, {**CASE, "id": "as-is", "checks": ["parses"]})
    _, document, _ = tierwise("eval", cases, "--models", "demo/right", "--json")
    assert [(run["stage"], run["code"]) for run in document["runs"]] == [
        ("parsed", "not-the-same-program"),
        ("accepted", ""),
    ]


def test_a_diagnostic_is_reported_on_the_cursors_line(tierwise: Run, folder: Path) -> None:
    fix = {
        **CASE,
        "id": "fix",
        "action": "fix_diagnostic",
        "files": {"src/calc.py": "import os\n\n\ndef add(a, b):\n    return$0 a + c\n"},
        "diagnostic": "F821 Undefined name `c`",
        "expected": {"src/calc.py": "import os\n\n\n" + CODE},
    }
    script = json.loads((folder / "script.json").read_text("utf-8"))
    reply = f"```python\nimport os\n\n\n{CODE}```\n"
    found = {"when": r"F821 Undefined name `c` \(Ruff\), on line 5", "model": "fixer", "reply": reply}
    (folder / "script.json").write_text(json.dumps([found, *script]), "utf-8")
    _, document, _ = tierwise("eval", write_cases(folder, fix), "--models", "demo/fixer", "--json")
    assert [(run["stage"], run["exact"], run["detail"]) for run in document["runs"]] == [("accepted", True, "")]


def test_cases_of_a_folder_and_what_is_none(tierwise: Run, folder: Path) -> None:
    place = folder / "cases"
    (place / "deep").mkdir(parents=True)
    (place / "a.json").write_text(json.dumps([CASE, {**CASE, "id": "two", "files": {}}]), "utf-8")
    (place / "b.jsonl").write_text(f"{json.dumps(CASE)}\n\nnothing\n", "utf-8")
    (place / "deep" / "c.json").write_text(json.dumps({**CASE, "id": "three"}), "utf-8")
    (place / "d.json").write_bytes(b"\xff")
    (place / "readme.md").write_text("words", "utf-8")
    code, document, _ = tierwise("eval", str(place), "--models", "demo/right", "--json")
    assert (code, document["cases"], document["models"][0]["exact"]) == (0, 2, 2)
    assert [bad["where"] for bad in document["badCases"]] == ["a.json[1]", "b.jsonl:1", "b.jsonl:3", "d.json"]
    assert all(bad["words"] and "\n" not in bad["words"] for bad in document["badCases"])
    assert "taken by an earlier case" in document["badCases"][1]["words"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("none.jsonl",), "no-file"),
        (("empty.jsonl",), "no-cases"),
        (("cases.jsonl", "--models", "demo"), "unknown-model"),
        (("cases.jsonl", "--models", "nobody/x"), "unknown-model"),
        (("cases.jsonl", "--models", "demo/right,"), "unknown-model"),
    ],
)
def test_wrong_usage_says_why(tierwise: Run, folder: Path, arguments: tuple[str, ...], code: str) -> None:
    write_cases(folder, CASE)
    (folder / "empty.jsonl").touch()
    exit_code, document, _ = tierwise("eval", str(folder / arguments[0]), *arguments[1:], "--json")
    assert (exit_code, document["code"]) == (2, code)
    assert document["message"]


@pytest.mark.parametrize(
    ("marked", "text", "span"),
    [("a$0b", "ab", Span(1, 1)), ("a$0b$0c", "abc", Span(1, 2)), ("$0", "", Span(0, 0)), ("$0$0", "", Span(0, 0))],
)
def test_marks(marked: str, text: str, span: Span) -> None:
    assert unmarked(marked) == (text, span)


def test_every_code_of_a_reply_that_does_not_apply_is_known() -> None:
    folder = Path(tierwise.edits.__file__).parent
    calls = [
        node
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rejection"
    ]
    codes = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
    assert codes <= NOT_APPLIED
