"""A cancel at any moment closes the socket at once, makes no further call, and is booked."""

import asyncio
import contextlib
import random
import statistics
import time
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from e2e.conftest import Bench
from e2e.models import MARKED, PLAIN
from servers.scenarios import Scenario

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLOW = (
    ("stall", 600.0),
    ("slow-first-byte", 600.0),
    ("slow-first-token", 600.0),
    ("drip", 0.02),
    ("heartbeats", 0.02),
)
"""Answers that never end, with their pause in seconds."""
LIMIT_S = 0.25


async def until_model_s(bench: Bench, where: tuple[str, Any]) -> float:
    """The seconds from a click to the call of the model, on this machine as busy as it is."""
    times = []
    for number in range(4):
        bench.models.gated()
        begun = time.monotonic()
        running = bench.editor.begin("document", *where, f"calibrate-{number}")
        await bench.models.until_asked()
        times.append(time.monotonic() - begun)
        bench.editor.cancel(f"calibrate-{number}")
        with contextlib.suppress(JsonRpcException):
            await running
    return statistics.median(times)


async def cancelled(
    bench: Bench, draw: random.Random, number: int, where: tuple[str, Any], delay_s: float
) -> float | None:
    """Run and cancel one action; the seconds until the model's server saw its socket close, if one was open."""
    book, editor = bench.models.book, bench.editor
    n_before = len(book.chats)
    fault, pause_s = draw.choice(SLOW)
    book.default = Scenario(fault=fault, delay_s=pause_s)
    running = editor.begin("document", *where, f"cancel-{number}")
    await asyncio.sleep(delay_s)
    begun = time.monotonic()
    editor.cancel(f"cancel-{number}")
    with contextlib.suppress(JsonRpcException):
        await running
    calls = book.chats[n_before:]
    if not calls:
        return None
    # The last one is this run's; one before it can only be the run before, whose request was still on its way to the
    # server when it was cancelled. That no run asks twice shows in the sums over all of them.
    call = calls[-1]
    await bench.models.until(lambda _: call.ended is not None)
    assert call.ended is not None
    return call.ended - begun if call.has_closed_early and begun <= call.ended else None


async def cancel_many(bench: Bench, n_runs: int, seed: int) -> list[float]:
    """Cancel so many runs; the times that were measured."""
    draw = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    editor = bench.editor
    where = editor.open(f"cancels_{seed}.py", MARKED)
    # The moments are spread over everything a run goes through; about half lie before the call of the model.
    longest_s = 2 * await until_model_s(bench, where)
    bench.models.book.calls.clear()
    before = (await editor.command("tierwise.stats"))["total"]
    delays = [longest_s * draw.random() for _ in range(n_runs)]
    times = [await cancelled(bench, draw, number, where, delay_s) for number, delay_s in enumerate(delays)]
    after = (await editor.command("tierwise.stats"))["total"]
    assert editor.texts[where[0]] == PLAIN
    n_calls = len(bench.models.book.chats)
    booked = after["nCalls"] - before["nCalls"]
    # A call may be booked and cancelled before it reaches the server, but none reaches it without being booked.
    assert n_calls <= booked <= n_runs
    assert after["nCancelled"] - before["nCancelled"] == booked
    return [one for one in times if one is not None]


async def test_cancels_at_random_moments(bench: Bench) -> None:
    times = await cancel_many(bench, 25, seed=1)
    assert times
    assert statistics.median(times) <= LIMIT_S


@pytest.mark.slow
async def test_a_thousand_cancels_at_random_moments(bench: Bench) -> None:
    times = sorted(await cancel_many(bench, 1000, seed=1000))
    p99 = times[int(len(times) * 0.99)]
    print(f"{len(times)} sockets closed: median {statistics.median(times) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    assert len(times) >= 300
    assert p99 <= LIMIT_S
