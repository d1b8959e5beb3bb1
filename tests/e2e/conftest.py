"""One server for tests that only differ in a document or an argument."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from e2e.editor import Editor, editing
from e2e.models import Models, documented, models
from e2e.profiles import Profile
from e2e.world import World, world_of
from servers.scenarios import Scenario


@dataclass(frozen=True)
class Bench:
    """A model server and an editor whose server uses it."""

    models: Models
    editor: Editor

    def fresh(self) -> "Bench":
        """As it was before any test: the model answers well, the editor applies, nothing has been said."""
        self.models.book.default, self.models.book.reply = Scenario(), documented
        self.models.book.calls.clear()
        self.editor.on_apply = self.editor.apply
        for journal in (self.editor.applied, self.editor.proposals, self.editor.statuses, self.editor.client.messages):
            journal.clear()
        self.editor.client.progress_reports.clear()
        return self


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """Started once for a module."""
    root = tmp_path_factory.mktemp("shared") / "ws"
    async with models() as served, editing(root, served.config, proposals=True, status=True) as editor:
        yield Bench(served, editor)


@pytest.fixture
def bench(module_bench: Bench) -> Bench:
    """The module's, made fresh; documents need names of their own."""
    return module_bench.fresh()


@pytest.fixture(scope="session")
def world_for(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Profile], World]]:
    """The world of a profile, started once for all tests; each works in a folder of its own."""
    worlds: dict[str, World] = {}
    with ExitStack() as stack:

        def of(profile: Profile) -> World:
            if profile.name not in worlds:
                worlds[profile.name] = stack.enter_context(world_of(tmp_path_factory.mktemp(profile.name), profile))
            world = worlds[profile.name]
            world.conversation.forget()
            return world

        yield of
