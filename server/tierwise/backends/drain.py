"""Reading the empty rest of an answer, so that its connection serves the next call."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from tierwise.backends.base import BackendError

DRAIN_S = 0.1


async def drain(rest: AsyncGenerator[object, None]) -> None:
    """Read to the end, but not for long: some answers have none."""
    with suppress(TimeoutError, BackendError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in rest:
                pass
