"""Waiting for one's turn at a server that takes few calls at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tierwise.backends.base import BackendError, FailureKind

MOST_WAITING = 32


class Turns:
    """Lets so many calls through at once and a bounded number wait."""

    def __init__(self, n_concurrent: int, name: str) -> None:
        self._free = asyncio.Semaphore(n_concurrent)
        self._name = name
        self._n_waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises BackendError at once when too many wait already."""
        if self._free.locked() and MOST_WAITING <= self._n_waiting:
            words = f"{MOST_WAITING} calls already wait for {self._name}: try again when some are done"
            raise BackendError(FailureKind.OVERLOADED, words)
        self._n_waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._n_waiting -= 1
        try:
            yield
        finally:
            self._free.release()
