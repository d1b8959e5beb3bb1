"""What this process knows of servers in trouble: the ledger's view, or its own where there is no ledger."""

import itertools
import time
from dataclasses import replace

from tierwise.backends.base import FailureKind
from tierwise.dispatch.sites import Site
from tierwise.store.admission import Paused
from tierwise.store.breakers import Breaker, Heard, Moment, after
from tierwise.store.processes import boot_id, nanoseconds_since_boot

_SAID: dict[str, str] = {
    FailureKind.AUTHENTICATION: "it refused the key",
    FailureKind.NO_MODEL: "it does not have the model",
    FailureKind.NOT_CONFIGURED: "its settings cannot work",
    FailureKind.REFUSED: "it could not be reached",
    FailureKind.TIMEOUT_CONNECT: "it could not be reached",
    FailureKind.RATE_LIMITED: "it limits how often it may be asked",
    FailureKind.OVERLOADED: "it was busy",
}
"""What happened, for windows that did not hear it themselves."""


def now() -> Moment:
    """The present by all clocks."""
    return Moment(time.time_ns() // 1000, nanoseconds_since_boot() // 1000, boot_id())


class Troubles:
    """The breakers as last seen. Reads no file, so menus may ask it on every cursor movement."""

    def __init__(self) -> None:
        self._known: dict[str, Breaker] = {}
        self._words: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @property
    def is_any(self) -> bool:
        """Whether any server has had trouble lately."""
        return bool(self._known)

    def take(self, breakers: dict[str, Breaker]) -> bool:
        """Take over what the ledger says; whether anything is different now."""
        is_new = breakers != self._known
        self._known = dict(breakers)
        return is_new

    def hear(self, heard: Heard, words: str = "", call: int | None = None) -> bool:
        """Note what a call learnt; whether anything is different now."""
        known = self._known.get(heard.target)
        if words:
            self._words[heard.target] = words
        new = after(known, heard, call, now())
        if new is None:
            self._known.pop(heard.target, None)
        else:
            self._known[heard.target] = new
        return new != known

    def forget(self, targets: frozenset[str]) -> None:
        """Let these servers be asked again."""
        for target in targets:
            self._known.pop(target, None)

    def admit(self, site: Site, lease_us: int) -> Paused | int:
        """Without a ledger: let a call through, under the number it is known by here, or say why not."""
        known, moment, number = self._known.get(site.target), now(), next(self._numbers)
        if known is None or not known.is_open:
            return number
        if known.holds_back(site.fingerprint, moment):
            return Paused(breaker=known, left_s=None if known.is_shut else known.left_us(moment) / 10**6)
        if known.is_probed(moment):
            return Paused(breaker=known, left_s=0.0)
        self._known[site.target] = replace(known, prober=number, probed=moment, lease_us=lease_us)
        return number

    def holding_back(self, site: Site) -> Paused | None:
        """The trouble that keeps calls from a server now; None when it may be asked."""
        known, moment = self._known.get(site.target), now()
        if known is None or not known.holds_back(site.fingerprint, moment):
            return None
        return Paused(breaker=known, left_s=None if known.is_shut else known.left_us(moment) / 10**6)

    def words(self, site: Site, paused: Paused) -> str:
        """Why a server is left alone and until when, for people."""
        said = self._words.get(site.target) or _SAID.get(paused.breaker.kind, "it failed several times")
        if paused.left_s is None:
            return f"{said}; `tierwise doctor` lets it be asked again"
        return f"{said}; it is left alone for {max(1, round(paused.left_s))} s more"
