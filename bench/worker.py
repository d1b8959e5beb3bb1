"""The measuring side of a worker: orders come as lines of JSON, figures go back the same way. Standard library only.

A worker is a process that makes calls in one way, in its own environment; all are measured by this very code.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[int], Awaitable[float]]
"""Makes one call of so many pieces; returns seconds to the first of them."""


async def serve(call: Call) -> None:
    """Carry out orders until standard input ends."""
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await _measure(call, json.loads(line))), flush=True)


async def _measure(call: Call, order: dict[str, Any]) -> dict[str, float]:
    n_calls, n_at_once, n_pieces = order["calls"], order["at_once"], order["pieces"]
    firsts: list[float] = []
    left = iter(range(n_calls))

    async def one_after_another() -> None:
        for _ in left:
            firsts.append(await call(n_pieces))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_after_another() for _ in range(n_at_once)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    firsts.sort()
    return {"wall_s": wall / n_calls, "cpu_s": cpu / n_calls, "first_s": firsts[len(firsts) // 2]}
