"""One answer being given, whatever the protocol."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from servers.http_wire import Responder
from servers.scenarios import Call, Scenario


class Wire(Protocol):
    """How one protocol writes what every protocol has."""

    content_type: str

    def opening(self) -> bytes: ...
    def text(self, piece: str) -> bytes: ...
    def reasoning(self, piece: str) -> bytes: ...
    def refusal(self, piece: str) -> bytes: ...
    def heartbeat(self) -> bytes: ...
    def ending(self, reason: str | None, usage: dict[str, Any] | None) -> bytes: ...
    def done(self) -> bytes: ...
    def error(self, message: str) -> bytes: ...
    def line(self, document: Any) -> bytes: ...
    def usage(self, n_input: int, n_output: int, scenario: Scenario) -> dict[str, Any]: ...


@dataclass(kw_only=True)
class Exchange:
    """One answer being given."""

    call: Call
    scenario: Scenario
    wire: Wire
    out: Responder
    note: Callable[[], Awaitable[None]]
    text: str
    n_input: int
    n_output: int
    finish: str = "stop"
    pieces: list[str] = field(init=False)

    def __post_init__(self) -> None:
        size = max(1, -(-len(self.text) // max(1, self.scenario.n_pieces)))
        self.pieces = [self.text[start : start + size] for start in range(0, len(self.text), size)]

    @property
    def usage(self) -> dict[str, Any]:
        """The counts."""
        return self.wire.usage(self.n_input, self.n_output, self.scenario)

    async def begin(self) -> None:
        """Send the head and what comes before the first token."""
        await self.out.stream(self.wire.content_type, self.scenario.headers)
        await self.send(self.wire.opening())
        if self.scenario.reasoning:
            await self.send(self.wire.reasoning(self.scenario.reasoning))

    async def send(self, content: bytes) -> None:
        """Send some of the stream."""
        if content:
            await self.out.chunk(content)

    async def say(self, piece: str) -> None:
        """Send a piece of text."""
        await self.send(self.wire.text(piece))
        self.call.n_pieces += 1
        await self.note()

    async def say_all(self) -> None:
        """Send the whole text, with the scenario's pause between its pieces."""
        for number, piece in enumerate(self.pieces):
            if number and self.scenario.fault == "normal" and self.scenario.delay_s:
                await asyncio.sleep(self.scenario.delay_s)
            await self.say(piece)

    async def say_half(self) -> None:
        """Send the first half of the pieces, at least one."""
        for piece in self.pieces[: max(1, len(self.pieces) // 2)]:
            await self.say(piece)

    async def end(self, reason: str | None, usage: dict[str, Any] | None) -> None:
        """Send the end with all its marks."""
        await self.send(self.wire.ending(reason, usage) + self.wire.done())
        await self.out.end()

    async def pause(self) -> None:
        """Wait as long as the scenario says, by default until the client goes."""
        if self.scenario.delay_s:
            await asyncio.sleep(self.scenario.delay_s)
        else:
            await asyncio.Event().wait()
