"""What the reporter in the sandbox said, believed only where its signature fits."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A test that failed, or a file that could not be collected."""

    __test__ = False

    test: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """The outcomes of one run."""

    __test__ = False

    n_collected: int
    n_passed: int
    failures: tuple[TestFailure, ...]
    is_complete: bool
    """Whether the run came to its end."""
    has_runner: bool
    """Whether the interpreter could run tests at all."""


def read_report(report: bytes, key: bytes) -> TestReport | None:
    """The outcomes in a report; None when a line is not the reporter's own, in its place, or after the end."""
    events: list[dict[str, Any]] = []
    for line in report.splitlines():
        sign, _, content = line.partition(b" ")
        if not hmac.compare_digest(sign, hmac.new(key, content, hashlib.sha256).hexdigest().encode()):
            return None
        event = json.loads(content)
        if event["n"] != len(events):
            return None
        events.append(event)
    ends = [event for event in events if event["event"] == "end"]
    tests = [event for event in events if event["event"] == "test"]
    failed = [event for event in events if event["event"] == "broken" or event.get("outcome") == "failed"]
    return TestReport(
        n_collected=ends[-1]["n_collected"] if ends else 0,
        n_passed=sum(event["outcome"] == "passed" for event in tests),
        failures=tuple(TestFailure(event["test"], event["words"]) for event in failed),
        is_complete=bool(ends) and events[-1]["event"] == "end",
        has_runner=not any(event["event"] == "no-runner" for event in events),
    )
