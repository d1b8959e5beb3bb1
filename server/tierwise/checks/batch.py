"""Verdicts for files of pairs, one JSON object a line."""

from collections.abc import Callable, Mapping
from typing import Any

from tierwise.checks.base import Accepted, Change, Check
from tierwise.checks.verify import verify

_FIELDS = ("action", "language", "before", "after")


def check_batch_line(obj: Mapping[str, Any], checks_of_action: Callable[[str], tuple[Check, ...]]) -> dict[str, Any]:
    """The verdict on `{"id", "action", "language", "before", "after"}`, with notes where there are any.

    A line that cannot be judged is rejected with a code: `bad-line`, or `unknown-action` when `checks_of_action` raises
    KeyError or ValueError. Nobody asked a model for these changes, so comments that are gone are noted, not refused.
    """
    answer: dict[str, Any] = {"id": obj.get("id")}
    wrong = [name for name in _FIELDS if not isinstance(obj.get(name), str)]
    if wrong:
        return {**answer, **_reject("bad-line", f"the field {wrong[0]!r} is missing or not a text")}
    try:
        checks = checks_of_action(obj["action"])
    except (KeyError, ValueError):
        return {**answer, **_reject("unknown-action", f"there is no action {obj['action']!r}")}
    change = Change(
        path=str(obj.get("path", f"{obj.get('id')}")),
        language=obj["language"],
        before=obj["before"],
        after=obj["after"],
        must_keep_comments=False,
    )
    verdict = verify(checks, change)
    if isinstance(verdict, Accepted):
        return {**answer, "verdict": "accept", **({"notes": list(verdict.notes)} if verdict.notes else {})}
    return {**answer, **_reject(verdict.code, verdict.detail)}


def _reject(code: str, detail: str) -> dict[str, str]:
    return {"verdict": "reject", "code": code, "detail": detail}
