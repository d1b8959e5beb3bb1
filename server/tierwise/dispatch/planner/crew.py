"""Subtasks side by side, each after those it waits for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

from tierwise.dispatch.planner.plan import Subtask

T = TypeVar("T")


async def side_by_side(
    subtasks: Iterable[Subtask], carry: Callable[[Subtask], Awaitable[T]], limit: int
) -> AsyncGenerator[tuple[Subtask, T], None]:
    """What comes of each subtask, as it ends; at most `limit` at the same time.

    A subtask begins when the caller has taken the results of all those among `subtasks` it waits for. When the caller
    leaves early, or is cancelled, the ones under way are cancelled and waited for. Their order holds no cycle.
    """
    waiting = {subtask.id: subtask for subtask in subtasks}
    under_way: dict[asyncio.Task[T], Subtask] = {}
    try:
        while waiting or under_way:
            open_ids = {*waiting, *(subtask.id for subtask in under_way.values())}
            ready = [subtask for subtask in waiting.values() if open_ids.isdisjoint(subtask.after)]
            for subtask in ready[: limit - len(under_way)]:
                del waiting[subtask.id]
                under_way[asyncio.ensure_future(_awaited(carry(subtask)))] = subtask
            ended, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                yield under_way.pop(task), task.result()
    finally:
        await _cancel(under_way)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


async def _cancel(tasks: Iterable[asyncio.Task[T]]) -> None:
    """Cancel and wait, so that every call is closed and booked."""
    listed = tuple(tasks)
    for task in listed:
        task.cancel()
    if listed:
        await asyncio.wait(listed)
