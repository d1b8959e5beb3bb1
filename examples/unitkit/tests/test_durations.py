from datetime import timedelta

import pytest

from unitkit.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 s", 90),
        ("1h 30m", 5400),
        ("1.5 hours", 5400),
        ("2 days, 3 min", 172_980),
        ("1:30:00", 5400),
        ("0:05", 300),
    ],
)
def test_parse_duration(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "3 fortnights", "1h and 30m", "1:75"])
def test_parse_duration_refuses(text):
    with pytest.raises(ValueError):
        parse_duration(text)


def test_format_duration_shows_two_units():
    assert format_duration(timedelta(days=1, hours=2, minutes=3)) == "1 d 2 h"


def test_format_duration_of_nothing():
    assert format_duration(timedelta(0)) == "0 s"


def test_format_duration_backwards():
    assert format_duration(timedelta(minutes=-90)) == "-1 h 30 min"
