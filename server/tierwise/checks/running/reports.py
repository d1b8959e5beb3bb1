"""What the reporter in the sandbox said, believed only where its signature fits."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

_PARENT = -1


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, or a file that could not be collected."""

    test: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcomes of the test file on one version of the code."""

    n_collected: int
    n_passed: int
    failures: tuple[Failure, ...]
    is_timed_out: bool
    is_complete: bool
    """Whether the run came to its end."""

    @property
    def is_good(self) -> bool:
        """Whether everything that ran passed."""
        return self.is_complete and not self.failures and not self.is_timed_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All trials, the one on the good code first."""

    trials: tuple[Trial, ...]
    has_runner: bool
    """Whether the interpreter could run tests at all."""


def read_report(report: bytes, key: bytes) -> Report | None:
    """The trials in a report; None when a line is not the reporter's own or not in its place."""
    events: dict[int, list[dict[str, Any]]] = {_PARENT: []}
    for line in report.splitlines():
        sign, _, content = line.partition(b" ")
        if not hmac.compare_digest(sign, hmac.new(key, content, hashlib.sha256).hexdigest().encode()):
            return None
        event = json.loads(content)
        of_trial = events.setdefault(event["trial"], [])
        if event["n"] != len(of_trial):
            return None
        of_trial.append(event)
    late = {event["of"] for event in events[_PARENT] if event["event"] == "timeout"}
    n_trials = max([*events, *late]) + 1
    return Report(
        trials=tuple(_trial(events.get(i, []), is_late=i in late) for i in range(n_trials)),
        has_runner=not any(event["event"] == "no-runner" for event in events[_PARENT]),
    )


def _trial(events: list[dict[str, Any]], *, is_late: bool) -> Trial:
    ends = [event for event in events if event["event"] == "end"]
    failed = [event for event in events if event["event"] == "broken" or event.get("outcome") == "failed"]
    return Trial(
        n_collected=ends[-1]["n_collected"] if ends else 0,
        n_passed=sum(event.get("outcome") == "passed" for event in events),
        failures=tuple(Failure(event["test"], event["words"]) for event in failed),
        is_timed_out=is_late,
        is_complete=bool(ends) and events[-1]["event"] == "end",
    )
