"""The actions of one session as far as they are remembered: for looking back, taking back and trying again."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tierwise.dispatch import FileChange, Proposal, Refusal, Task

_KEPT = 50
"""So many actions are remembered, with the texts of their files; older ones only the ledger knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """An action whose answer another one is to take the place of, as it stood when that was asked for."""

    id: str
    status: str
    made: tuple[FileChange, ...]
    """What of it was in the editor."""


@dataclass(slots=True, kw_only=True)
class Remembered:
    """One action of this session."""

    id: str
    """The ledger's key of it, or a name of our own where there is no ledger."""
    title: str
    task: Task
    outcome: Proposal | Refusal
    result: dict[str, Any]
    """What the client was answered; its status follows what becomes of the edit later."""
    made: tuple[FileChange, ...] = ()
    """What of it is in the editor."""
    former: Former | None = None
    """What it takes the place of once it is applied, and what stands again once it is taken back."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """What it changed, or would have."""
        return self.made or (self.outcome.changes if isinstance(self.outcome, Proposal) else ())


class Memory:
    """The newest actions by their id."""

    def __init__(self) -> None:
        self._kept: dict[str, Remembered] = {}
        self._numbers = itertools.count(1)

    def new_id(self, outcome: Proposal | Refusal) -> str:
        """The id under which an action is remembered."""
        return outcome.action_key or f"here-{next(self._numbers)}"

    def add(self, entry: Remembered) -> None:
        """Remember an action."""
        self._kept[entry.id] = entry
        while _KEPT < len(self._kept):
            del self._kept[next(iter(self._kept))]

    def find(self, entry_id: str | None) -> Remembered | None:
        """The action that has this id; without an id the newest."""
        if entry_id is None:
            return next(reversed(self._kept.values()), None)
        return self._kept.get(entry_id)

    def newest_made(self) -> Remembered | None:
        """The newest action of which something is in the editor; where there is none, the newest."""
        return next((entry for entry in self if entry.made), self.find(None))

    def take_place(self, entry: Remembered) -> None:
        """An action is in the editor now: the one before it, if there is one, is not any more."""
        before = None if entry.former is None else self.find(entry.former.id)
        if before is not None and entry.made:
            before.result["status"], before.made = "replaced", ()

    def give_back(self, entry: Remembered) -> Remembered | None:
        """An action was taken back; the return is the one whose answer stands again."""
        entry.result["status"], entry.made = "undone", ()
        former = entry.former
        before = None if former is None else self.find(former.id)
        if former is None or before is None or not former.made:
            return None
        before.result["status"], before.made = former.status, former.made
        return before

    def __iter__(self) -> Iterator[Remembered]:
        """The newest first."""
        return reversed(self._kept.values())
