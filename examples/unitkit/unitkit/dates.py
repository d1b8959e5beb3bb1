"""Calendar dates as people write them."""

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_FROM_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1}
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([a-z]{3})[a-z]*\.? (\d{4})")


def parse_date(text: str, today: date | None = None) -> date:
    """Read `2026-11-22`, `22 Nov 2026`, `today`, `yesterday` or `tomorrow`.

    `today` is the day the last three count from; None takes the computer's.
    Raises ValueError for anything else, and for days the calendar does not have.
    """
    words = " ".join(text.lower().split())
    if words in _FROM_TODAY:
        return (today or date.today()) + timedelta(days=_FROM_TODAY[words])
    if match := _YEAR_FIRST.fullmatch(words):
        year, month, day = (int(group) for group in match.groups())
        return date(year, month, day)
    if match := _DAY_FIRST.fullmatch(words):
        name = match[2]
        if name not in MONTHS:
            raise ValueError(f"{text!r} names no month")
        return date(int(match[3]), MONTHS.index(name) + 1, int(match[1]))
    raise ValueError(f"{text!r} is not a date")


def days_between(first: date, last: date, *, inclusive: bool = False) -> int:
    """Days from `first` to `last`, negative when they come the other way round."""
    days = (last - first).days
    if not inclusive:
        return days
    return days + 1 if first <= last else days - 1


def month_end(day: date) -> date:
    """The last day of the month `day` lies in."""
    next_month = day.replace(day=28) + timedelta(days=4)
    return next_month - timedelta(days=next_month.day)


def quarter_of(day: date, first_month: int = 1) -> tuple[int, int]:
    if not 1 <= first_month <= 12:
        raise ValueError(f"there is no month {first_month}")
    months = (day.month - first_month) % 12
    year = day.year if first_month <= day.month else day.year - 1
    return year, months // 3 + 1
