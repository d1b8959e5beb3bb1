"""What the ledger adds up to, as values. Pure; money is exact, ratios are worked out from it only when asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from tierwise.routing.tiers import Tier
from tierwise.store.sums import Dimension

PLANNED = ("first", "escalated", "fallback", "forced", "tripwire")
"""Why a model is asked. What the tripwire asks the judge is compared with an edit and offered to nobody."""


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
    """The known money split by why the model was asked: first, escalated, fallback, forced, tripwire."""
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
    def is_cost_unknown(self) -> bool:
        """Whether there were calls, and nobody knows what any of them cost."""
        return 0 < self.n_unknown_cost == self.n_calls - self.n_running

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
