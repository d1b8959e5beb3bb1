"""Whatever goes wrong with a model server: nothing partial, over in time, the next one asked, every call booked."""

import asyncio
import importlib
import os
from pathlib import Path

import pytest

from dispatch.faulty import ALL_FAULTS, TIERS, Faulty, book
from servers.fault import FaultServer

OFTEN = (
    "refused", "reset", "reset-before", "slow-first-byte", "stall", "heartbeats", "drip", "cut",
    "stall-with-heartbeats", "done-without-finish", "broken-off", "html", "html-as-stream", "document",
    "broken-json", "wrong-shape", "bad-utf8",
    "giant-line", "endless-line", "flood", "usage-negative", "error-in-stream", "http-401", "http-403", "http-404",
    "http-408", "http-409", "http-413", "http-429-soon", "http-429-later", "http-500", "http-503", "http-529",
)  # fmt: skip
N_SEEDS = int(os.environ.get("TIERWISE_FAULT_SEEDS", "20"))
SAMPLE = (
    ("refused", "local"), ("reset", "bulk"), ("stall", "top"), ("cut", "bulk"), ("done-without-finish", "top"),
    ("html", "bulk"), ("bad-utf8", "local"), ("drip", "bulk"), ("http-401", "top"), ("http-404", "local"),
    ("http-429-soon", "bulk"), ("http-429-later", "bulk"), ("http-503", "top"), ("usage-missing", "bulk"),
)  # fmt: skip


async def check(folder: Path, pairs: list[tuple[str, str]], n_seeds: int, at_once: int) -> None:
    """Run every pair of fault and tier with so many seeds."""
    turns = asyncio.Semaphore(at_once)
    # The first call of a kind would be charged the import of its SDK.
    for kind in ("anthropic", "ollama", "openai_compatible"):
        importlib.import_module(f"tierwise.backends.{kind}")
    async with FaultServer(book()) as server:

        async def one(fault: str, tier: str) -> None:
            async with turns:
                faulty = Faulty(folder / f"{fault}-{tier}", server, fault, tier)
                try:
                    for seed in range(n_seeds):
                        (await faulty.run(seed)).check()
                finally:
                    await faulty.project.close()

        ended = await asyncio.gather(*(one(fault, tier) for fault, tier in pairs), return_exceptions=True)
    wrong = [error for error in ended if error is not None]
    assert not wrong, "\n".join(str(error).splitlines()[0] for error in wrong)


async def test_a_sample_of_faults(tmp_path: Path) -> None:
    await check(tmp_path, list(SAMPLE), n_seeds=1, at_once=4)


@pytest.mark.slow
async def test_all_faults_on_all_tiers(tmp_path: Path) -> None:
    assert len(OFTEN) >= 30
    await check(tmp_path, [(fault, tier) for fault in OFTEN for tier in TIERS], N_SEEDS, at_once=16)


@pytest.mark.slow
async def test_the_other_faults_on_all_tiers(tmp_path: Path) -> None:
    rest = [(fault, tier) for fault in ALL_FAULTS for tier in TIERS if fault not in OFTEN]
    await check(tmp_path, rest, n_seeds=2, at_once=16)
