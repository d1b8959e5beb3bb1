"""Servers in trouble: asked once more where that is safe, then left alone, by all windows, until they work again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dispatch.faulty import STATUSES, documented, reply, source
from dispatch.project import Project
from servers.fault import FaultServer
from servers.scenarios import Book, Scenario
from tierwise.backends.base import BackendError, FailureKind
from tierwise.dispatch import Proposal, Refusal
from tierwise.dispatch.retrying import LONGEST_WAIT_S, wait_before_retry
from tierwise.routing.tiers import Availability

PRICED = {"input_usd_per_million": 1, "output_usd_per_million": 4}


def failure(kind: FailureKind, **more: Any) -> BackendError:
    return BackendError(kind, "words", **more)


@pytest.mark.parametrize(
    ("err", "n_tries", "left_s", "is_retried"),
    [
        (failure(FailureKind.REFUSED), 1, 60, True),
        (failure(FailureKind.REFUSED), 2, 60, False),
        (failure(FailureKind.CONNECTION), 1, 60, True),
        (failure(FailureKind.CONNECTION, n_output_chars=3), 1, 60, False),
        (failure(FailureKind.OVERLOADED), 1, 60, True),
        (failure(FailureKind.OVERLOADED), 1, 0.4, False),
        (failure(FailureKind.RATE_LIMITED, retry_after_s=3), 1, 60, True),
        (failure(FailureKind.RATE_LIMITED, retry_after_s=3), 1, 3.2, False),
        (failure(FailureKind.RATE_LIMITED, retry_after_s=LONGEST_WAIT_S + 1), 1, 600, False),
        (failure(FailureKind.SERVER_ERROR), 1, 60, False),
        (failure(FailureKind.TIMEOUT_FIRST_TOKEN), 1, 60, False),
        (failure(FailureKind.AUTHENTICATION), 1, 60, False),
        (failure(FailureKind.LENGTH), 1, 60, False),
    ],
)
def test_what_is_asked_again(err: BackendError, n_tries: int, left_s: float, is_retried: bool) -> None:
    wait_s = wait_before_retry(err, n_tries, left_s, Random(1))  # noqa: S311
    assert (wait_s is not None) is is_retried
    assert wait_s is None or 0 <= wait_s <= (err.retry_after_s or 1)


class Windows:
    """Two windows on one ledger and one server with a bulk and a top model."""

    def __init__(self, folder: Path, server: FaultServer) -> None:
        self.n_acts = 0
        self.book = server.book
        self.first = Project(folder, settings=self._settings(server.openai_url))
        self.second = Project(folder, settings=self._settings(server.openai_url))
        for project in (self.first, self.second):
            project.runtime.chance = Random(1)  # noqa: S311

    def _settings(self, url: str) -> dict[str, Any]:
        return {
            "backends": {"far": {"type": "openai", "base_url": url}},
            "tiers": {"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": ["far/top"]}},
            "models": dict.fromkeys(("far/bulk", "far/top"), PRICED),
        }

    async def act(self, project: Project) -> Proposal | Refusal:
        """One action that starts on bulk, each time on another function."""
        self.n_acts += 1
        name = f"f_bulk_0_{self.n_acts}_"
        return await project.act("document", project.write(f"{name}.py", source(name)), name)

    def asked(self) -> list[str]:
        """The models that were asked since the last look."""
        found = [call.model for call in self.book.chats]
        self.book.calls.clear()
        return found


@pytest.fixture
async def windows(tmp_path: Path) -> AsyncIterator[Windows]:
    """Both, closed in the end."""
    async with FaultServer(Book(reply=reply)) as server:
        made = Windows(tmp_path, server)
        yield made
        await made.first.close()
        await made.second.close()


def status(number: int, **headers: str) -> Scenario:
    return Scenario(fault="status", status=number, headers=headers)


async def test_a_busy_server_is_asked_once_more_and_then_the_next(windows: Windows) -> None:
    windows.book.queue += [status(503), status(503)]
    outcome = await windows.act(windows.first)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes[0].after == documented("f_bulk_0_1_")
    tried = [(attempt.model, attempt.code) for attempt in outcome.attempts]
    assert tried == [("bulk", "overloaded"), ("bulk", "overloaded"), ("top", "")]
    assert windows.asked() == ["bulk", "bulk", "top"]
    rows = list(windows.first.ledger.attempt_rows())
    assert [(row.planned, row.cost_pico_usd == 0) for row in rows] == [  # type: ignore[union-attr]
        ("first", True),
        ("first", True),
        ("fallback", False),
    ]


async def test_a_short_wait_is_cheaper_than_the_next_tier(windows: Windows) -> None:
    windows.book.queue += [status(429, **{"Retry-After": "0.05"})]
    outcome = await windows.act(windows.first)
    assert isinstance(outcome, Proposal), outcome
    assert windows.asked() == ["bulk", "bulk"]
    assert any("asking again" in told.message for told in windows.first.told)
    assert windows.first.ledger.breakers() == {}


async def test_a_long_wait_is_known_to_all_windows(windows: Windows) -> None:
    windows.book.queue += [status(429, **{"Retry-After": "1800"})]
    assert isinstance(await windows.act(windows.first), Proposal)
    assert windows.asked() == ["bulk", "top"]
    outcome = await windows.act(windows.second)
    assert isinstance(outcome, Proposal), outcome
    assert windows.asked() == ["top"]
    assert any(r.code == "skipped-paused" and "left alone for" in r.words for r in outcome.reasons)
    bulk = windows.second.runtime.candidates[0]
    assert (bulk.availability, bulk.can_be_tried) == (Availability.PAUSED, False)


@pytest.mark.parametrize(("number", "availability"), [(401, "no-key"), (403, "no-key"), (404, "no-model")])
async def test_what_will_not_change_by_itself(windows: Windows, number: int, availability: str) -> None:
    windows.book.queue += [replace(STATUSES[f"http-{number}"])]
    assert isinstance(await windows.act(windows.first), Proposal)
    windows.asked()
    assert isinstance(await windows.act(windows.second), Proposal)
    assert windows.asked() == ["top"]
    assert str(windows.second.runtime.candidates[0].availability) == availability
    await windows.first.runtime.forget_troubles()
    assert isinstance(await windows.act(windows.second), Proposal)
    assert windows.asked() == ["bulk"]


async def test_one_call_tries_a_server_whose_time_is_over(windows: Windows) -> None:
    windows.book.queue += [status(503, **{"Retry-After": "0.3"}), status(503)]
    first = await windows.act(windows.first)
    assert isinstance(first, Proposal), first
    assert windows.asked() == ["bulk", "bulk", "top"]
    assert [breaker.is_open for breaker in windows.first.ledger.breakers().values()] == [True]
