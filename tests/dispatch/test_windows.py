"""Two windows, which are two processes, that want the same at the same moment: one asks, the other waits for it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from dispatch.project import CODE, DOCUMENTED, Make, Project, fenced
from store.ledgers import spawn
from tierwise.dispatch import Progress, Proposal
from tierwise.dispatch.turns import leased

RULE = {"when": "document", "reply": fenced(DOCUMENTED)}
WINDOW = """
import asyncio, sys
from pathlib import Path
from dispatch.project import CODE, Project
from dispatch.test_windows import RULE

class Stops(list):
    def append(self, told):
        if "tokens so far" in told.message and not self:
            super().append(told)
            print("streaming", flush=True)
            sys.stdin.readline()

async def main():
    project = Project(Path(sys.argv[1]), rules=(RULE,), told=Stops())
    snapshot = project.write("calc.py", CODE)
    print("ready", flush=True)
    sys.stdin.readline()
    outcome = await project.act("document", snapshot, "a + b")
    print(outcome.attempts[-1].is_cached, flush=True)
    await project.close()

asyncio.run(main())
"""


class Waits(list[Progress]):
    """What a window was told, with an event for that it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting = asyncio.Event()

    def append(self, progress: Progress) -> None:
        """Take one sentence down."""
        super().append(progress)
        if "waiting for its answer" in progress.message:
            self.is_waiting.set()


class Streams(list[Progress]):
    """What a window was told, with an event for the first tokens."""

    def __init__(self, streaming: asyncio.Event) -> None:
        super().__init__()
        self._streaming = streaming

    def append(self, progress: Progress) -> None:
        """Take one sentence down."""
        super().append(progress)
        if "tokens so far" in progress.message:
            self._streaming.set()


def heard(window: Popen[str]) -> str:
    assert window.stdout is not None
    return window.stdout.readline().strip()


def tell(window: Popen[str]) -> None:
    assert window.stdin is not None
    window.stdin.write("go\n")
    window.stdin.flush()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Popen[str]]:
    """Another window, which is in the middle of the model's answer."""
    window = spawn(WINDOW, tmp_path)
    assert heard(window) == "ready"
    tell(window)
    assert heard(window) == "streaming"
    yield window
    window.kill()
    window.communicate()


async def wait_beside(project: Project) -> asyncio.Future[Proposal]:
    """Want the same, until it is told that somebody else is at it."""
    project.told = told = Waits()
    wanted = asyncio.ensure_future(project.act("document", project.write("calc.py", CODE), "a + b"))
    await asyncio.wait_for(told.is_waiting.wait(), 60)
    return wanted  # type: ignore[return-value]


def n_calls(project: Project) -> int:
    return project.ledger.stats().total.n_calls


async def test_two_windows_that_want_the_same_pay_once(make: Make, other: Popen[str]) -> None:
    project = make(RULE)
    wanted = await wait_beside(project)
    assert not wanted.done()
    tell(other)
    outcome = await asyncio.wait_for(wanted, 60)
    assert heard(other) == "False"
    assert [attempt.is_cached for attempt in outcome.attempts] == [True]
    assert (n_calls(project), outcome.cost_pico_usd) == (1, 0)


async def test_a_window_that_dies_is_not_waited_for(make: Make, other: Popen[str]) -> None:
    project = make(RULE)
    wanted = await wait_beside(project)
    other.kill()
    other.wait()
    outcome = await asyncio.wait_for(wanted, 60)
    assert [attempt.is_cached for attempt in outcome.attempts] == [False]
    assert n_calls(project) == 2
    assert project.ledger.sweep() == 1


async def test_a_window_that_is_cancelled_lets_the_next_one_ask(make: Make) -> None:
    first = make({**RULE, "hold": True})
    snapshot = first.write("calc.py", CODE)
    streaming = asyncio.Event()
    first.told = Streams(streaming)
    leader = asyncio.ensure_future(first.act("document", snapshot, "a + b"))
    await asyncio.wait_for(streaming.wait(), 60)
    wanted = await wait_beside(make(RULE))
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    outcome = await asyncio.wait_for(wanted, 60)
    assert [attempt.is_cached for attempt in outcome.attempts] == [False]


@pytest.mark.slow
def test_ten_windows_that_want_the_same_pay_once(make: Make, tmp_path: Path) -> None:
    windows = []
    for _ in range(10):
        # Each lays out the same files, which another must not read half written.
        windows.append(spawn(WINDOW, tmp_path))
        assert heard(windows[-1]) == "ready"
    for window in windows:
        tell(window)
        tell(window)
    said = [window.communicate() for window in windows]
    assert "".join(errors for _, errors in said) == ""
    assert sorted(output.split()[-1] for output, _ in said) == ["False"] + ["True"] * 9
    assert n_calls(make(RULE)) == 1


@pytest.mark.parametrize(("answers", "n_waits", "given_back"), [([b"t"], 0, [b"t"]), ([b""], 0, []), ([None], 1, [])])
async def test_work_is_begun_whatever_the_leases_say(
    answers: list[bytes | None], n_waits: int, given_back: list[bytes]
) -> None:
    back: list[bytes] = []
    waits: list[int] = []

    async def take() -> bytes | None:
        return answers[0]

    async def give_back(token: bytes) -> None:
        back.append(token)

    async with leased(take, give_back, 0.0, lambda: waits.append(1)):
        assert back == []
    assert (len(waits), back) == (n_waits, given_back)
