"""The live runtime: opened in the background, replaced whole on reload, closed when its last user is done."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from tierwise.config import ConfigInputs, Loaded, keep_good
from tierwise.config.watch import watch_config
from tierwise.dispatch import Runtime
from tierwise.dispatch.opening import ledger_of, open_runtime
from tierwise.store.ledger import Ledger

logger = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 1.5
"""How long backends and their children may take to end before the process ends without them."""


class Host:
    """Holds the current runtime and the configuration it was made from."""

    def __init__(self, loaded: Loaded, ledger: Ledger | None, ledger_problem: str | None) -> None:
        self.loaded = loaded
        self.ledger = ledger
        self.on_reload: Callable[[Loaded], None] = lambda _: None
        self._ledger_problem = ledger_problem
        self.runtime = open_runtime(loaded, ledger=ledger, ledger_problem=ledger_problem)
        self._n_users: dict[Runtime, int] = {self.runtime: 0}
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, inputs: ConfigInputs) -> "Host":
        """Read the configuration and open the ledger, both in a thread."""
        loaded = await asyncio.to_thread(inputs.load)
        ledger, problem = await asyncio.to_thread(ledger_of, loaded)
        return cls(loaded, ledger, problem)

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

    def watch(self, inputs: Callable[[], ConfigInputs]) -> None:
        """Follow the configuration files from now on."""

        def adopt(loaded: Loaded) -> None:
            asyncio.ensure_future(self._adopt(loaded)).add_done_callback(_log_failure)

        self._watching = asyncio.ensure_future(watch_config(inputs, self.loaded, adopt))

    async def reload(self, inputs: ConfigInputs) -> Loaded:
        """Load the configuration again; one with errors leaves the last good one in force."""
        await self._adopt(keep_good(self.loaded, await asyncio.to_thread(inputs.load)))
        return self.loaded

    async def _adopt(self, loaded: Loaded) -> None:
        if loaded.ledger_path != self.loaded.ledger_path:
            self.ledger, self._ledger_problem = await asyncio.to_thread(ledger_of, loaded)
        self.loaded, old = loaded, self.runtime
        self.runtime = open_runtime(loaded, ledger=self.ledger, ledger_problem=self._ledger_problem)
        self._n_users[self.runtime] = 0
        self._close_if_idle(old)
        asyncio.ensure_future(self.runtime.learn()).add_done_callback(_log_failure)
        self.on_reload(loaded)

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


def _log_failure(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a runtime could not be replaced or closed", exc_info=error)
