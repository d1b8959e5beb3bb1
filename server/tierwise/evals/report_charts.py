"""What the charts of the report show, as values for the script in its page. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from tierwise.evals.report_markup import visible
from tierwise.routing.money import PICO_USD_PER_USD, format_money
from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.store.stats import CallStats, DayStats, GroupStats, Stats

KNOWN = tuple(str(tier) for tier in MODEL_TIERS)
GUIDE = {Tier.LOCAL: 0.40, Tier.BULK: 0.50, Tier.TOP: 0.10}
"""The tiers' parts of the calls in the article this product started from."""
_MANY_DAYS = 62
"""From so many days on, weeks are drawn; from so many weeks on, months."""
_MOST_BARS = 12
_MOST_LETTERS = 44


@dataclass(frozen=True, slots=True)
class _Look:
    """How a chart is drawn; the script in the page reads these names."""

    unit: str
    stacked: bool = False
    across: bool = False
    max: int | None = None


def color_of(tier: str) -> str:
    """The style's name for a tier's color."""
    return tier if tier in KNOWN else "other"


def charts(stats: Stats, models: Mapping[str, GroupStats]) -> dict[str, dict[str, Any]]:
    """Each chart by its id: title, labels, series, unit. One without any value above zero is left out."""
    found = {
        "by-day": _by_day(stats.days),
        "by-tier": _by_tier(stats),
        "latency": _latency(models),
        "reasons": _reasons(stats),
    }
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
    known = list(days)
    period, start_of = _periods(known)
    spent: dict[date, dict[str, int]] = {}
    for moment in _every(known, start_of):
        spent[moment] = {}
    for one in known:
        of_period = spent[start_of(one.day)]
        of_period[one.tier] = of_period.get(one.tier, 0) + one.pico_usd
    tiers = sorted({tier for figures in spent.values() for tier in figures}, key=_place)
    series = [
        _series(tier, color_of(tier), [figures.get(tier, 0) / PICO_USD_PER_USD for figures in spent.values()])
        for tier in tiers
    ]
    most = max(spent, key=lambda day: sum(spent[day].values()), default=None)
    words = "" if most is None else f"Most, {format_money(sum(spent[most].values()))}, in that of {most.isoformat()}."
    labels = [day.isoformat() for day in spent]
    return _chart(f"Money spent by {period} and tier", words, labels, series, _Look("money", stacked=True))


def _periods(days: list[DayStats]) -> tuple[str, Any]:
    n_days = (days[-1].day - days[0].day).days + 1 if days else 0
    if n_days <= _MANY_DAYS:
        return "day", lambda day: day
    if n_days <= 7 * _MANY_DAYS:
        return "week", lambda day: day - timedelta(days=day.weekday())
    return "month", lambda day: day.replace(day=1)


def _every(days: list[DayStats], start_of: Any) -> Iterable[date]:
    """All periods from the first to the last, those without calls too, so that time runs evenly."""
    if not days:
        return ()
    n_days = (days[-1].day - days[0].day).days + 1
    return dict.fromkeys(start_of(days[0].day + timedelta(days=n)) for n in range(n_days))


def _by_tier(stats: Stats) -> dict[str, Any]:
    """Each tier's part of the calls, beside what the article has, of the tokens and of the money."""
    total = stats.total
    wholes = (total.n_calls, _tokens(total), total.pico_usd)
    series = []
    for tier, calls in stats.tiers.items():
        guide = next((share for known, share in GUIDE.items() if known == tier), 0.0)
        if calls.n_calls or guide:
            parts = [_part(*pair) for pair in zip(_amounts(calls), wholes, strict=True)]
            series.append(_series(tier, color_of(tier), [parts[0], guide if total.n_calls else 0, *parts[1:]]))
    words = ", ".join(f"{one['name']} {one['values'][0]:.0%} of the calls" for one in series)
    labels = ["calls", "calls, as a guide", "tokens", "money"]
    return _chart("Each tier's part", f"{words}.", labels, series, _Look("share", stacked=True, across=True, max=1))


def _latency(models: Mapping[str, GroupStats]) -> dict[str, Any]:
    timed = {name: group.calls.duration for name, group in models.items() if group.calls.duration.median_s is not None}
    shown = dict(islice(timed.items(), _MOST_BARS))
    series = [
        _series("median", "bulk", [latency.median_s or 0 for latency in shown.values()]),
        _series("95 % end sooner than", "other", [latency.p95_s or 0 for latency in shown.values()]),
    ]
    labels = [_short(name) for name in shown]
    words = "The table has the figures."
    return _chart("Seconds to an edit, by model", words, labels, series, _Look("seconds", across=True))


def _reasons(stats: Stats) -> dict[str, Any]:
    """Why the next tier was asked, by the tier that took over."""
    reasons = tuple(islice(stats.total.escalations, _MOST_BARS))
    series = [
        _series(tier, color_of(tier), [calls.escalations.get(reason, 0) for reason in reasons])
        for tier, calls in stats.tiers.items()
        if calls.escalations
    ]
    words = ", ".join(f"{_short(reason)} {stats.total.escalations[reason]}" for reason in reasons)
    labels = [_short(reason) for reason in reasons]
    title = "Calls after a refused edit, by reason and the tier that took over"
    return _chart(title, f"{words}.", labels, series, _Look("calls", stacked=True, across=True))


def _chart(title: str, words: str, labels: list[str], series: list[dict[str, Any]], look: _Look) -> dict[str, Any]:
    n_bars = 1 if look.stacked else len(series)
    rows = max(3, len(labels) * n_bars) if look.across else 0
    return {"title": title, "words": words, "labels": labels, "series": series, "rows": rows, **asdict(look)}


def _series(name: str, color: str, values: list[float]) -> dict[str, Any]:
    return {"name": _short(name), "color": color, "values": values}


def _short(name: str) -> str:
    """A name that leaves room for its bar."""
    name = visible(name)
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"


def _amounts(calls: CallStats) -> tuple[int, int, int]:
    return calls.n_calls, _tokens(calls), calls.pico_usd


def _tokens(calls: CallStats) -> int:
    return calls.input_tokens + calls.output_tokens


def _part(amount: int, whole: int) -> float:
    return round(amount / whole, 4) if whole else 0


def _place(tier: str) -> tuple[int, str]:
    return (KNOWN.index(tier) if tier in KNOWN else len(KNOWN), tier)
