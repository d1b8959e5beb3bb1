"""Settings are reloaded when their files change, in whatever way editors write them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from tierwise.config import DEFAULTS, ConfigInputs, Loaded
from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.watch import watch_config, watched_folders

TIMEOUT_S = 20.0


class Watched:
    """A watch under test and what was loaded for it."""

    def __init__(self, inputs: ConfigInputs) -> None:
        self.inputs = inputs
        self.reported: asyncio.Queue[Loaded] = asyncio.Queue()

    async def reload(self) -> None:
        self.reported.put_nowait(self.inputs.load())

    def start(self) -> asyncio.Task[None]:
        return asyncio.create_task(watch_config(lambda: self.inputs, self.reload))


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_failing_reload_does_not_end_the_watch(tmp_path: Path) -> None:
    reloads: asyncio.Queue[str] = asyncio.Queue()
    user = tmp_path / "config.toml"
    inputs = ConfigInputs(user_file=user, env={})

    async def changes(_inputs: ConfigInputs) -> AsyncIterator[object]:
        for level in ("info", "debug"):
            user.write_text(f"log.level = '{level}'")
            yield None
        await asyncio.Event().wait()

    async def reload() -> None:
        reloads.put_nowait(inputs.load().config.log.level)
        if reloads.qsize() == 1:
            raise ValueError("what is reloaded is broken")

    task = asyncio.create_task(watch_config(lambda: inputs, reload, changes=changes, retry_s=0.0))
    assert await asyncio.wait_for(reloads.get(), TIMEOUT_S) == "info"
    assert await asyncio.wait_for(reloads.get(), TIMEOUT_S) in ("info", "debug")
    assert not task.done()
    await stop(task)


async def test_the_real_watcher_sees_replaced_files_and_new_folders(tmp_path: Path) -> None:
    root, user = tmp_path / "project", tmp_path / "home" / "tierwise" / "config.toml"
    root.mkdir()
    inputs = ConfigInputs(user_file=user, workspace_roots=(root,), trusted=True, env={})
    watched = Watched(inputs)
    task = watched.start()
    for number in range(1, 4):
        await until_reported(watched, lambda n=number: replace(root / WORKSPACE_FILE, f"limits.max_attempts = {n}"))
    user.parent.mkdir(parents=True)
    loaded = await until_reported(watched, lambda: replace(user, "log.level = 'debug'"))
    assert (loaded.config.log.level, loaded.config.limits.max_attempts) == ("debug", 3)
    await stop(task)


async def until_reported(watched: Watched, write: Callable[[], object]) -> Loaded:
    """Write, and write again until it is seen: the watcher needs a moment to begin."""
    for _ in range(40):
        write()
        with suppress(TimeoutError):
            return await asyncio.wait_for(watched.reported.get(), 0.5)
    raise AssertionError("the watcher saw nothing")


def replace(file: Path, text: str) -> None:
    """Write the way editors do: another file is moved over the old one."""
    other = file.with_name(file.name + ".tmp")
    other.write_text(text)
    other.replace(file)


def test_folders_to_watch(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "config.toml").write_text("")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").symlink_to("../dotfiles/config.toml")
    linked = ConfigInputs(user_file=tmp_path / "home" / "config.toml")
    assert watched_folders(linked) == {tmp_path / "home", tmp_path / "dotfiles"}
    missing = ConfigInputs(user_file=tmp_path / "none" / "yet" / "config.toml")
    assert watched_folders(missing) == {tmp_path}
    assert watched_folders(ConfigInputs()) == frozenset()
    assert DEFAULTS.log.level == "warning"
