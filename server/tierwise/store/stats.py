"""What the ledger adds up to, as values. Pure; money is exact, ratios are worked out from it only when asked for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.store.counting import SAVED
from tierwise.store.sums import Dimension, Sums
from tierwise.store.tallies import Tally, quantile

_DAY_ZERO = date(1970, 1, 1).toordinal()
PLANNED = ("first", "escalated", "fallback", "forced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long something took, in seconds, off by 1.6 % at most; None: never measured."""

    median_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStats:
    """Calls of models added up: those of one tier, or of all."""

    n_calls: int
    n_accepted: int
    n_rejected: int
    n_failed: int
    n_cancelled: int
    n_unknown: int
    """Calls whose process died before they ended."""
    n_running: int
    """Calls that have not ended; their money is not in any figure yet."""
    input_tokens: int
    """Cached ones included."""
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    n_unknown_tokens: int
    """Ended calls whose tokens nobody counted."""
    accepted_input_tokens: int
    """The part of the tokens that went into accepted edits."""
    accepted_output_tokens: int
    n_unknown_accepted: int
    """Accepted edits whose tokens nobody counted."""
    prompt_files: int
    """Files shown, once for every call that was shown them."""
    pico_usd: int
    """The known money, in pico-USD."""
    estimated_pico_usd: int
    """The part of it that is our upper bound because the server did not count."""
    n_unknown_cost: int
    """Ended calls whose money is unknown; it is in no figure."""
    pico_usd_by_planned: Mapping[str, int]
    """The known money split by why the model was asked: first, escalated, fallback, forced."""
    escalations: Mapping[str, int]
    """Calls made because an edit had been rejected, by the reason's code."""
    fallbacks: Mapping[str, int]
    """Calls made because a backend had failed, by the reason's code."""
    duration: Latency
    """Of calls that ended in an edit."""
    first_token: Latency
    """Of the same calls, to the first token."""
    timed_tokens: int
    """Output tokens of the calls whose first token and end are both known."""
    timed_us: int
    """Microseconds between those two, added up."""

    @property
    def pass_rate(self) -> float | None:
        """Accepted edits among those the checks judged; None: none was judged."""
        return ratio(self.n_accepted, self.n_accepted + self.n_rejected)

    @property
    def tokens_per_s(self) -> float | None:
        """Output tokens in a second of writing; None: never measured."""
        return ratio(self.timed_tokens * 10**6, self.timed_us)


class DayStats(NamedTuple):
    """One tier on one day; the figures stand in the order of `DAY_FIGURES`. A tuple, since years have many days."""

    day: date
    """In UTC."""
    tier: str
    n_calls: int
    n_accepted: int
    n_rejected: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    pico_usd: int
    n_unknown_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStats:
    """Clicks added up."""

    n_actions: int
    outcomes: Mapping[str, int]
    """By outcome: applied, proposed, refused, cancelled, failed, native, running, unknown."""
    by_action: Mapping[str, int]
    """By the action's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitStats:
    """Clicks that an answer kept from an earlier call served."""

    n_hits: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)
    """By how it was found: exact, similar, classified."""
    saved_pico_usd: int = 0
    """What those answers had cost when they were paid for."""
    n_unknown_saved: int = 0
    """Hits whose answer cost nobody knows what; they are in no figure of money."""
    input_tokens: int = 0
    """Tokens of the calls that were not made."""
    output_tokens: int = 0
    n_unknown_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FateStats:
    """What became of edits in the time after they were applied."""

    n_kept: int = 0
    n_changed: int = 0
    n_undone: int = 0

    @property
    def n_followed(self) -> int:
        """All whose fate is known."""
        return self.n_kept + self.n_changed + self.n_undone

    @property
    def kept_rate(self) -> float | None:
        """Edits that stood as they were applied, among those followed; None: none was."""
        return ratio(self.n_kept, self.n_followed)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStats:
    """What one value of a dimension adds up to: one model, one language, one day."""

    calls: CallStats
    hits: HitStats
    fates: FateStats


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Everything by one dimension."""

    by: Dimension
    groups: Mapping[str, GroupStats]
    """By name: tiers in their order, days oldest first, others by their money and then their calls. An empty name
    stands for rows whose click is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Everything the ledger says of one period."""

    since: datetime | None
    """None: from the beginning."""
    tiers: Mapping[str, CallStats]
    """The three tiers, cheapest first, whether used or not; then whatever else stands in the ledger."""
    total: CallStats
    days: tuple[DayStats, ...]
    """Oldest first, tiers in their order; days without calls are left out."""
    actions: ActionStats
    n_damaged_rows: int
    """Rows of the whole ledger that are not what was written; they are in no other figure."""
    n_lost_rows: int
    """Rows that could not be saved from damaged files set aside earlier."""
    n_clock_behind: int
    """Calls begun while the wall clock stood more than five minutes before the call before."""
    hits: HitStats = HitStats()
    """Answers from the cache."""
    fates: FateStats = FateStats()
    """What became of applied edits."""
    notices: tuple[str, ...] = ()
    """Sentences the user should see."""

    @property
    def top(self) -> CallStats:
        """The tier whose bill makes failed dispatch visible."""
        return self.tiers[Tier.TOP]

    @property
    def top_share(self) -> float | None:
        """The top tier's part of the known money; None: nothing was spent."""
        return ratio(self.top.pico_usd, self.total.pico_usd)


def ratio(part: int, whole: int) -> float | None:
    """`part / whole`; None for a whole of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Found:
    """The sums of all tables by one dimension; of clicks by their action where the dimension is one they lack."""

    attempts: Sums
    actions: Sums
    hits: Sums
    fates: Sums


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
                hits=_hit_stats(found.hits.groups.get(name, nothing)),
                fates=_fate_stats(found.fates.groups.get(name, nothing)),
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
        n_accepted=outcomes["accepted"],
        n_rejected=outcomes["rejected"],
        n_failed=outcomes["failed"],
        n_cancelled=outcomes["cancelled"],
        n_unknown=outcomes["unknown"],
        n_running=outcomes["running"],
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
        pico_usd_by_planned={planned: tally.spend[planned] for planned in PLANNED},
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
        saved_pico_usd=tally.spend[SAVED],
        n_unknown_saved=tally.n_unknown_cost,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        n_unknown_tokens=tally.n_unknown_tokens,
    )


def _fate_stats(tally: Tally) -> FateStats:
    fates = tally.outcomes
    return FateStats(n_kept=fates["kept"], n_changed=fates["changed"], n_undone=fates["undone"])


def _latency(histogram: Counter[int]) -> Latency:
    median, p95 = quantile(histogram, 50), quantile(histogram, 95)
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


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
