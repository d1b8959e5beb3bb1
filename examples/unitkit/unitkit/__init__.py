"""Dates, durations, sizes and units as people write them."""

from unitkit.dates import days_between, month_end, parse_date
from unitkit.durations import format_duration, parse_duration
from unitkit.sizes import format_size, parse_size
from unitkit.temperatures import convert_temperature

__all__ = [
    "convert_temperature",
    "days_between",
    "format_duration",
    "format_size",
    "month_end",
    "parse_date",
    "parse_duration",
    "parse_size",
]
