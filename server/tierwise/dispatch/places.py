"""A limited number of calls at a time for each backend; the others wait their turn and are told so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Places:
    """The free places of each backend."""

    def __init__(self) -> None:
        self._semaphores: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def at(self, backend: str, limit: int, on_wait: Callable[[], None]) -> AsyncIterator[None]:
        """Hold one of `limit` places; `on_wait` is called when there is none free."""
        semaphore = self._semaphores.setdefault(backend, asyncio.Semaphore(limit))
        if semaphore.locked():
            on_wait()
        async with semaphore:
            yield
