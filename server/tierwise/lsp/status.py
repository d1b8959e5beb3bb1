"""The status item: today's money by tier, what is left of it, who is asked now, and who can be asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tierwise.config import Config
from tierwise.dispatch import Runtime
from tierwise.dispatch.standing import Standing, standings
from tierwise.dispatch.tripwire_telling import status_words
from tierwise.dispatch.under_way import CallUnderWay, UnderWay
from tierwise.lsp.carrying import Wire
from tierwise.lsp.host import Host
from tierwise.routing.money import format_money
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Tier
from tierwise.routing.tripwire import CellState, TripwireCell
from tierwise.store.ledger import Ledger
from tierwise.store.spending import SHARE_DAYS, Spent
from tierwise.store.stats import CallStats, Stats, ratio

_STATES: Mapping[Availability, str] = {
    Availability.READY: "ready",
    Availability.UNKNOWN: "untried",
    Availability.NO_KEY: "no key",
    Availability.UNREACHABLE: "not reachable",
    Availability.NO_MODEL: "no model",
    Availability.PAUSED: "paused",
    Availability.DISABLED: "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booked:
    """What the ledger says at one moment."""

    today: Stats
    spent: Spent
    cells: Mapping[TripwireCell, CellState]
    judged_pico_usd: int
    """What went into judging today."""


class StatusItem:
    """Keeps the client's figures at what the ledger says: one message for everything that happens before it."""

    def __init__(self, wire: Wire, host: Host) -> None:
        self._wire = wire
        self._host = host
        self._is_sending = False
        self._is_stale = False
        self._told: dict[str, Any] | None = None

    async def send(self) -> None:
        """Send the figures; who asks while they are being read causes them to be read once more after it."""
        self._is_stale = True
        if self._is_sending:
            return
        self._is_sending = True
        try:
            while self._is_stale:
                self._is_stale = False
                with self._host.lease() as runtime:
                    figures = await status_of(runtime, self._host.n_busy - 1)
                self._tell(figures)
        finally:
            self._is_sending = False

    def send_calls(self) -> None:
        """Tell at once which calls there are now; the ledger is not read for it."""
        if self._told is not None and not self._is_sending:
            self._tell({**self._told, "calls": _calls(self._host.under_way), "busy": self._host.n_busy})

    def _tell(self, figures: dict[str, Any]) -> None:
        self._told = figures
        self._wire.notify("tierwise/status", figures)


async def status_of(runtime: Runtime, n_busy: int) -> dict[str, Any]:
    """What `tierwise/status` carries; reads the ledger in a thread. What is unknown without a ledger is null."""
    booked = None if runtime.ledger is None else await asyncio.to_thread(_read, runtime.ledger)
    today = None if booked is None else booked.today
    total = None if today is None else today.total
    return {
        **_money("spentToday", None if total is None else total.pico_usd),
        "callsToday": None if total is None else total.n_calls,
        "nUnknownCostToday": None if total is None else total.n_unknown_cost,
        "topShare": None if today is None else today.top_share,
        "topShareRecently": None if booked is None else booked.spent.top_share,
        "topShareDays": SHARE_DAYS,
        "topShareLimit": runtime.config.budgets.top_share_percent / 100,
        "budgets": None if booked is None else _budgets(runtime.config, booked.spent),
        "cache": None if today is None else _cache(today),
        "busy": n_busy,
        "calls": _calls(runtime.under_way),
        "tripwire": _tripwire(runtime.config, booked),
        "tiers": {str(tier): _tier(runtime.candidates, tier, today) for tier in MODEL_TIERS},
    }


def _read(ledger: Ledger) -> _Booked:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    table = ledger.tripwire
    return _Booked(
        today=ledger.stats(start), spent=ledger.spent(), cells=table.cells(), judged_pico_usd=table.spent_today()
    )


def _money(name: str, pico_usd: int | None) -> dict[str, Any]:
    """An amount for people, and exactly."""
    return {name: format_money(pico_usd), f"{name}PicoUsd": pico_usd}


def _budgets(config: Config, spent: Spent) -> dict[str, Any]:
    """Day and month beside their bounds; an amount that is null is no bound."""
    return {one.period: _budget(one) for one in standings(config.budgets, spent)} | _money("held", spent.held)


def _budget(one: Standing) -> dict[str, Any]:
    amounts = {"spent": one.spent, "soft": one.soft, "hard": one.hard, "left": one.left}
    words = {name: None if amount is None else format_money(amount) for name, amount in amounts.items()}
    exact = {f"{name}PicoUsd": amount for name, amount in amounts.items()}
    is_over_soft = one.soft is not None and one.soft < one.spent
    return {**words, **exact, "isOverSoft": is_over_soft, "isUsedUp": one.left == 0, "words": one.words}


def _cache(today: Stats) -> dict[str, Any]:
    hits = today.hits
    spared = _money("sparedToday", hits.saved_pico_usd)
    return {"hitsToday": hits.n_hits, **spared, "nUnknownSparedToday": hits.n_unknown_saved}


def _calls(under_way: UnderWay) -> list[dict[str, Any]]:
    return [_call(call) for call in under_way.calls]


def _call(call: CallUnderWay) -> dict[str, Any]:
    return {
        "action": call.action,
        "tier": str(call.tier),
        "model": call.model,
        "planned": call.planned,
        "seconds": round(call.seconds, 1),
    }


def _tripwire(config: Config, booked: _Booked | None) -> dict[str, Any]:
    """Whether cheap models are as good as they were: off, watching or alert, with a sentence for each that is not."""
    words = status_words(config, {} if booked is None else booked.cells)
    return {**words, **_money("spentToday", None if booked is None else booked.judged_pico_usd)}


def _tier(candidates: tuple[Candidate, ...], tier: Tier, today: Stats | None) -> dict[str, Any]:
    """The first model that can be asked, else the first at all, and what the tier cost today."""
    own = [candidate for candidate in candidates if candidate.tier is tier]
    chosen = next((c for c in own if c.can_be_tried), own[0] if own else None)
    return {
        "model": None if chosen is None else chosen.model,
        "state": "nothing configured" if chosen is None else _STATES[chosen.availability],
        "detail": "" if chosen is None else chosen.availability_detail,
        **_tier_today(None if today is None else today.tiers[tier], today),
    }


def _tier_today(calls: CallStats | None, today: Stats | None) -> dict[str, Any]:
    return {
        **_money("spentToday", None if calls is None else calls.pico_usd),
        "shareToday": None if calls is None or today is None else ratio(calls.pico_usd, today.total.pico_usd),
        "callsToday": None if calls is None else calls.n_calls,
        "nUnknownCostToday": None if calls is None else calls.n_unknown_cost,
        "passRateToday": None if calls is None else calls.pass_rate,
    }
