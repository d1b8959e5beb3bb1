"""The queue in front of a server: first come, first served, visible, and nothing lost by those who leave."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from dispatch.faulty import reply, source
from dispatch.project import Project
from servers.exchange import Exchange
from servers.fault import FaultServer
from servers.faults import FAULTS
from servers.scenarios import Book, Scenario
from tierwise.dispatch import Proposal
from tierwise.dispatch.lines import MOST_WAITING, Lines, TooMany

ORIGIN = "https://a"


async def settle() -> None:
    """Let everybody run who can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_first_come_first_served_and_everybody_is_told() -> None:
    lines = Lines()
    told: dict[int, list[int]] = {number: [] for number in range(4)}
    order: list[int] = []

    async def one(number: int) -> None:
        await lines.take(ORIGIN, 1, told[number].append)
        order.append(number)

    tasks = [asyncio.ensure_future(one(number)) for number in range(4)]
    await settle()
    assert (order, lines.n_waiting(ORIGIN)) == ([0], 3)
    assert told == {0: [], 1: [1], 2: [2], 3: [3]}
    lines.give(ORIGIN, 1)
    await settle()
    assert order == [0, 1]
    assert told[3] == [3, 2]
    tasks[2].cancel()
    await settle()
    assert told[3] == [3, 2, 1]
    for _ in range(2):
        lines.give(ORIGIN, 1)
        await settle()
    assert order == [0, 1, 3]
    assert (lines.n_running(ORIGIN), lines.n_waiting(ORIGIN)) == (0, 0)


async def test_addresses_do_not_wait_for_each_other() -> None:
    lines = Lines()
    for origin in (ORIGIN, "https://b", "", ""):
        await lines.take(origin, 1, lambda _: None)
    assert lines.n_running("") == 0


async def test_a_line_that_is_too_long_is_not_joined() -> None:
    lines = Lines()
    tasks = [asyncio.ensure_future(lines.take(ORIGIN, 1, lambda _: None)) for _ in range(MOST_WAITING + 1)]
    await settle()
    with pytest.raises(TooMany):
        await lines.take(ORIGIN, 1, lambda _: None)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize("seed", range(20))
async def test_no_turn_is_lost_whoever_leaves(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    lines, most, running, n_turns = Lines(), 0, 0, 1 + seed % 3

    async def one() -> None:
        nonlocal most, running
        await lines.take(ORIGIN, n_turns, lambda _: None)
        running += 1
        most = max(most, running)
        try:
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        finally:
            running -= 1
            lines.give(ORIGIN, n_turns)

    tasks = [asyncio.ensure_future(one()) for _ in range(40)]
    while not all(task.done() for task in tasks):
        chance.choice(tasks).cancel()
        await asyncio.sleep(0)
    assert most <= n_turns
    assert (lines.n_running(ORIGIN), lines.n_waiting(ORIGIN), running) == (0, 0, 0)


async def test_windows_share_the_turns_of_a_server(tmp_path: Path) -> None:
    gate, n_now, most = asyncio.Event(), 0, 0

    async def counted(x: Exchange) -> None:
        nonlocal n_now, most
        n_now += 1
        most = max(most, n_now)
        await gate.wait()
        n_now -= 1
        await FAULTS["normal"](x)

    FAULTS["counted"] = counted
    try:
        async with FaultServer(Book(reply=reply, default=Scenario(fault="counted"))) as server:
            projects = [Project(tmp_path, settings=settings(server.openai_url)) for _ in range(2)]
            running = []
            for number, project in enumerate(projects * 2):
                name = f"f_bulk_0_{number}_"
                snapshot = project.write(f"{name}.py", source(name))
                running.append(asyncio.ensure_future(project.act("document", snapshot, name)))
            await server.book.wait_for(lambda book: bool(book.chats))
            gate.set()
            outcomes = await asyncio.gather(*running)
            assert all(isinstance(outcome, Proposal) for outcome in outcomes), outcomes
            assert (most, len(server.book.chats)) == (1, 4)
            told = [progress.message for project in projects for progress in project.told]
            assert any(message.startswith("waiting for bulk: ") and message.endswith(" before you") for message in told)
            for project in projects:
                await project.close()
    finally:
        del FAULTS["counted"]


def settings(url: str) -> dict[str, Any]:
    """One model that takes one call at a time."""
    return {
        "backends": {"far": {"type": "openai", "base_url": url, "concurrency": 1}},
        "tiers": {"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": []}},
        "models": {"far/bulk": {"input_usd_per_million": 1, "output_usd_per_million": 4}},
    }
