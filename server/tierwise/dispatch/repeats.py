"""Requests that are made again although they were answered: the user did not keep the answer."""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from tierwise.dispatch.prepared import Prepared
from tierwise.routing.tiers import Tier

_KEPT_S = 30 * 60
_MOST = 200
Key = bytes


class Repeats:
    """The tiers of the latest answers, by what exactly was asked. Texts are kept as hashes only."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._answers: OrderedDict[Key, tuple[Tier, float]] = OrderedDict()

    def note(self, prepared: Prepared, tier: Tier) -> None:
        """Remember who answered, or was the last to be refused."""
        key = piece_of(prepared)
        self._answers[key] = (tier, self._now())
        self._answers.move_to_end(key)
        while _MOST < len(self._answers):
            self._answers.popitem(last=False)

    def rejected_on(self, prepared: Prepared) -> Tier | None:
        """The tier of the last answer to the very same request, whose text therefore stands as if never answered."""
        tier, at = self._answers.get(piece_of(prepared), (None, 0.0))
        return tier if tier is not None and self._now() - at <= _KEPT_S else None


def piece_of(prepared: Prepared) -> Key:
    """A hash of what is asked for: the same code, the same place, the same words; not what is around it."""
    span = prepared.span
    parts = (
        prepared.action.id,
        str(prepared.root),
        prepared.path,
        prepared.target.name,
        prepared.text[span.start : span.end],
        prepared.instruction or "",
    )
    digest = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.digest()
