"""Sums turned into figures. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tierwise.routing.tiers import MODEL_TIERS
from tierwise.store.counting import SAVED
from tierwise.store.stats import (
    PLANNED,
    ActionStats,
    CallStats,
    DayStats,
    FateStats,
    Grouped,
    GroupStats,
    HitStats,
    Latency,
    Stats,
)
from tierwise.store.sums import Dimension, Sums
from tierwise.store.tallies import Histogram, Tally, quantiles

_NO_HITS, _NO_FATES = HitStats(), FateStats()
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Found:
    """The sums of the tables by one dimension."""

    attempts: Sums
    hits: Sums
    fates: Sums
    actions: Sums = field(default_factory=Sums)
    """Of clicks, always by their action; not needed where figures are grouped."""


def summarize(found: Found, *, since: datetime | None, n_lost: int = 0, notices: tuple[str, ...] = ()) -> Stats:
    """Turn sums by tier into figures."""
    attempts = found.attempts
    tiers = {tier: attempts.groups.get(tier, Tally()) for tier in _in_order(set(attempts.groups))}
    total = attempts.total
    return Stats(
        since=since,
        tiers={tier: _call_stats(tally) for tier, tally in tiers.items()},
        total=_call_stats(total),
        days=tuple(
            DayStats(moment, tier, *attempts.days[day][tier])
            for day in sorted(attempts.days)
            for moment in (date.fromordinal(_DAY_ZERO + day),)
            for tier in tiers
            if tier in attempts.days[day]
        ),
        actions=_action_stats(found.actions),
        n_damaged_rows=sum(sums.n_damaged for sums in (attempts, found.actions, found.hits, found.fates)),
        n_lost_rows=n_lost,
        n_clock_behind=total.n_clock_behind,
        hits=_hit_stats(found.hits.total),
        fates=_fate_stats(found.fates.total),
        notices=notices,
    )


def grouped(found: Found, by: Dimension) -> Grouped:
    """Turn sums by any dimension into figures."""
    nothing = Tally()
    sources = (found.attempts.groups, found.hits.groups, found.fates.groups)
    names = {name for groups in sources for name in groups}
    if by == "tier":
        ordered = _in_order(names)
    elif by == "day":
        ordered = sorted(names)
    else:
        money = found.attempts.groups
        ordered = sorted(names, key=lambda name: _weight(money.get(name, nothing), name))
    return Grouped(
        by=by,
        groups={
            name: GroupStats(
                calls=_call_stats(found.attempts.groups.get(name, nothing)),
                hits=_hit_stats(found.hits.groups[name]) if name in found.hits.groups else _NO_HITS,
                fates=_fate_stats(found.fates.groups[name]) if name in found.fates.groups else _NO_FATES,
            )
            for name in ordered
        },
    )


def _weight(tally: Tally, name: str) -> tuple[int, int, str]:
    return -tally.pico_usd, -tally.n_rows, name


def _in_order(names: set[str]) -> list[str]:
    known = [str(tier) for tier in MODEL_TIERS]
    return known + sorted(names - set(known))


def _call_stats(tally: Tally) -> CallStats:
    outcomes = tally.outcomes
    return CallStats(
        n_calls=tally.n_rows,
        n_accepted=outcomes.get("accepted", 0),
        n_rejected=outcomes.get("rejected", 0),
        n_failed=outcomes.get("failed", 0),
        n_cancelled=outcomes.get("cancelled", 0),
        n_unknown=outcomes.get("unknown", 0),
        n_running=outcomes.get("running", 0),
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cached_tokens=tally.cached_tokens,
        reasoning_tokens=tally.reasoning_tokens,
        n_unknown_tokens=tally.n_unknown_tokens,
        accepted_input_tokens=tally.accepted_input_tokens,
        accepted_output_tokens=tally.accepted_output_tokens,
        n_unknown_accepted=tally.n_unknown_accepted,
        prompt_files=tally.prompt_files,
        pico_usd=tally.pico_usd,
        estimated_pico_usd=tally.estimated_pico_usd,
        n_unknown_cost=tally.n_unknown_cost,
        pico_usd_by_planned={planned: tally.spend.get(planned, 0) for planned in PLANNED},
        escalations=_most_first(tally.escalations),
        fallbacks=_most_first(tally.fallbacks),
        duration=_latency(tally.durations),
        first_token=_latency(tally.first_tokens),
        timed_tokens=tally.timed_tokens,
        timed_us=tally.timed_us,
    )


def _hit_stats(tally: Tally) -> HitStats:
    return HitStats(
        n_hits=tally.n_rows,
        by_kind=_most_first(tally.outcomes),
        saved_pico_usd=tally.spend.get(SAVED, 0),
        n_unknown_saved=tally.n_unknown_cost,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        n_unknown_tokens=tally.n_unknown_tokens,
    )


def _fate_stats(tally: Tally) -> FateStats:
    fates = tally.outcomes
    kept, changed, undone = (fates.get(name, 0) for name in ("kept", "changed", "undone"))
    return FateStats(n_kept=kept, n_changed=changed, n_undone=undone)


def _latency(histogram: Histogram) -> Latency:
    median, p95 = quantiles(histogram, 50, 95)
    return Latency(
        median_s=None if median is None else median / 10**6,
        p95_s=None if p95 is None else p95 / 10**6,
    )


def _action_stats(actions: Sums) -> ActionStats:
    outcomes: Counter[str] = Counter()
    by_action: Counter[str] = Counter()
    for name, tally in actions.groups.items():
        outcomes.update(tally.outcomes)
        by_action[name] = tally.n_rows
    return ActionStats(n_actions=outcomes.total(), outcomes=_most_first(outcomes), by_action=_most_first(by_action))


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    if len(counts) < 2:
        return dict(counts)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
