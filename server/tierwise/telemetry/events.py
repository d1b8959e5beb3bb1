"""What happened, as it is noted while actions run: names, counts, times and money; no code, no prompts, no files.

Noting costs an append. Spans and metrics are made of it afterwards, elsewhere.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tierwise.store.rows import ActionOutcome, ActionStart, AttemptEnd, AttemptStart, CacheHit


@dataclass(slots=True, kw_only=True)
class CallEvent:
    """One call of a model that was let through."""

    start: AttemptStart
    began_ns: int
    """Nanoseconds since the epoch, like all times here."""
    end: AttemptEnd | None = None
    """None: it has not ended."""
    ended_ns: int = 0
    """When the edit was judged, which is later than the end of the reply."""
    served_by: str = ""
    """The model as the server named it; empty where it did not."""

    def note_end(self, end: AttemptEnd, served_by: str = "") -> None:
        """Note how it ended."""
        self.end, self.ended_ns, self.served_by = end, time.time_ns(), served_by


@dataclass(slots=True, kw_only=True)
class ActionEvent:
    """One click, with its calls."""

    start: ActionStart
    began_ns: int
    calls: list[CallEvent] = field(default_factory=list)
    hits: list[CacheHit] = field(default_factory=list)
    key: str = ""
    """The ledger's key of the action; empty where it was not booked."""
    outcome: ActionOutcome | None = None
    """None: it has not ended."""
    code: str = ""
    ended_ns: int = 0

    def note_call(self, start: AttemptStart) -> CallEvent:
        """Note that a model is asked."""
        call = CallEvent(start=start, began_ns=time.time_ns())
        self.calls.append(call)
        return call


class Journal:
    """Notes nothing: what there is where nobody wants telemetry."""

    problem: str | None = None
    """The sentence for the user where telemetry is wanted and cannot be had."""

    @property
    def places(self) -> tuple[str, ...]:
        """The collectors that are told, as `scheme://host:port`."""
        return ()

    async def ask(self) -> str | None:
        """Why a collector would not take anything now; None: all of them would."""
        return None

    def begin(self, start: ActionStart) -> ActionEvent:
        """Note a click."""
        return ActionEvent(start=start, began_ns=time.time_ns())

    def end(self, event: ActionEvent, outcome: ActionOutcome, code: str) -> None:
        """Note how a click ended; from here on it may be told."""
        del event, outcome, code

    async def aclose(self) -> None:
        """Tell what was noted, if that is quick, and let go."""


class KeptJournal(Journal):
    """Notes clicks and hands each that has ended to `take`, which must return at once."""

    def __init__(self, take: Callable[[ActionEvent], None]) -> None:
        self._take = take

    def end(self, event: ActionEvent, outcome: ActionOutcome, code: str) -> None:
        """Hand it on, once."""
        if event.outcome is None:
            event.outcome, event.code, event.ended_ns = outcome, code, time.time_ns()
            self._take(event)
