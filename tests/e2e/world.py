"""One server with its client and the models behind it, for tests that say when a model answers."""

import asyncio
import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from e2e.conversation import Conversation
from e2e.models import CONFIG
from e2e.profiles import Profile
from servers.exchange import Exchange
from servers.fault import FaultServer
from servers.faults import FAULTS
from servers.scenarios import Book, Scenario


@dataclass
class Held:
    """A call of a model that waits for its answer."""

    text: asyncio.Future[str]


@dataclass
class World:
    """One server with its client and the models behind it, shared by many runs of the machine."""

    profile: Profile
    root: Path
    config: str
    runner: asyncio.Runner
    conversation: Conversation
    held: list[Held] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    n_calls: int = 0
    n_applied: int = 0
    tally: Counter[str] = field(default_factory=Counter)

    async def hold(self, exchange: Exchange) -> None:
        """Answer a call when the machine says what."""
        waiting = Held(asyncio.get_running_loop().create_future())
        self.held.append(waiting)
        self.n_calls += 1
        await self.conversation.changed()
        exchange.text = await waiting.text
        exchange.__post_init__()
        await FAULTS["normal"](exchange)

    def start(self) -> None:
        """Start a server for this world, the first one or the next."""
        introduction = self.profile.introduction() | {"workspaceFolders": [], "processId": os.getpid()}
        self.runner.run(self.conversation.start(self.root, self.config, introduction))

    def stop(self) -> None:
        """End the server in an orderly way."""
        assert self.runner.run(self.conversation.stop()) == 0


@contextlib.contextmanager
def world_of(tmp_path: Path, profile: Profile) -> Iterator[World]:
    """A world with its server and its models."""
    with asyncio.Runner() as runner:
        name = f"held-{tmp_path}"
        server = FaultServer(Book(default=Scenario(fault=name, n_pieces=2)))
        runner.run(server.__aenter__())
        config = CONFIG.format(url=server.openai_url)
        world = World(profile, tmp_path / "ws", config, runner, Conversation())
        world.root.mkdir()
        FAULTS[name] = world.hold
        try:
            world.start()
            yield world
            world.stop()
        finally:
            runner.run(server.__aexit__(None, None, None))
