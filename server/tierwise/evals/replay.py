"""What the calls of a log cost then, and what they would cost at other prices. Pure; money is exact."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tierwise.routing.money import Price, cost
from tierwise.routing.tiers import MODEL_TIERS

PriceOf = Callable[[str], Price | None]
"""The price of a model by `backend/model`; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a replay needs of one row; the fields are named as in the ledger."""

    tier: str
    backend: str
    model: str
    outcome: str
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cost_pico_usd: int | None
    action_key: str = ""
    """The click it belongs to; empty where the log does not tell."""
    action: str = ""
    language: str = ""
    reason_code: str = ""
    estimated_input_tokens: int | None = None

    @property
    def ref(self) -> str:
        """`backend/model`, as configurations name it."""
        return f"{self.backend}/{self.model}"

    def cost_at(self, price: Price | None) -> int | None:
        """What its tokens cost at a price, in pico-USD; None: the price or the tokens are unknown."""
        if price is None or self.input_tokens is None or self.output_tokens is None:
            return None
        return cost(
            price,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_tokens=self.cached_tokens or 0,
        )


WORDS = ("tier", "backend", "model", "outcome")
COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "cost_pico_usd")
OF_CLICKS = ("action_key", "action", "language", "reason_code", "estimated_input_tokens")
"""What only a replay of whole clicks looks at; a log may lack it."""


def call_of(row: Mapping[str, Any]) -> Call | None:
    """A row of the ledger as its export has it; None when it is no such row."""
    words: dict[str, Any] = {name: row.get(name) for name in WORDS}
    counts: dict[str, Any] = {name: row.get(name) for name in COUNTS}
    if not set(COUNTS) <= set(row) or not all(isinstance(word, str) for word in words.values()):
        return None
    if not all(count is None or (type(count) is int and 0 <= count) for count in counts.values()):
        return None
    call = Call(**words, **counts, **_of_click(row))
    return None if (call.input_tokens or 0) < (call.cached_tokens or 0) else call


def _of_click(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says of its click, as far as it can be that."""
    found = {name: row[name] for name in OF_CLICKS[:-1] if isinstance(row.get(name), str)}
    estimated = row.get(OF_CLICKS[-1])
    return {**found, OF_CLICKS[-1]: estimated if type(estimated) is int and 0 <= estimated else None}


@dataclass(slots=True)
class Repriced:
    """Calls added up twice, at their own prices and at others. Money is in pico-USD."""

    n_calls: int = 0
    n_running: int = 0
    """Calls that have not ended; they are in no other figure."""
    then_pico_usd: int = 0
    n_unknown_then: int = 0
    now_pico_usd: int = 0
    n_unknown_now: int = 0
    n_compared: int = 0
    """Calls whose money is known both times; the two figures below are of these alone."""
    compared_then_pico_usd: int = 0
    compared_now_pico_usd: int = 0

    def take(self, call: Call, now: int | None) -> None:
        """Count one call."""
        self.n_calls += 1
        if call.outcome == "running":
            self.n_running += 1
            return
        then = call.cost_pico_usd
        self.then_pico_usd += then or 0
        self.n_unknown_then += then is None
        self.now_pico_usd += now or 0
        self.n_unknown_now += now is None
        if then is not None and now is not None:
            self.n_compared += 1
            self.compared_then_pico_usd += then
            self.compared_now_pico_usd += now


@dataclass(frozen=True, slots=True)
class Replay:
    """A whole log, priced anew."""

    tiers: Mapping[str, Repriced]
    """The three tiers, cheapest first, whether used or not; then whatever else stands in the log."""
    total: Repriced
    unpriced: tuple[str, ...]
    """Models of the log without a known price now."""


def replay(calls: Iterable[Call], price_of: PriceOf) -> Replay:
    """Price every call's tokens anew."""
    tiers = {str(tier): Repriced() for tier in MODEL_TIERS}
    total = Repriced()
    prices: dict[str, Price | None] = {}
    for call in calls:
        if call.ref not in prices:
            prices[call.ref] = price_of(call.ref)
        now = call.cost_at(prices[call.ref])
        for sum_ in (tiers.setdefault(call.tier, Repriced()), total):
            sum_.take(call, now)
    return Replay(tiers, total, tuple(ref for ref, price in prices.items() if price is None))
