"""Figures as one JSON document: what `tierwise stats --json` and the editor's panel get."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from tierwise.store.stats import CallStats, DayStats, FateStats, Grouped, HitStats, Stats, ratio


def stats_json(stats: Stats) -> dict[str, Any]:
    """Names in camel case, money in whole pico-USD, ratios as numbers or null, times in seconds, days in UTC."""
    return {
        "since": _plain(stats.since),
        "tiers": {name: _calls(calls, stats.total) for name, calls in stats.tiers.items()},
        "total": _calls(stats.total, stats.total),
        "top": {
            "share": stats.top_share,
            "picoUsd": stats.top.pico_usd,
            "totalPicoUsd": stats.total.pico_usd,
            "picoUsdByPlanned": dict(stats.top.pico_usd_by_planned),
            "nUnknownCost": stats.total.n_unknown_cost,
        },
        "days": [_day(day) for day in stats.days],
        "actions": _named(asdict(stats.actions)),
        "cache": _hits(stats.hits),
        "fates": _fates(stats.fates),
        "nDamagedRows": stats.n_damaged_rows,
        "nLostRows": stats.n_lost_rows,
        "nClockBehind": stats.n_clock_behind,
        "notices": list(stats.notices),
    }


def grouped_json(found: Grouped, total: CallStats) -> dict[str, Any]:
    """Groups in their order, each with its name; `total` is what shares are shares of."""
    return {
        "by": found.by,
        "groups": [
            {
                "name": name,
                **_calls(group.calls, total),
                "cache": _hits(group.hits),
                "fates": _fates(group.fates),
            }
            for name, group in found.groups.items()
        ],
    }


def _hits(hits: HitStats) -> dict[str, Any]:
    return _named(asdict(hits))


def _fates(fates: FateStats) -> dict[str, Any]:
    return {**_named(asdict(fates)), "keptRate": fates.kept_rate}


def _calls(calls: CallStats, total: CallStats) -> dict[str, Any]:
    plain = _named(asdict(calls))
    plain["duration"] = _named(asdict(calls.duration))
    plain["firstToken"] = _named(asdict(calls.first_token))
    return plain | {
        "shareOfCalls": ratio(calls.n_calls, total.n_calls),
        "shareOfSpend": ratio(calls.pico_usd, total.pico_usd),
        "passRate": calls.pass_rate,
        "tokensPerS": calls.tokens_per_s,
    }


def _day(day: DayStats) -> dict[str, Any]:
    return {name: _plain(getattr(day, field)) for field, name in _DAY_NAMES}


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_camel(name): _plain(value) for name, value in values.items()}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


_DAY_NAMES = tuple((name, _camel(name)) for name in DayStats._fields)
