"""Cancelling a call closes its socket, whatever it waits for; measured where it counts, at the server."""

import asyncio
import random
import time

import pytest

from backends.check_backends import WIRES, cancelled, options_for, request
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.registry import connect

LONGEST_S = 0.25


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ["slow-first-byte", "slow-first-token", "heartbeats", "stall", "drip"])
async def test_cancel_closes_the_socket(wire: str, fault: str) -> None:
    async with FaultServer() as server:
        backend = connect(options_for(wire, server))
        n_pieces = 1 if fault in ("stall", "drip") else 0
        arrived = asyncio.Event()
        task = asyncio.create_task(backend.complete(request(f"m@{fault}"), lambda _: arrived.set()))
        await server.book.wait_for(lambda book: bool(book.chats) and n_pieces <= book.chats[0].n_pieces)
        if n_pieces:
            await arrived.wait()
        cancelled_at = time.monotonic()
        assert await cancelled(task)
        await server.book.wait_for(lambda book: book.chats[0].ended is not None)
        closed = server.book.chats[0]
        assert closed.has_closed_early
        assert closed.ended is not None
        assert closed.ended - cancelled_at < LONGEST_S
        await backend.aclose()


@pytest.mark.parametrize("wire", WIRES)
async def test_a_waiting_call_gets_its_turn_when_the_one_before_is_cancelled(wire: str) -> None:
    async with FaultServer() as server:
        backend = connect(options_for(wire, server, concurrency=1))
        first = asyncio.create_task(backend.complete(request("first@stall"), lambda _: None))
        await server.book.wait_for(lambda book: bool(book.chats))
        second = asyncio.create_task(backend.complete(request("second"), lambda _: None))
        third = asyncio.create_task(backend.complete(request("third"), lambda _: None))
        await server.book.wait_for(lambda book: bool(book.chats[0].n_pieces))
        assert await cancelled(third)
        assert [chat.model for chat in server.book.chats] == ["first"]
        assert await cancelled(first)
        completion = await second
        assert completion.text
        assert [chat.model for chat in server.book.chats] == ["first", "second"]
        await backend.aclose()


@pytest.mark.slow
@pytest.mark.parametrize("wire", WIRES)
async def test_five_hundred_cancels_at_random_moments(wire: str) -> None:
    chance = random.Random(20261122)  # noqa: S311
    delays: list[float] = []
    async with FaultServer() as server:
        backend = connect(options_for(wire, server))
        faults = ("drip", "normal", "slow-first-byte", "slow-first-token", "stall", "heartbeats")
        for _ in range(500):
            server.book.queue[:] = [Scenario(fault=chance.choice(faults), delay_s=0.0)]
            n_before = len(server.book.chats)
            task = asyncio.create_task(backend.complete(request(), lambda _: None))
            await asyncio.wait((task,), timeout=chance.uniform(0.0, 0.06))
            cancelled_at = time.monotonic()
            was_cancelled = await cancelled(task)
            await server.book.wait_for(lambda book: all(call.ended is not None for call in book.chats))
            chats = server.book.chats[n_before:]
            assert len(chats) <= 1
            if chats and was_cancelled:
                assert chats[0].ended is not None
                delays.append(max(0.0, chats[0].ended - cancelled_at))
        await backend.aclose()
    delays.sort()
    print(f"{wire}: {len(delays)} cancelled, p50 {delays[len(delays) // 2] * 1000:.1f} ms,", end=" ")
    print(f"p99 {delays[int(len(delays) * 0.99)] * 1000:.1f} ms, worst {delays[-1] * 1000:.1f} ms")
    assert delays[int(len(delays) * 0.99)] < LONGEST_S
