"""Scores of routers, cases as they are read, and the estimate on real commits."""

import gzip
import json
from pathlib import Path

import pytest

from tierwise.actions import Difficulty
from tierwise.evals.route_cases import RouteCase, read_route_cases
from tierwise.evals.route_score import score, weighted_error
from tierwise.routing.free_instructions import read_instruction
from tierwise.text import Rejection

LOW, MIDDLE, HIGH = Difficulty
ROW = {
    "id": "a-1", "repo": "a", "subject": "Fix it", "body": "Because.", "tier_rule": "deep",
    "files": [{"path": "a.py", "before": "x = 1\n", "after": "x = 2\n"}, {"path": "b.py", "before": None}],
}  # fmt: skip


def test_too_low_counts_twice() -> None:
    pairs = [(HIGH, LOW), (LOW, HIGH), (MIDDLE, MIDDLE), (MIDDLE, HIGH)]
    assert weighted_error(pairs) == (2 + 1 + 0 + 1) / 4
    found = score(pairs)
    assert (found.n, found.accuracy, found.under, found.over, found.error) == (4, 0.25, 0.25, 0.5, 1.0)
    assert found.low <= found.error <= found.high


def test_nothing_cannot_be_scored() -> None:
    assert weighted_error([]) == 0
    with pytest.raises(ValueError, match="nothing to score"):
        score([])


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_case_holds_what_a_router_may_see(tmp_path: Path, is_packed: bool) -> None:
    file = tmp_path / ("commit_cases.jsonl.gz" if is_packed else "cases.jsonl")
    line = (json.dumps(ROW) + "\n").encode()
    file.write_bytes(gzip.compress(line) if is_packed else line)
    found = read_route_cases(tmp_path if is_packed else file)
    assert found == (
        RouteCase(
            id="a-1",
            repository="a",
            instruction="Fix it\n\nBecause.",
            files=(("a.py", "x = 1\n"), ("b.py", None)),
            truth=Difficulty.DEEP,
        ),
    )


@pytest.mark.parametrize(("text", "code"), [(None, "unreadable"), ("{", "not-cases"), ('{"id": 1}', "not-cases")])
def test_what_is_no_case_is_said(tmp_path: Path, text: str | None, code: str) -> None:
    file = tmp_path / "cases.jsonl"
    if text is not None:
        file.write_text(text, "utf-8")
    found = read_route_cases(file)
    assert isinstance(found, Rejection)
    assert (found.code, str(file) in found.detail) == (code, True)


def test_the_shipped_weights_fit_the_commits_they_come_from() -> None:
    cases = read_route_cases()
    if isinstance(cases, Rejection):
        pytest.skip(cases.detail)
    pairs = [(case.truth, read_instruction(case.instruction, case.files).level) for case in cases]
    assert weighted_error(pairs) < 0.35
