"""The money of one action: what it may still cost, what the top tier's share is, and when the user is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tierwise.backends.base import BackendError, ChatRequest, FailureKind
from tierwise.config.budgets import BudgetsOptions
from tierwise.dispatch.offers import display_name
from tierwise.routing.money import PICO_USD_PER_USD, format_money
from tierwise.routing.tiers import Candidate, Reason, Tier
from tierwise.store.admission import OverCap
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.rows import Planned
from tierwise.store.spending import SHARE_DAYS, Spent
from tierwise.store.stats import CallStats

_MESSAGE_BYTES = 16
"""What a server's template puts around a message, with room to spare."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is asked before a model of the top tier is."""

    words: str
    yes: str
    """The answer that lets it go on; every other one, and none, does not."""


Ask = Callable[[Question], Awaitable[bool]]


async def ask_nobody(question: Question) -> bool:
    """Where nobody can be asked the answer is no."""
    del question
    return False


def most_of(candidate: Candidate, request: ChatRequest) -> int | None:
    """The most a call may cost, in pico-USD; None when its price is unknown.

    No tokenizer makes more tokens of a text than it has bytes, and no reply is longer than was allowed.
    """
    price = candidate.price
    if price is None:
        return None
    n_bytes = sum(_MESSAGE_BYTES + len(m.content.encode("utf-8", "surrogatepass")) for m in request.messages)
    dearest = max(price.input, price.cache_write or 0)
    return n_bytes * dearest + request.max_output_tokens * price.output


def pico(usd: Decimal | None) -> int | None:
    """Dollars of the configuration in pico-USD."""
    return None if usd is None else int(usd * PICO_USD_PER_USD)


class Purse:
    """What one action has spent and may still spend. Several of its calls may be under way at once."""

    def __init__(self, options: BudgetsOptions, ledger: Ledger | None, ask: Ask = ask_nobody) -> None:
        self._options = options
        self._ledger = ledger
        self._ask = ask
        self._asking = asyncio.Lock()
        self._is_agreed: bool | None = None
        self._spent = 0
        self._held = 0
        self.notes: list[str] = []
        """What the user should know of the money, for the proposal."""
        self.reasons: list[Reason] = []

    @property
    def day_cap(self) -> int | None:
        """What a day may cost, in pico-USD."""
        return pico(self._options.day.hard_usd)

    @property
    def month_cap(self) -> int | None:
        """What a month may cost, in pico-USD."""
        return pico(self._options.month.hard_usd)

    @property
    def needs_ledger(self) -> bool:
        """Whether what was spent before matters."""
        return self.day_cap is not None or self.month_cap is not None or self._options.team.has_hard_bound

    def hold(self, most: int | None) -> None:
        """Keep the most a call may cost aside until it is settled."""
        self._held += most or 0

    def settle(self, most: int | None, actual: int | None) -> None:
        """A call is over: what it cost counts instead of what was held; an unknown cost counts in full."""
        self._held -= most or 0
        self._spent += (most or 0) if actual is None else actual

    async def objection(self, candidate: Candidate, planned: Planned, most: int | None) -> BackendError | None:
        """Why a call may not be made, as far as this action alone can tell; the ledger has the last word."""
        found = self._unknown(candidate) if most is None else self._beyond(candidate, most)
        if found is None and candidate.tier is Tier.TOP and planned != "forced" and most != 0:
            found = await self._govern(candidate)
        return found

    def over(self, candidate: Candidate, denied: OverCap) -> BackendError:
        """The ledger's no in words."""
        period = {"day": "today", "month": "this month"}[denied.period]
        by = " by the team" if denied.is_teams else ""
        allowance = getattr(self._options.team if denied.is_teams else self._options, denied.period)
        setting = f"budgets.{'team.' if denied.is_teams else ''}{denied.period}.hard_usd"
        if denied.is_teams and pico(allowance.hard_usd) != denied.cap:
            # The bound stands on the team's server, and is stricter than ours.
            setting = f"the team's {denied.period} cap (tierwise ledger caps)"
        held = f" and {format_money(denied.held)} held by calls under way" if denied.held else ""
        return _over(
            f"{display_name(candidate)} was not asked: the call could cost {format_money(denied.wanted)}, and of the"
            f" {format_money(denied.cap)} of {setting}"
            f" {format_money(denied.spent)} are spent {period}{by}{held}"
        )

    def unbooked(self, candidate: Candidate, why: str) -> BackendError:
        """The sentence for a call that costs money when nobody can tell what was spent before."""
        return _over(
            f"{display_name(candidate)} was not asked: a budget is set and {why}, so nothing is asked that costs money"
        )

    async def look_back(self) -> None:
        """Note which soft bounds are passed."""
        soft = {name: pico(getattr(self._options, name).soft_usd) for name in ("action", "day", "month")}
        if all(bound is None for bound in soft.values()):
            return
        spent = await self._spent_so_far()
        figures = {"action": self._spent}
        if spent is not None:
            figures |= {"day": spent.day, "month": spent.month}
        names = {"action": "this action", "day": "today", "month": "this month"}
        for name, bound in soft.items():
            if bound is not None and bound < figures.get(name, 0):
                self.notes.append(
                    f"{format_money(figures[name])} were spent {names[name]}, over the {format_money(bound)} of"
                    f" budgets.{name}.soft_usd"
                )

    def _unknown(self, candidate: Candidate) -> BackendError | None:
        return self.unpriced(candidate) if self._options.has_hard_bound else None

    def unpriced(self, candidate: Candidate, why: str = "a budget is set") -> BackendError:
        """The sentence for a call of which nobody can tell whether it fits; `why` that matters."""
        words = (
            f"{display_name(candidate)} was not asked: {why} and the model's price is unknown; set"
            f' models."{candidate.ref}".input_usd_per_million and output_usd_per_million, or'
            " budgets.unknown_price_usd_per_million"
        )
        return BackendError(FailureKind.UNKNOWN_PRICE, words)

    def _beyond(self, candidate: Candidate, most: int) -> BackendError | None:
        cap = pico(self._options.action.hard_usd)
        if not most or cap is None or self._spent + self._held + most <= cap:
            return None
        used = format_money(self._spent + self._held)
        return _over(
            f"{display_name(candidate)} was not asked: the call could cost {format_money(most)}, and of the"
            f" {format_money(cap)} of budgets.action.hard_usd {used} are spent or held"
        )

    async def _govern(self, candidate: Candidate) -> BackendError | None:
        """Look at the top tier's share once for each action, and ask where that is wanted."""
        async with self._asking:
            if self._is_agreed is None:
                words = await self._share_words()
                if words is not None:
                    self.notes.append(words)
                    self.reasons.append(Reason("top-share", words))
                wants = self._options.ask_before_top
                must_ask = wants == "always" or (wants == "over-share" and words is not None)
                self._is_agreed = not must_ask or await self._ask(_question(candidate, words))
        if self._is_agreed:
            return None
        words = f"{display_name(candidate)} was not asked: you were to agree first (budgets.ask_before_top) and did not"
        return BackendError(FailureKind.NOT_AGREED, words)

    async def _share_words(self) -> str | None:
        """The sentence for a share that is too large, with where the money went; None when it is not."""
        spent = await self._spent_so_far()
        limit = self._options.top_share_percent
        floor = pico(self._options.top_share_from_usd) or 0
        if spent is None or spent.recent < floor or 100 * spent.recent_top <= limit * spent.recent:
            return None
        why = await self._where_it_went()
        return (
            f"the top tier took {spent.recent_top / spent.recent:.0%} of the {format_money(spent.recent)} spent in"
            f" {SHARE_DAYS} days, over the {limit} % of budgets.top_share_percent{why}"
        )

    async def _where_it_went(self) -> str:
        ledger = self._ledger
        if ledger is None:
            return ""
        since = datetime.now(UTC) - timedelta(days=SHARE_DAYS)
        try:
            stats = await asyncio.to_thread(ledger.stats, since)
        except LedgerError:
            return ""
        return f": {split_words(stats.top)}"

    async def _spent_so_far(self) -> Spent | None:
        if self._ledger is None:
            return None
        try:
            return await asyncio.to_thread(self._ledger.spent)
        except LedgerError:
            return None


def split_words(top: CallStats) -> str:
    """Where a tier's money went: planned, escalated and why, fallen back, forced."""
    money = top.pico_usd_by_planned
    why = ", ".join(f"{n} × {code}" for code, n in list(top.escalations.items())[:3])
    parts = [
        f"{format_money(money['first'])} planned",
        f"{format_money(money['escalated'])} escalated" + (f" ({why})" if why else ""),
        f"{format_money(money['fallback'])} for servers that failed",
        f"{format_money(money['forced'])} asked for by name",
    ]
    return ", ".join(parts)


def _question(candidate: Candidate, share: str | None) -> Question:
    name = display_name(candidate)
    why = f" ({share})" if share is not None else ""
    return Question(words=f"Tierwise would ask {name}, a model of the top tier{why}", yes=f"Ask {name}")


def _over(words: str) -> BackendError:
    return BackendError(FailureKind.OVER_BUDGET, words)
