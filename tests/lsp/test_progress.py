"""A progress bar is shown once, reports sparingly, and leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from tierwise.dispatch import Progress
from tierwise.lsp.messages import Failed
from tierwise.lsp.progress import ActionProgress, ProgressBars


class Wire:
    """A client that takes as long as it is told to make a bar."""

    def __init__(self, answer: Exception | None = None) -> None:
        self.answer = answer
        self.may_answer = asyncio.Event()
        self.asked: list[Any] = []
        self.sent: list[Any] = []

    def notify(self, method: str, params: Any = None) -> None:
        assert method == types.PROGRESS
        self.sent.append((params.token, params.value))

    async def ask(self, method: str, params: Any, timeout_s: float = 60.0) -> Any:
        assert method == types.WINDOW_WORK_DONE_PROGRESS_CREATE
        self.asked.append(params.token)
        await self.may_answer.wait()
        if self.answer is not None:
            raise self.answer

    @property
    def kinds(self) -> list[str]:
        """What was shown, in order."""
        return [value.kind for _, value in self.sent]


def progress(wire: Wire, bars: ProgressBars, token: str | None = None, *, can_create: bool = True) -> ActionProgress:
    """A bar that is not shown yet."""
    return ActionProgress(wire, bars, "title", token, can_create=can_create)


async def let_run() -> None:
    """Give every task that can run its turn."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_clients_token_is_used_at_once_and_forgotten_at_the_end() -> None:
    wire, bars = Wire(), ProgressBars()
    bar = progress(wire, bars, "mine")
    bar.begin(lambda: None)
    bar.report(Progress(message="a", percentage=10))
    bar.end("done")
    assert wire.kinds == ["begin", "report", "end"]
    assert {token for token, _ in wire.sent} == {"mine"}
    assert len(bars) == 0
    assert wire.asked == []


async def test_many_reports_become_few_and_the_percentage_never_falls() -> None:
    wire, bars = Wire(), ProgressBars()
    bar = progress(wire, bars, "mine")
    bar.begin(lambda: None)
    for number in range(1000):
        bar.report(Progress(message=str(number), percentage=90 - number % 80))
    bar.end("done")
    reports = [value for _, value in wire.sent if value.kind == "report"]
    assert len(reports) <= 3
    assert [value.percentage for value in reports] == sorted(value.percentage for value in reports)


async def test_a_bar_of_ours_shows_the_newest_report_once_the_client_has_made_it() -> None:
    wire, bars = Wire(), ProgressBars()
    bar = progress(wire, bars)
    bar.begin(lambda: None)
    bar.report(Progress(message="old"))
    bar.report(Progress(message="new"))
    await let_run()
    assert wire.sent == []
    wire.may_answer.set()
    await let_run()
    assert [getattr(value, "message", None) for _, value in wire.sent] == [None, "new"]
    bar.end("done")
    assert {token for token, _ in wire.sent} == set(wire.asked)


async def test_work_that_is_over_before_the_bar_is_there_shows_none() -> None:
    wire, bars = Wire(), ProgressBars()
    bar = progress(wire, bars)
    bar.begin(lambda: None)
    await let_run()
    bar.end("done")
    wire.may_answer.set()
    await let_run()
    assert wire.sent == []
    assert len(bars) == 0


@pytest.mark.parametrize("answer", [Failed(-32601, "no"), TimeoutError()])
async def test_a_client_that_makes_no_bar_gets_no_reports(answer: Exception) -> None:
    wire, bars = Wire(answer), ProgressBars()
    wire.may_answer.set()
    bar = progress(wire, bars)
    bar.begin(lambda: None)
    await let_run()
    bar.report(Progress(message="a"))
    bar.end("done")
    assert wire.sent == []


async def test_a_client_that_cannot_show_bars_is_not_asked() -> None:
    wire, bars = Wire(), ProgressBars()
    bar = progress(wire, bars, can_create=False)
    bar.begin(lambda: None)
    bar.report(Progress(message="a"))
    bar.end("done")
    assert (wire.asked, wire.sent) == ([], [])


async def test_the_button_cancels_the_work_of_its_own_bar_and_no_other() -> None:
    wire, bars = Wire(), ProgressBars()
    pressed: list[str] = []
    for token in ("one", "two"):
        progress(wire, bars, token).begin(lambda token=token: pressed.append(token))  # type: ignore[misc]
    bars.cancel("two")
    bars.cancel("three")
    assert pressed == ["two"]
