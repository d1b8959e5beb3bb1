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
    is_assertion: bool = False
    """Whether something claimed did not hold; otherwise something broke on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcomes of the test file on one version of the code."""

    n_collected: int
    n_passed: int
    n_skipped: int
    failures: tuple[Failure, ...]
    is_timed_out: bool
    is_complete: bool
    """Whether the run came to its end."""

    @property
    def is_good(self) -> bool:
        """Whether everything that ran passed."""
        return self.is_complete and not self.failures and not self.is_timed_out

    @property
    def is_noticed(self) -> bool:
        """Whether a test claimed something that does not hold on this version."""
        return any(failure.is_assertion for failure in self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All trials, the one on the good code first."""

    trials: tuple[Trial, ...]
    has_runner: bool
    """Whether there was something that could run the tests at all."""
    words: str = ""
    """What the runner lacked, where the reporter can tell."""


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
        words=next((event["words"] for event in events[_PARENT] if event["event"] == "no-runner"), ""),
    )


def _trial(events: list[dict[str, Any]], *, is_late: bool) -> Trial:
    ends = [event for event in events if event["event"] == "end"]
    failed = [event for event in events if event["event"] == "broken" or event.get("outcome") == "failed"]
    claimed = {event["test"] for event in events if event["event"] == "raised" and event["is_assertion"]}
    return Trial(
        n_collected=ends[-1]["n_collected"] if ends else 0,
        n_passed=sum(event.get("outcome") == "passed" for event in events),
        n_skipped=sum(event.get("outcome") in ("skipped", "xfailed") for event in events),
        failures=tuple(Failure(event["test"], event["words"], event["test"] in claimed) for event in failed),
        is_timed_out=is_late,
        is_complete=bool(ends),
    )
