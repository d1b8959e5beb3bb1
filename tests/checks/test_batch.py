"""Verdicts by the line."""

from typing import Any

import pytest

from tierwise.checks import Check
from tierwise.checks.batch import check_batch_line

CHECKS = {"format": (Check.PARSES, Check.SAME_PROGRAM)}
LINE = {"id": 7, "action": "format", "language": "python", "before": "x = 1 # a\n", "after": "x = 1  # a\n"}

CASES = [
    ({}, {"id": 7, "verdict": "accept"}),
    ({"after": "x = 1\n"}, {"id": 7, "verdict": "accept", "notes": ["the comment '# a' is gone or changed"]}),
    ({"after": "x = 2\n"}, {"id": 7, "verdict": "reject", "code": "not-the-same-program"}),
    ({"after": "x ="}, {"id": 7, "verdict": "reject", "code": "does-not-parse"}),
    ({"after": None}, {"id": 7, "verdict": "reject", "code": "bad-line"}),
    ({"language": 3}, {"id": 7, "verdict": "reject", "code": "bad-line"}),
    ({"action": "fly"}, {"id": 7, "verdict": "reject", "code": "unknown-action"}),
]


@pytest.mark.parametrize(("fields", "expected"), CASES)
def test_lines(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    answer = check_batch_line({**LINE, **fields}, CHECKS.__getitem__)
    assert {key: answer[key] for key in expected} == expected
    assert ("detail" in answer) == (answer["verdict"] == "reject")
