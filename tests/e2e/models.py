"""Model servers and the configuration that makes them the three tiers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from servers.exchange import Exchange
from servers.fault import FaultServer
from servers.faults import FAULTS
from servers.scenarios import Book, Call, Scenario

CONFIG = """
[tiers.local]
models = ["near/small"]
[tiers.bulk]
models = ["far/medium"]
[tiers.top]
models = ["far/large"]
[backends.near]
type = "openai"
base_url = "{url}"
[backends.far]
type = "openai"
base_url = "{url}"
concurrency = 64
[models."near/small"]
input_usd_per_million = 0
output_usd_per_million = 0
window = 32768
[models."far/medium"]
input_usd_per_million = 1
output_usd_per_million = 3
window = 32768
[models."far/large"]
input_usd_per_million = 5
output_usd_per_million = 25
window = 32768
"""

PLAIN = "def double(number):\n    return number * 2\n"
MARKED = PLAIN.replace("number * 2", "num$0ber * 2")
"""The same with the cursor in it."""
DOCUMENTED = 'def double(number):\n    """Return twice the number."""\n    return number * 2\n'


def documented(_: Call) -> str:
    """What a good model answers when it is asked to document `PLAIN`."""
    return f"```python\n{DOCUMENTED}```\n"


@dataclass(frozen=True)
class Models:
    """A model server that stands for all tiers."""

    book: Book
    config: str
    asked: asyncio.Event
    """Set once a gated call has come in."""
    gate: asyncio.Event
    """Lets gated calls be answered."""

    def gated(self) -> None:
        """From now on calls are answered only when the gate is open."""
        self.asked.clear()
        self.gate.clear()
        self.book.default = Scenario(fault="gated")

    async def until_asked(self) -> None:
        """Wait for a gated call."""
        await asyncio.wait_for(self.asked.wait(), 60)

    async def until(self, is_met: Callable[[Book], bool]) -> None:
        """Wait until the record is as wanted."""
        await self.book.wait_for(is_met, 60)


@contextlib.asynccontextmanager
async def models() -> AsyncIterator[Models]:
    """Start one."""
    asked, gate = asyncio.Event(), asyncio.Event()

    async def gated(x: Exchange) -> None:
        asked.set()
        await gate.wait()
        await FAULTS["normal"](x)

    FAULTS["gated"] = gated
    async with FaultServer(Book(reply=documented)) as server:
        yield Models(server.book, CONFIG.format(url=server.openai_url), asked, gate)
