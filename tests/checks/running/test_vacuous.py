"""Tests that test nothing are all rejected with a reason; tests that test something are all accepted."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.running.honest import PATTERNS, SPECIAL
from checks.running.targets import TARGETS, PythonTarget
from checks.running.vacuous import HEAD, WAYS
from tierwise.checks import Accepted, Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.written_tests import NewTests, prove_tests
from tierwise.text import Rejection

QUICK = {"the type", "a mock of the target", "fails by itself when the text changes", "plain", "raises only"}
CODES = {"vacuous-tests", "tests-fail", "no-tests-collected", "forged-report"}


def by_speed(names: list[str]) -> list[Any]:
    """All cases, of which a few run every time."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


async def verdict_on(sandbox: Sandbox, root: Path, source: str, tests: str) -> Verdict:
    """Prove one test file against one module."""
    return await prove_tests(
        NewTests(
            root=root,
            test_path="test_target.py",
            test_text=tests,
            target_path="target.py",
            target_text=source,
            framework=Framework.PYTEST,
        ),
        sandbox,
        python=sys.executable,
        limits=Limits(timeout_s=30),
    )


def filled(pattern: str, target: PythonTarget) -> str:
    """A pattern over one target."""
    others = "".join(f"    assert {call} == {value}\n" for call, value in target.others)
    return pattern.format(
        name=target.name, call=target.call, value=target.value, kind=target.kind, source=target.source, others=others
    )


def targets_of(way: str) -> list[PythonTarget]:
    """Two of the targets, in turns, so that every target meets all kinds of ways."""
    first = list(WAYS).index(way)
    return [TARGETS[(first + 3 * i) % len(TARGETS)] for i in range(2)]


def test_there_are_enough() -> None:
    assert sum(len(targets_of(way)) for way in WAYS) >= 150
    assert len(PATTERNS) * len(TARGETS) + len(SPECIAL) >= 40


@pytest.mark.parametrize("way", by_speed(list(WAYS)))
async def test_rejected(way: str, sandbox: Sandbox, tmp_path: Path) -> None:
    targets = targets_of(way)[: 1 if way in QUICK else None]
    texts = [filled(HEAD + WAYS[way], target) for target in targets]
    verdicts = await in_pairs(
        [verdict_on(sandbox, tmp_path, t.source, text) for t, text in zip(targets, texts, strict=True)]
    )
    for target, verdict in zip(targets, verdicts, strict=True):
        assert isinstance(verdict, Rejection), (target.name, verdict)
        assert verdict.code in CODES, (target.name, verdict)
        assert len(verdict.detail) > 20, (target.name, verdict)


@pytest.mark.parametrize("pattern", by_speed(list(PATTERNS)))
async def test_accepted(pattern: str, sandbox: Sandbox, tmp_path: Path) -> None:
    targets = TARGETS[: 1 if pattern in QUICK else None]
    texts = [f"from target import {t.name}\n" + filled(PATTERNS[pattern], t) for t in targets]
    verdicts = await in_pairs(
        [verdict_on(sandbox, tmp_path, t.source, text) for t, text in zip(targets, texts, strict=True)]
    )
    for target, verdict in zip(targets, verdicts, strict=True):
        assert isinstance(verdict, Accepted), (target.name, verdict)
        assert "failed when" in verdict.notes[0]


@pytest.mark.parametrize("name", by_speed(list(SPECIAL)))
async def test_accepted_for_special_functions(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    source, tests = SPECIAL[name]
    verdict = await verdict_on(sandbox, tmp_path, source, tests)
    assert isinstance(verdict, Accepted), verdict


async def in_pairs(proofs: list[Any]) -> list[Any]:
    """Results in order, two at a time."""
    gate = asyncio.Semaphore(2)

    async def one(proof: Any) -> Any:
        async with gate:
            return await proof

    return await asyncio.gather(*map(one, proofs))
