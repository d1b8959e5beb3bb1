"""The status item: today's spend, the top tier's share of it, and who can be asked."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tierwise.dispatch import Runtime
from tierwise.dispatch.tripwire_telling import status_words
from tierwise.lsp.carrying import Wire
from tierwise.lsp.host import Host
from tierwise.routing.money import format_money
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate
from tierwise.store.ledger import Ledger

_STATES: Mapping[Availability, str] = {
    Availability.READY: "ready",
    Availability.UNKNOWN: "untried",
    Availability.NO_KEY: "no key",
    Availability.UNREACHABLE: "not reachable",
    Availability.NO_MODEL: "no model",
    Availability.PAUSED: "paused",
    Availability.DISABLED: "off",
}


class StatusItem:
    """Keeps the client's figures at what the ledger says: one message for everything that happens before it."""

    def __init__(self, wire: Wire, host: Host) -> None:
        self._wire = wire
        self._host = host
        self._is_sending = False
        self._is_stale = False

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
                self._wire.notify("tierwise/status", figures)
        finally:
            self._is_sending = False


async def status_of(runtime: Runtime, n_busy: int) -> dict[str, Any]:
    """What `tierwise/status` carries; reads the ledger in a thread."""
    spent, share = (None, None) if runtime.ledger is None else await asyncio.to_thread(_today, runtime.ledger)
    return {
        "spentToday": format_money(spent),
        "spentTodayPicoUsd": spent,
        "topShare": share,
        "busy": n_busy,
        "tripwire": await asyncio.to_thread(_tripwire, runtime),
        "tiers": {str(tier): _tier([c for c in runtime.candidates if c.tier is tier]) for tier in MODEL_TIERS},
    }


def _tripwire(runtime: Runtime) -> dict[str, Any]:
    """Whether cheap models are as good as they were: off, watching or alert, with a sentence for each that is not."""
    if runtime.ledger is None or runtime.config.tripwire.judge is None:
        return status_words(runtime.config, {})
    return status_words(runtime.config, runtime.ledger.tripwire.cells())


def _today(ledger: Ledger) -> tuple[int, float | None]:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    stats = ledger.stats(start)
    return stats.total.pico_usd, stats.top_share


def _tier(candidates: list[Candidate]) -> dict[str, str | None]:
    """The first that can be asked, else the first at all."""
    chosen = next((c for c in candidates if c.can_be_tried), candidates[0] if candidates else None)
    if chosen is None:
        return {"model": None, "state": "nothing configured", "detail": ""}
    detail = chosen.availability_detail
    return {"model": chosen.model, "state": _STATES[chosen.availability], "detail": detail}
