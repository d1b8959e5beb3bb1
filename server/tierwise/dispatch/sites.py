"""Which server a model stands on: whose breaker is asked, whose turn is taken. Pure."""

import hashlib
from dataclasses import dataclass

from tierwise.backends.base import BackendError, FailureKind
from tierwise.config import Config
from tierwise.config.bindings import origin_of
from tierwise.routing.tiers import Candidate
from tierwise.store.breakers import Event, Heard

_SHUT = frozenset({FailureKind.AUTHENTICATION, FailureKind.NO_MODEL, FailureKind.NOT_CONFIGURED})
_UNREACHABLE = frozenset({FailureKind.REFUSED, FailureKind.TIMEOUT_CONNECT})
_FAILED = frozenset(
    {
        FailureKind.CONNECTION,
        FailureKind.TIMEOUT_FIRST_TOKEN,
        FailureKind.TIMEOUT_BETWEEN_TOKENS,
        FailureKind.RATE_LIMITED,
        FailureKind.OVERLOADED,
        FailureKind.SERVER_ERROR,
        FailureKind.NO_FINISH,
        FailureKind.PROTOCOL,
    }
)
"""Failures that say something of the server; the others are about the request, and show that the server works."""
_NEVER_ASKED = frozenset(
    {FailureKind.PAUSED, FailureKind.OVER_BUDGET, FailureKind.UNKNOWN_PRICE, FailureKind.NOT_AGREED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The server of one model, as windows tell servers apart."""

    target: str
    """Address and model."""
    fingerprint: str
    """A hash of the backend's settings and its key."""
    origin: str = ""
    """The address whose turns are taken; empty where the backend minds its own."""
    n_turns: int = 0

    def heard(self, event: Event, err: BackendError | None = None) -> Heard:
        """What a call that ended so has learnt of this server."""
        return Heard(
            target=self.target,
            event=event,
            kind="" if err is None else str(err.kind),
            retry_after_s=None if err is None else err.retry_after_s,
            fingerprint=self.fingerprint,
        )


def site_of(config: Config, candidate: Candidate, key: str | None) -> Site:
    """The site of a candidate; a server that Tierwise starts itself is known by its backend's name."""
    options = config.backends.get(candidate.backend)
    settings = "" if options is None else options.model_dump_json()
    fingerprint = hashlib.sha256(f"{settings}\n{key or ''}".encode()).hexdigest()[:16]
    origin = None if options is None else origin_of(options)
    if options is None or origin is None:
        return Site(target=candidate.ref, fingerprint=fingerprint)
    return Site(
        target=f"{origin} {candidate.model}",
        fingerprint=fingerprint,
        origin=str(origin),
        n_turns=options.n_concurrent,
    )


def event_of(err: BackendError) -> Event:
    """What a failed call says of its server."""
    if err.kind in _SHUT:
        return "shut"
    if err.kind in _UNREACHABLE:
        return "unreachable"
    if err.kind in _NEVER_ASKED:
        return "left"
    return "failed" if err.kind in _FAILED else "answered"
