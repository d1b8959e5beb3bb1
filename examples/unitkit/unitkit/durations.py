"""Lengths of time as people write them."""

import re
from datetime import timedelta

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_NAMES = {"day": "d", "hour": "h", "hr": "h", "min": "m", "minute": "m", "sec": "s", "second": "s"}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_CLOCK = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?")


def parse_duration(text: str) -> timedelta:
    """Read `1h 30m`, `90 s`, `2 days` or `1:30:00`.

    Raises ValueError when a part is not understood or nothing is given.
    """
    words = text.strip().lower()
    if match := _CLOCK.fullmatch(words):
        hours, minutes, seconds = (int(group or 0) for group in match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    parts = _PART.findall(words)
    if not parts or _PART.sub("", words).strip(" ,"):
        raise ValueError(f"{text!r} is not a duration")
    return timedelta(seconds=sum(float(amount) * _seconds_in(unit) for amount, unit in parts))


def format_duration(duration: timedelta) -> str:
    """The two largest units that are not zero, e.g. `1 h 30 min`."""
    if duration < timedelta(0):
        return f"-{format_duration(-duration)}"
    seconds = int(duration.total_seconds())
    parts = []
    for unit, name in (("d", "d"), ("h", "h"), ("m", "min"), ("s", "s")):
        amount, seconds = divmod(seconds, _SECONDS[unit])
        if amount:
            parts.append(f"{amount} {name}")
    return " ".join(parts[:2]) or "0 s"


def _seconds_in(unit: str) -> int:
    short = _NAMES.get(unit.rstrip("s") or unit, unit)
    if short not in _SECONDS:
        raise ValueError(f"{unit!r} is not a unit of time")
    return _SECONDS[short]
