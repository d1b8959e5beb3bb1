"""The queue in front of a server that takes few calls at a time: first come, first served, and everybody can see it."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_WAITING = 64


class TooMany(Exception):
    """More calls wait already than it makes sense to join."""


@dataclass(slots=True)
class _Line:
    n_running: int = 0
    waiting: deque["_Ticket"] = field(default_factory=deque)


@dataclass(slots=True, eq=False)
class _Ticket:
    turn: "asyncio.Future[None]"
    told: Callable[[int], None]


class Lines:
    """One line for each address."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    async def take(self, origin: str, n_turns: int, told: Callable[[int], None]) -> None:
        """Wait for a turn, which has to be given back; `told` hears how many calls are before this one.

        Raises TooMany. An empty address has no line.
        """
        if origin and n_turns:
            await self._wait(self._lines.setdefault(origin, _Line()), n_turns, told)

    def give(self, origin: str, n_turns: int) -> None:
        """Give a turn back."""
        line = self._lines.get(origin)
        if line is not None and n_turns:
            line.n_running -= 1
            _let_in(line, n_turns)

    def n_running(self, origin: str) -> int:
        """How many turns are taken."""
        line = self._lines.get(origin)
        return 0 if line is None else line.n_running

    def n_waiting(self, origin: str) -> int:
        """How many calls wait at an address."""
        line = self._lines.get(origin)
        return 0 if line is None else len(line.waiting)

    async def _wait(self, line: _Line, n_turns: int, told: Callable[[int], None]) -> None:
        if line.n_running < n_turns and not line.waiting:
            line.n_running += 1
            return
        if MOST_WAITING <= len(line.waiting):
            raise TooMany
        ticket = _Ticket(asyncio.get_running_loop().create_future(), told)
        line.waiting.append(ticket)
        told(line.n_running + len(line.waiting) - 1)
        try:
            await ticket.turn
        except asyncio.CancelledError:
            if not ticket.turn.cancelled():
                # The turn was given in the same moment, so it has to be handed on.
                line.n_running -= 1
            elif ticket in line.waiting:
                line.waiting.remove(ticket)
            _let_in(line, n_turns)
            raise


def _let_in(line: _Line, n_turns: int) -> None:
    while line.waiting and line.n_running < n_turns:
        ticket = line.waiting.popleft()
        if not ticket.turn.done():
            line.n_running += 1
            ticket.turn.set_result(None)
    for place, ticket in enumerate(line.waiting):
        ticket.told(line.n_running + place)
