"""When a model server is left alone, and when it is tried again. Pure: every moment comes in as a value.

A breaker stands for one model at one address. It is closed as long as calls come through; it opens when they keep
failing, and lets a single call through to try once its time is over.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

WINDOW_US = 60 * 10**6
"""Failures count together within this time."""
N_FAILURES = 3
"""So many failures open the breaker, if at least half of the calls since the first of them failed."""
COOLDOWN_US = 15 * 10**6
"""How long it stays open the first time; each failed try doubles it."""
LONGEST_COOLDOWN_US = 300 * 10**6
"""How long it stays open at most, unless the server itself asked for longer."""
_FOREVER_US = 2**62

Event = Literal["answered", "failed", "unreachable", "shut", "left"]
"""What a call says of its server: it works; it failed; nobody is there; it will refuse until something changes, as with
a wrong key; nothing, because the call was cancelled."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment by both clocks, since the one may be set and the other begins anew with every boot."""

    wall_us: int
    """Microseconds since 1970."""
    ticks_us: int
    """Microseconds of a clock that only goes forward and that all processes of one boot share."""
    boot: str
    """The boot's id; empty where the system has none."""


def elapsed_us(since: Moment, now: Moment) -> int:
    """Microseconds between two moments; where a clock that was set back cannot tell, for ever."""
    if since.boot and since.boot == now.boot:
        return now.ticks_us - since.ticks_us
    passed = now.wall_us - since.wall_us
    return passed if 0 <= passed else _FOREVER_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one call learnt of its server."""

    target: str
    """Address and model."""
    event: Event
    kind: str = ""
    """The failure's code."""
    retry_after_s: float | None = None
    """How long the server asked to be left alone."""
    fingerprint: str = ""
    """A hash of the settings and the key the call was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is remembered of a server that had trouble lately; nothing is remembered of the others."""

    kind: str = ""
    """The code of the last failure."""
    fingerprint: str = ""
    first: Moment | None = None
    """The first failure of those that count together."""
    n_failed: int = 0
    n_answered: int = 0
    """Calls that came through since the first failure."""
    n_trips: int = 0
    """How often it opened in a row."""
    opened: Moment | None = None
    """Since when it is open; None: it is closed."""
    cooldown_us: int | None = None
    """How long it stays open; None: until something changes."""
    prober: int | None = None
    """The call that tries whether the server works again."""
    prober_owner: int = 0
    """The process that makes it."""
    lease_us: int = 0
    """How long that call may take."""
    probed: Moment | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are kept back."""
        return self.opened is not None

    @property
    def is_shut(self) -> bool:
        """Whether it stays open until something changes."""
        return self.opened is not None and self.cooldown_us is None

    def left_us(self, now: Moment) -> int:
        """Microseconds until a call may try; 0 when it may, or when no time would help."""
        if self.opened is None or self.cooldown_us is None:
            return 0
        return max(0, self.cooldown_us - max(0, elapsed_us(self.opened, now)))

    def holds_back(self, fingerprint: str, now: Moment) -> bool:
        """Whether a call made with these settings has to wait, the single try that may go through left aside."""
        if self.is_shut:
            return self.fingerprint == fingerprint
        return self.is_open and 0 < self.left_us(now)

    def is_probed(self, now: Moment) -> bool:
        """Whether a call that tries is under way, as far as the clocks tell; its process may have died."""
        return self.probed is not None and 0 <= elapsed_us(self.probed, now) < self.lease_us

    def to_text(self) -> str:
        """As the file holds it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Breaker":
        """Back from `to_text`."""
        plain: dict[str, Any] = json.loads(text)
        moments = {name: Moment(**plain[name]) for name in ("first", "opened", "probed") if plain[name] is not None}
        return cls(**{**plain, **moments})


def after(known: Breaker | None, heard: Heard, call: int | None, now: Moment) -> Breaker | None:
    """The breaker after a call; None: nothing needs to be remembered."""
    is_probe = known is not None and known.prober is not None and known.prober == call
    if known is not None and is_probe:
        known = replace(known, prober=None, probed=None)
    match heard.event:
        case "left":
            return known
        case "answered":
            return _after_answer(known, heard, now, is_probe=is_probe)
        case "shut":
            return _opened(known or Breaker(), heard, None, now)
        case "failed" | "unreachable":
            return _after_failure(known, heard, now, is_probe=is_probe)


def _after_answer(known: Breaker | None, heard: Heard, now: Moment, *, is_probe: bool) -> Breaker | None:
    if known is None or is_probe or (known.is_shut and known.fingerprint != heard.fingerprint):
        return None
    if known.is_open:
        # A call that was under way before says nothing of the calls that would be made now.
        return known
    is_over = known.first is None or WINDOW_US <= elapsed_us(known.first, now)
    return None if is_over else replace(known, n_answered=known.n_answered + 1)


def _after_failure(known: Breaker | None, heard: Heard, now: Moment, *, is_probe: bool) -> Breaker:
    asked_us = None if heard.retry_after_s is None else int(heard.retry_after_s * 10**6)
    if known is not None and known.is_open and not is_probe:
        is_longer = asked_us is not None and not known.is_shut and known.left_us(now) < asked_us
        return _opened(known, heard, asked_us, now) if is_longer else known
    counted = _counted(known or Breaker(), heard, now)
    if asked_us is not None and 0 < asked_us:
        return _opened(counted, heard, asked_us, now)
    is_enough = N_FAILURES <= counted.n_failed and counted.n_answered <= counted.n_failed
    if is_probe or heard.event == "unreachable" or is_enough:
        return _opened(counted, heard, min(COOLDOWN_US << min(counted.n_trips, 10), LONGEST_COOLDOWN_US), now)
    return counted


def _counted(known: Breaker, heard: Heard, now: Moment) -> Breaker:
    if known.first is None or not 0 <= elapsed_us(known.first, now) < WINDOW_US:
        return replace(known, kind=heard.kind, fingerprint=heard.fingerprint, first=now, n_failed=1, n_answered=0)
    return replace(known, kind=heard.kind, fingerprint=heard.fingerprint, n_failed=known.n_failed + 1)


def _opened(known: Breaker, heard: Heard, cooldown_us: int | None, now: Moment) -> Breaker:
    return replace(
        known,
        kind=heard.kind,
        fingerprint=heard.fingerprint,
        opened=now,
        cooldown_us=cooldown_us,
        n_trips=known.n_trips + 1,
        first=None,
        n_failed=0,
        n_answered=0,
    )
