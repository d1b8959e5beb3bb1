"""Reload the configuration when its files change, and never let a bad write replace a good configuration."""
# ruff: noqa: PLC0415 - the watcher is imported when the first watch begins.

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.load import ConfigInputs, Loaded, keep_good

LOG = logging.getLogger("tierwise.config")
SETTLE_S = 0.05
"""How long a file must stay the same before it is read; editors truncate a file before they fill it."""
_MAX_SETTLE_ROUNDS = 40
_DEBOUNCE_MS = 200
_POLL_MS = 2000
RETRY_S = 5.0
"""How long to wait after a reload that failed."""

Changes = Callable[[ConfigInputs], AsyncIterator[object]]
"""Given the inputs, yields something whenever a file of theirs may have changed; may end, and is then asked anew."""


async def watch_config(
    inputs: Callable[[], ConfigInputs],
    last: Loaded,
    on_loaded: Callable[[Loaded], None],
    *,
    changes: Changes | None = None,
    retry_s: float = RETRY_S,
) -> None:
    """Watch until cancelled. `on_loaded` gets each configuration that differs from the one before.

    `inputs` is asked before each reload, since an editor's settings and folders change too. `last` is what applies
    now: when a reload finds errors, `on_loaded` gets it again with the new problems. Calls in flight keep the
    configuration they began with, because a configuration never changes.
    """
    watched = file_changes if changes is None else changes
    while True:
        try:
            async for _ in watched(inputs()):
                last = await _reload(inputs(), last, on_loaded)
            # Folders may have come or gone, so the watch begins anew; what changed meanwhile is read too.
            last = await _reload(inputs(), last, on_loaded)
        except Exception as err:
            LOG.warning("reloading the settings failed and is tried again: %s", type(err).__name__)
            await asyncio.sleep(retry_s)


async def _reload(inputs: ConfigInputs, last: Loaded, on_loaded: Callable[[Loaded], None]) -> Loaded:
    await _until_settled(watched_files(inputs))
    new = keep_good(last, await asyncio.to_thread(inputs.load))
    if (new.config, new.problems, new.workspace_actions) != (last.config, last.problems, last.workspace_actions):
        on_loaded(new)
    return new


def watched_files(inputs: ConfigInputs) -> tuple[Path, ...]:
    """The files whose contents make the configuration."""
    users = () if inputs.user_file is None else (inputs.user_file,)
    return (*users, *(root / WORKSPACE_FILE for root in inputs.workspace_roots))


async def _until_settled(files: tuple[Path, ...]) -> None:
    before = _marks(files)
    for _ in range(_MAX_SETTLE_ROUNDS):
        await asyncio.sleep(SETTLE_S)
        now = _marks(files)
        if now == before:
            return
        before = now


def _marks(files: tuple[Path, ...]) -> list[tuple[int, int, int] | None]:
    return [_mark(path) for path in files]


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watched_folders(inputs: ConfigInputs) -> frozenset[Path]:
    """The folders to watch: each file's own, and its target's where it is a link, or the nearest that exists."""
    folders: set[Path] = set()
    for path in watched_files(inputs):
        for place in (path, Path(os.path.realpath(path))):
            existing = next((folder for folder in place.parents if folder.is_dir()), None)
            folders |= {existing} if existing is not None else set()
    return frozenset(folders)


def _names_to_watch(inputs: ConfigInputs) -> frozenset[str]:
    """The files' names, their targets' where they are links, and those of folders that are yet to come."""
    files = watched_files(inputs)
    names = {path.name for path in files} | {Path(os.path.realpath(path)).name for path in files}
    return frozenset(names | {part for path in files if not path.parent.is_dir() for part in path.parts})


async def file_changes(inputs: ConfigInputs) -> AsyncIterator[object]:
    """Yield when something in the watched folders changes that may concern the files; end when the folders change."""
    from watchfiles import awatch

    folders = watched_folders(inputs)
    names = _names_to_watch(inputs)

    def concerns(_change: object, path: str) -> bool:
        return Path(path).name in names

    if not folders:
        await asyncio.Event().wait()
    try:
        async for _ in awatch(*folders, watch_filter=concerns, recursive=False, debounce=_DEBOUNCE_MS):
            yield None
            if watched_folders(inputs) != folders:
                return
    except OSError:
        # The system has no file watches left, which editors use up; looking now and then needs none.
        polls = awatch(*folders, watch_filter=concerns, recursive=False, force_polling=True, poll_delay_ms=_POLL_MS)
        async for _ in polls:
            yield None
