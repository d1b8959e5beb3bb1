"""Whatever goes wrong with the servers of a planned change: nothing partial, in time, the next asked, all booked."""

import asyncio
import importlib
import os
from pathlib import Path

import pytest

from dispatch.faulty import PAUSES, STATUSES
from dispatch.planner.faulty_plan import ROLES, FaultyPlan, reply
from dispatch.test_faults import OFTEN
from servers.fault import FaultServer
from servers.scenarios import Book, Scenario

N_SEEDS = int(os.environ.get("TIERWISE_FAULT_SEEDS", "1"))
SAMPLE = (
    ("refused", "plan"), ("reset", "work"), ("cut", "plan"), ("done-without-finish", "work"), ("html", "scout"),
    ("bad-utf8", "plan"), ("http-401", "work"), ("http-404", "scout"), ("http-429-later", "plan"), ("http-500", "work"),
)  # fmt: skip
QUICK = (("refused", "work"), ("http-401", "plan"), ("http-503-later", "work"), ("broken-off", "plan"))


def book() -> Book:
    """A book whose models answer well, and whose faults take their time."""
    slow = {name: Scenario(fault=name, delay_s=seconds) for name, seconds in PAUSES.items()}
    return Book(reply=reply, named={**STATUSES, **slow})


async def check(
    folder: Path, pairs: list[tuple[str, str]], n_seeds: int, at_once: int, *, has_second: bool = False
) -> None:
    """Run every pair of fault and role with so many seeds."""
    turns = asyncio.Semaphore(at_once)
    for kind in ("anthropic", "ollama", "openai_compatible"):
        importlib.import_module(f"tierwise.backends.{kind}")
    async with FaultServer(book()) as server:

        async def one(fault: str, role: str) -> None:
            async with turns:
                faulty = FaultyPlan(folder / f"{fault}-{role}", server, fault, role, has_second)
                try:
                    for seed in range(n_seeds):
                        (await faulty.run(seed)).check()
                finally:
                    await faulty.project.close()

        ended = await asyncio.gather(*(one(fault, role) for fault, role in pairs), return_exceptions=True)
    wrong = [error for error in ended if error is not None]
    assert not wrong, "\n".join(str(error).splitlines()[0] for error in wrong)


async def test_a_sample_of_faults(tmp_path: Path) -> None:
    await check(tmp_path, list(SAMPLE), n_seeds=1, at_once=4)


async def test_another_model_of_the_same_tier_stands_in(tmp_path: Path) -> None:
    await check(tmp_path, list(QUICK), n_seeds=1, at_once=4, has_second=True)


async def test_a_scout_in_trouble_is_asked_again_once_troubles_are_forgotten(tmp_path: Path) -> None:
    await check(tmp_path, [("http-401", "scout")], n_seeds=2, at_once=1)


@pytest.mark.slow
async def test_all_faults_of_all_roles(tmp_path: Path) -> None:
    await check(tmp_path, [(fault, role) for fault in OFTEN for role in ROLES], N_SEEDS, at_once=8)
