"""What the charts of the report show, as values for the script in its page. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tierwise.routing.money import PICO_USD_PER_USD
from tierwise.routing.tiers import MODEL_TIERS
from tierwise.store.stats import CallStats, DayStats, Stats

KNOWN = tuple(str(tier) for tier in MODEL_TIERS)


def color_of(tier: str) -> str:
    """The style's name for a tier's color."""
    return tier if tier in KNOWN else "other"


def charts(stats: Stats) -> dict[str, dict[str, Any]]:
    """Each chart by its id: its labels, its series, its unit. One without any value above zero is left out."""
    found = {"by-day": _by_day(stats.days), "by-tier": _by_tier(stats), "latency": _latency(stats.tiers)}
    return {
        name: {"id": name, **chart}
        for name, chart in found.items()
        if any(value for series in chart["series"] for value in series["values"])
    }


def as_script(found: Mapping[str, dict[str, Any]]) -> str:
    """The charts as JSON that can stand inside an element of a page: nothing in it closes the element."""
    text = json.dumps(list(found.values()), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _by_day(days: Iterable[DayStats]) -> dict[str, Any]:
    spent: dict[str, dict[str, float]] = {}
    for one in days:
        spent.setdefault(one.day.isoformat(), {})[one.tier] = one.pico_usd / PICO_USD_PER_USD
    tiers = sorted({tier for day in spent.values() for tier in day}, key=_place)
    series = [_series(tier, color_of(tier), [day.get(tier, 0) for day in spent.values()]) for tier in tiers]
    return {"labels": list(spent), "series": series, "unit": "money", "stacked": True, "across": False}


def _by_tier(stats: Stats) -> dict[str, Any]:
    """Each tier's part of the calls, of the tokens and of the money."""
    total = stats.total
    wholes = (total.n_calls, _tokens(total), total.pico_usd)
    series = [
        _series(tier, color_of(tier), [_part(*pair) for pair in zip(_amounts(calls), wholes, strict=True)])
        for tier, calls in stats.tiers.items()
        if calls.n_calls
    ]
    labels = ["calls", "tokens", "money"]
    return {"labels": labels, "series": series, "unit": "share", "stacked": True, "across": True, "max": 1}


def _latency(tiers: Mapping[str, CallStats]) -> dict[str, Any]:
    timed = {name: calls.duration for name, calls in tiers.items() if calls.duration.median_s is not None}
    series = [
        _series("median", "bulk", [latency.median_s or 0 for latency in timed.values()]),
        _series("95 % end sooner than", "other", [latency.p95_s or 0 for latency in timed.values()]),
    ]
    return {"labels": list(timed), "series": series, "unit": "seconds", "stacked": False, "across": True}


def _series(name: str, color: str, values: list[float]) -> dict[str, Any]:
    return {"name": name, "color": color, "values": values}


def _amounts(calls: CallStats) -> tuple[int, int, int]:
    return calls.n_calls, _tokens(calls), calls.pico_usd


def _tokens(calls: CallStats) -> int:
    return calls.input_tokens + calls.output_tokens


def _part(amount: int, whole: int) -> float:
    return round(amount / whole, 4) if whole else 0


def _place(tier: str) -> tuple[int, str]:
    return (KNOWN.index(tier) if tier in KNOWN else len(KNOWN), tier)
