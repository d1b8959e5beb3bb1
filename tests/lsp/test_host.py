"""What is in force after reloads that the user, the editor and the files ask for, in whatever order and at once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.config import ConfigInputs, Loaded
from tierwise.lsp.host import Host

TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Held(ConfigInputs):
    """Inputs that are loaded, but not handed over before they may be."""

    has_read: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def load(self) -> Loaded:
        """What the files say now, later."""
        loaded = ConfigInputs.load(self)
        self.has_read.set()
        assert self.may_go_on.wait(TIMEOUT_S)
        return loaded


class Stage:
    """A host whose settings file and editor settings a test changes."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "config.toml"
        self.user.write_text("")
        self.inputs = self.inputs_with({})
        self.n_asked = 0
        self.hints: asyncio.Queue[None] = asyncio.Queue()
        self.adopted: asyncio.Queue[Loaded] = asyncio.Queue()
        self.host: Host

    def ask(self) -> ConfigInputs:
        self.n_asked += 1
        return self.inputs

    async def changes(self, _inputs: ConfigInputs) -> AsyncIterator[object]:
        while True:
            await self.hints.get()
            yield None

    def inputs_with(self, settings: dict[str, object]) -> ConfigInputs:
        """The settings file and those of an editor, which names the ledger besides."""
        ledger = {"path": str(self.user.parent / "ledger.sqlite3")}
        return ConfigInputs(user_file=self.user, env={}, editor_settings={"ledger": ledger, **settings})

    def say(self, text: str) -> None:
        """Write the settings file."""
        self.user.write_text(text)

    async def noticed(self) -> Loaded:
        """What is adopted because the files changed."""
        self.hints.put_nowait(None)
        return await asyncio.wait_for(self.adopted.get(), TIMEOUT_S)

    @property
    def level(self) -> str:
        """What of the settings in force the tests look at."""
        return self.host.loaded.config.log.level


@asynccontextmanager
async def staging(folder: Path) -> AsyncIterator[Stage]:
    """A host that is told of changes by hints."""
    stage = Stage(folder)
    stage.host = await Host.open(stage.ask)
    stage.host.on_reload = stage.adopted.put_nowait
    stage.host.watch(stage.changes)
    try:
        yield stage
    finally:
        await stage.host.aclose()


async def test_good_bad_gone_and_good_again(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        steps: list[tuple[Callable[[], object], str, bool]] = [
            (lambda: stage.say("log.level = 'info'"), "info", False),
            (lambda: stage.say("log.level = "), "info", True),
            (stage.user.unlink, "info", True),
            (lambda: stage.say("log.level = 'debug'"), "debug", False),
        ]
        for write, level, is_kept in steps:
            write()
            loaded = await stage.noticed()
            assert (loaded.config.log.level, loaded.is_kept) == (level, is_kept)
            assert stage.host.loaded is loaded


async def test_a_bad_file_falls_back_to_what_was_reloaded_by_hand(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        stage.say("log.level = 'info'")
        assert (await stage.noticed()).config.log.level == "info"
        stage.say("log.level = 'debug'")
        await stage.host.reload(is_by_hand=True)
        assert (await stage.adopted.get()).config.log.level == "debug"
        stage.say("log.level = ")
        await stage.noticed()
        assert stage.level == "debug"
        await stage.host.reload(is_by_hand=True)
        assert stage.level == "debug"


async def test_a_load_is_never_overtaken_by_one_begun_earlier(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        stage.say("log.level = 'info'")
        stage.inputs = held = Held(user_file=stage.user, env={}, editor_settings=stage.inputs.editor_settings)
        earlier = asyncio.create_task(stage.host.reload())
        await asyncio.to_thread(held.has_read.wait, TIMEOUT_S)
        n_asked = stage.n_asked
        stage.say("log.level = 'debug'")
        stage.inputs = stage.inputs_with({})
        later = asyncio.create_task(stage.host.reload())
        await asyncio.sleep(0)
        assert stage.n_asked == n_asked
        held.may_go_on.set()
        first, second = await asyncio.gather(earlier, later)
        assert (first.config.log.level, second.config.log.level) == ("info", "debug")
        assert stage.level == "debug"


async def test_a_new_ledger_does_not_let_an_earlier_load_come_last(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        levels = ("info", "debug", "error")
        tasks = []
        for level in levels:
            settings = {"log": {"level": level}, "ledger": {"path": str(tmp_path / f"{level}.sqlite3")}}
            stage.inputs = stage.inputs_with(settings)
            tasks.append(asyncio.create_task(stage.host.reload()))
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert stage.level == "error"
        assert stage.host.loaded.ledger_path == tmp_path / "error.sqlite3"
        assert (tmp_path / "error.sqlite3").exists()


async def test_what_changes_nothing_is_not_told(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        runtime = stage.host.runtime
        stage.say("# nothing")
        stage.hints.put_nowait(None)
        stage.say("# still nothing")
        stage.hints.put_nowait(None)
        stage.say("log.level = 'info'")
        assert (await stage.noticed()).config.log.level == "info"
        assert stage.adopted.empty()
        assert stage.host.runtime is not runtime


async def test_the_inputs_of_the_moment_are_read(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        stage.inputs = stage.inputs_with({"log": {"level": "error"}})
        assert (await stage.noticed()).config.log.level == "error"


async def test_a_file_that_is_gone_counts_only_when_the_user_says_so(tmp_path: Path) -> None:
    async with staging(tmp_path) as stage:
        stage.say("log.level = 'debug'")
        await stage.noticed()
        stage.user.unlink()
        kept = await stage.noticed()
        assert (stage.level, kept.problems[-1].code) == ("debug", "file-gone")
        await stage.host.reload()
        assert stage.level == "debug"
        assert (await stage.host.reload(is_by_hand=True)).is_good
        assert stage.level == "warning"
