"""Have the configuration reloaded when its files change, however editors write them."""
# ruff: noqa: PLC0415 - the watcher is imported when the first watch begins.

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.load import ConfigInputs

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
    reload: Callable[[], Awaitable[object]],
    *,
    changes: Changes | None = None,
    retry_s: float = RETRY_S,
) -> None:
    """Watch until cancelled: `reload` is called once files that changed are written to the end.

    `inputs` is asked before each, since an editor's settings and folders change too. What is in force is known to
    `reload` alone: others reload as well, and of two that remember, one falls back to what the other has replaced.
    """
    watched = file_changes if changes is None else changes
    while True:
        try:
            async for _ in watched(inputs()):
                await _until_settled(watched_files(inputs()))
                await reload()
            # Folders may have come or gone, so the watch begins anew; what changed meanwhile is read too.
            await _until_settled(watched_files(inputs()))
            await reload()
        except Exception as err:
            LOG.warning("reloading the settings failed and is tried again: %s", type(err).__name__)
            await asyncio.sleep(retry_s)


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
