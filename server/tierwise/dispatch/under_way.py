"""The calls of models that run in this process now, for whoever shows them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tierwise.routing.tiers import Tier
from tierwise.store.rows import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnderWay:
    """One call that was let through and has not ended."""

    action: str
    """The action's id."""
    tier: Tier
    model: str
    planned: Planned
    """Why this model is asked."""
    began_s: float = field(default_factory=time.monotonic)
    """By the monotonic clock."""

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began_s


class UnderWay:
    """Knows the calls under way; shared by the runtimes of a process, so that a reload forgets none."""

    def __init__(self) -> None:
        self._calls: dict[int, CallUnderWay] = {}
        self._n_begun = 0
        self.on_change: Callable[[], None] = lambda: None
        """Called after a call began or ended; must return at once."""

    @property
    def calls(self) -> tuple[CallUnderWay, ...]:
        """The oldest first."""
        return tuple(self._calls.values())

    def begin(self, call: CallUnderWay) -> int:
        """Note a call; returns what `end` wants."""
        self._n_begun += 1
        self._calls[self._n_begun] = call
        self.on_change()
        return self._n_begun

    def end(self, number: int) -> None:
        """Forget a call."""
        if self._calls.pop(number, None) is not None:
            self.on_change()
