"""Turns at the same piece of work: those who want it while somebody is at it wait for the answer and pay nothing."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

_LOG = logging.getLogger(__name__)
_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.05, 0.5
_TOO_LONG = "the same work is still under way, so it is done twice"


@dataclass(slots=True)
class _Turn:
    """Those who want the same work done."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    n_users: int = 0


class Turns:
    """Turns within one process."""

    def __init__(self) -> None:
        self._turns: dict[bytes, _Turn] = {}

    @contextlib.asynccontextmanager
    async def alone(self, piece: bytes, longest_s: float, wait: Callable[[], None]) -> AsyncIterator[None]:
        """Do a piece of work when nobody in this process is at it, so that the next one finds the answer.

        `wait` is called when somebody is. After `longest_s` seconds the work is begun all the same.
        """
        turn = self._turns.setdefault(piece, _Turn())
        turn.n_users += 1
        has_turn = False
        try:
            if turn.lock.locked():
                wait()
            try:
                async with asyncio.timeout(longest_s):
                    await turn.lock.acquire()
                    has_turn = True
            except TimeoutError:
                _LOG.info(_TOO_LONG)
            yield
        finally:
            if has_turn:
                turn.lock.release()
            turn.n_users -= 1
            if not turn.n_users:
                del self._turns[piece]


@contextlib.asynccontextmanager
async def leased(
    take: Callable[[], Awaitable[bytes | None]],
    give_back: Callable[[bytes], Awaitable[None]],
    longest_s: float,
    wait: Callable[[], None],
) -> AsyncIterator[None]:
    """Do a piece of work when no other process is at it.

    `take` gives the token of a lease, None while somebody else has it, and an empty one where nobody can tell. `wait`
    is called once when there is something to wait for. After `longest_s` seconds the work is begun all the same.
    """
    token = await _take_in_time(take, give_back, longest_s, wait)
    try:
        yield
    finally:
        if token:
            await asyncio.shield(asyncio.ensure_future(give_back(token)))


async def _take_in_time(
    take: Callable[[], Awaitable[bytes | None]],
    give_back: Callable[[bytes], Awaitable[None]],
    longest_s: float,
    wait: Callable[[], None],
) -> bytes | None:
    loop = asyncio.get_running_loop()
    ends_at, look_s = loop.time() + longest_s, _FIRST_LOOK_S
    while True:
        token = await _take_wholly(take, give_back)
        if token is not None:
            return token
        if look_s == _FIRST_LOOK_S:
            wait()
        left_s = ends_at - loop.time()
        if left_s <= 0:
            _LOG.info(_TOO_LONG)
            return None
        await asyncio.sleep(min(look_s, left_s))
        look_s = min(look_s * 1.5, _LONGEST_LOOK_S)


async def _take_wholly(
    take: Callable[[], Awaitable[bytes | None]], give_back: Callable[[bytes], Awaitable[None]]
) -> bytes | None:
    """Take a lease, or when cancelled in the middle leave none behind."""
    taking = asyncio.ensure_future(take())
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        # The row is being written by a thread that cannot be stopped.
        await asyncio.wait({taking})
        token = taking.result()
        if token:
            await give_back(token)
        raise
