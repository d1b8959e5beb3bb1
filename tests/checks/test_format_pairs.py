"""The real formatting commits and small changes, where they are at hand."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tierwise.checks import Check
from tierwise.checks.batch import check_batch_line

CASES = Path(os.environ.get("TIERWISE_CASES", Path(__file__).resolve().parents[2] / "../shared/data"))
PAIRS = CASES / "format_pairs.jsonl.gz"
CHECKS = (Check.PARSES, Check.NO_ELISION, Check.NO_HIDDEN_UNICODE, Check.SANE_SIZE, Check.SAME_PROGRAM)


@pytest.mark.skipif(not PAIRS.is_file(), reason=f"there are no cases at {PAIRS}; set TIERWISE_CASES to their folder")
def test_pairs() -> None:
    with gzip.open(PAIRS, "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    seen = Counter((pair["label"], _verdict(pair)) for pair in pairs)
    assert seen[False, "accept"] == 0
    assert 0.98 * (seen[True, "accept"] + seen[True, "reject"]) <= seen[True, "accept"]


def _verdict(pair: dict[str, Any]) -> str:
    line = {"id": pair["id"], "action": "format", "language": pair["lang"]}
    answer = check_batch_line({**line, "before": pair["before"], "after": pair["after"]}, lambda _: CHECKS)
    return str(answer["verdict"])
