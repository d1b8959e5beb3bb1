"""The live runtime: opened in the background, replaced whole on reload, closed when its last user is done."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from tierwise.config import ConfigInputs, Loaded, keep_good
from tierwise.config.keys import EditorKey
from tierwise.config.watch import Changes, watch_config
from tierwise.dispatch import Runtime
from tierwise.dispatch.opening import ledger_of, open_runtime
from tierwise.dispatch.under_way import UnderWay
from tierwise.store.ledger import Ledger

logger = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 1.5
"""How long backends and their children may take to end before the process ends without them."""


_MANY_ROWS = 20_000
"""Fewer rows are added up before anybody wonders."""


class Host:
    """Holds the current runtime and the configuration it was made from: the one place that knows what is in force."""

    def __init__(
        self, inputs: Callable[[], ConfigInputs], loaded: Loaded, ledger: Ledger | None, ledger_problem: str | None
    ) -> None:
        self.loaded = loaded
        self._inputs = inputs
        self._reloading = asyncio.Lock()
        self.ledger = ledger
        self.on_reload: Callable[[Loaded], None] = lambda _: None
        self.under_way = UnderWay()
        """The calls of all runtimes."""
        self.editor_keys: tuple[EditorKey, ...] = ()
        self._ledger_problem = ledger_problem
        self.runtime = self._open(loaded)
        self._n_users: dict[Runtime, int] = {self.runtime: 0}
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, inputs: Callable[[], ConfigInputs]) -> "Host":
        """Read the configuration and open the ledger, both in a thread; `inputs` is asked again before each reload."""
        loaded = await asyncio.to_thread(inputs().load)
        ledger, problem = await asyncio.to_thread(ledger_of, loaded)
        return cls(inputs, loaded, ledger, problem)

    @contextlib.contextmanager
    def lease(self) -> Iterator[Runtime]:
        """The current runtime, kept open until the block ends even if a reload replaces it meanwhile."""
        runtime = self.runtime
        self._n_users[runtime] += 1
        try:
            yield runtime
        finally:
            self._n_users[runtime] -= 1
            self._close_if_idle(runtime)

    @property
    def n_busy(self) -> int:
        """How many leases there are."""
        return sum(self._n_users.values())

    def watch(self, changes: Changes | None = None) -> None:
        """Follow the configuration files from now on; `changes` tells of them where it is not the file system."""

        async def changed() -> None:
            await self._reload(is_asked=False)

        self._watching = asyncio.ensure_future(watch_config(self._inputs, changed, changes=changes))

    async def reload(self, *, is_by_hand: bool = False) -> Loaded:
        """Load the configuration again; one with errors leaves the last good one in force.

        `is_by_hand` where the user asks for it: then a settings file that is gone is taken at its word.
        """
        return await self._reload(is_asked=True, is_by_hand=is_by_hand)

    async def _reload(self, *, is_asked: bool, is_by_hand: bool = False) -> Loaded:
        """One load after another, each adopted before the next begins, so that none replaces one begun later."""
        async with self._reloading:
            new = keep_good(self.loaded, await asyncio.to_thread(self._inputs().load), is_by_hand=is_by_hand)
            if is_asked or _says(new) != _says(self.loaded):
                await self._adopt(new)
            return self.loaded

    def set_keys(self, editor_keys: tuple[EditorKey, ...]) -> bool:
        """Use these keys from now on; whether that changes anything. Calls in flight keep those they began with."""
        if editor_keys == self.editor_keys:
            return False
        self.editor_keys = editor_keys
        self._replace_runtime()
        return True

    async def _adopt(self, loaded: Loaded) -> None:
        if loaded.ledger_path != self.loaded.ledger_path:
            ledger, self._ledger_problem = await asyncio.to_thread(ledger_of, loaded)
            self.ledger = _telling(ledger)
        self.loaded = loaded
        self._replace_runtime()
        self.on_reload(loaded)

    def _replace_runtime(self) -> None:
        old, self.runtime = self.runtime, self._open(self.loaded)
        self._n_users[self.runtime] = 0
        self._close_if_idle(old)
        asyncio.ensure_future(self.runtime.learn()).add_done_callback(_log_failure)

    def _open(self, loaded: Loaded) -> Runtime:
        return open_runtime(
            loaded,
            ledger=self.ledger,
            ledger_problem=self._ledger_problem,
            editor_keys=self.editor_keys,
            under_way=self.under_way,
        )

    async def aclose(self) -> None:
        """Close every runtime and the ledger; does not wait for what does not end."""
        if self._watching is not None:
            self._watching.cancel()
        closing = [asyncio.ensure_future(runtime.aclose()) for runtime in self._n_users]
        done, _ = await asyncio.wait(closing, timeout=_CLOSE_TIMEOUT_S)
        for task in done:
            _log_failure(task)
        if self.ledger is not None:
            await asyncio.to_thread(self.ledger.close)

    def _close_if_idle(self, runtime: Runtime) -> None:
        if self._n_users[runtime] == 0 and runtime is not self.runtime:
            del self._n_users[runtime]
            asyncio.ensure_future(runtime.aclose()).add_done_callback(_log_failure)


def _says(loaded: Loaded) -> tuple[object, ...]:
    """What of a configuration has to be told when it changes."""
    return loaded.config, loaded.problems, loaded.workspace_actions


def _log_failure(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a runtime could not be replaced or closed", exc_info=error)


def _telling(ledger: Ledger | None) -> Ledger | None:
    """The ledger, which says in the log why its first figures after an update are late."""
    if ledger is not None:
        ledger.on_adding_up = _log_adding_up
    return ledger


def _log_adding_up(n_done: int, n_all: int) -> None:
    if _MANY_ROWS <= n_all and n_done in (0, n_all):
        logger.info("%d of %d rows of the ledger are added up, once; figures follow", n_done, n_all)
