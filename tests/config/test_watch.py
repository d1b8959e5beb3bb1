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
    """A watch under test: what it reported, and a way to tell it that something changed."""

    def __init__(self, inputs: ConfigInputs) -> None:
        self.inputs = inputs
        self.reported: asyncio.Queue[Loaded] = asyncio.Queue()
        self.hints: asyncio.Queue[bool] = asyncio.Queue()

    async def changes(self, _inputs: ConfigInputs) -> AsyncIterator[object]:
        while await self.hints.get():
            yield None

    def start(self, *, is_real: bool) -> asyncio.Task[None]:
        last = self.inputs.load()
        changes = None if is_real else self.changes
        coroutine = watch_config(lambda: self.inputs, last, self.reported.put_nowait, changes=changes)
        return asyncio.create_task(coroutine)

    async def next(self) -> Loaded:
        return await asyncio.wait_for(self.reported.get(), TIMEOUT_S)


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_good_bad_gone_and_good_again(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    watched = Watched(ConfigInputs(user_file=user, env={}))
    task = watched.start(is_real=False)
    steps: list[tuple[Callable[[], object], str, bool]] = [
        (lambda: user.write_text("log.level = 'info'"), "info", False),
        (lambda: user.write_text("log.level = "), "info", True),
        (user.unlink, "info", True),
        (lambda: user.write_text("log.level = 'debug'"), "debug", False),
    ]
    for write, level, is_kept in steps:
        write()
        watched.hints.put_nowait(True)
        loaded = await watched.next()
        assert (loaded.config.log.level, loaded.is_kept) == (level, is_kept)
    await stop(task)


async def test_what_changes_nothing_is_not_reported(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    watched = Watched(ConfigInputs(user_file=user, env={}))
    task = watched.start(is_real=False)
    user.write_text("# nothing\n")
    watched.hints.put_nowait(True)
    watched.hints.put_nowait(False)
    user.write_text("log.level = 'info'")
    watched.hints.put_nowait(True)
    assert (await watched.next()).config.log.level == "info"
    assert watched.reported.empty()
    await stop(task)


async def test_new_inputs_are_used(tmp_path: Path) -> None:
    watched = Watched(ConfigInputs(env={}))
    task = watched.start(is_real=False)
    watched.inputs = ConfigInputs(env={}, editor_settings={"log": {"level": "error"}})
    watched.hints.put_nowait(True)
    assert (await watched.next()).config.log.level == "error"
    await stop(task)


async def test_a_failing_listener_does_not_end_the_watch(tmp_path: Path) -> None:
    reported: asyncio.Queue[str] = asyncio.Queue()
    user = tmp_path / "config.toml"
    inputs = ConfigInputs(user_file=user, env={})

    async def changes(_inputs: ConfigInputs) -> AsyncIterator[object]:
        for level in ("info", "debug"):
            user.write_text(f"log.level = '{level}'")
            yield None
        await asyncio.Event().wait()

    def listen(loaded: Loaded) -> None:
        reported.put_nowait(loaded.config.log.level)
        if reported.qsize() == 1:
            raise ValueError("the listener is broken")

    task = asyncio.create_task(watch_config(lambda: inputs, inputs.load(), listen, changes=changes, retry_s=0.0))
    assert await asyncio.wait_for(reported.get(), TIMEOUT_S) == "info"
    assert await asyncio.wait_for(reported.get(), TIMEOUT_S) in ("info", "debug")
    assert not task.done()
    await stop(task)


async def test_the_real_watcher_sees_replaced_files_and_new_folders(tmp_path: Path) -> None:
    root, user = tmp_path / "project", tmp_path / "home" / "tierwise" / "config.toml"
    root.mkdir()
    inputs = ConfigInputs(user_file=user, workspace_roots=(root,), trusted=True, env={})
    watched = Watched(inputs)
    task = watched.start(is_real=True)
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
