"""A run of one action whose first model has a fault, and everything that must hold afterwards."""

import random
import re
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatch.project import Project, fenced
from servers.fault import FaultServer
from servers.faults import FAULTS
from servers.scenarios import Book, Call, Scenario
from tierwise.dispatch import Proposal, Refusal
from tierwise.store.rows import AttemptRow

TIERS = ("local", "bulk", "top")
PRICES = {"local": (0, 0), "bulk": (1, 4), "top": (5, 25)}
CALL_S, ACTION_S, SLACK_S = 2.0, 30.0, 30.0
"""Deadlines of a faulty call and of the action, and what a busy machine may add."""
SOON, LATER = {"Retry-After": "0.1"}, {"Retry-After": "3600"}
STATUSES: dict[str, Scenario] = {
    **{f"http-{status}": Scenario(fault="status", status=status) for status in (401, 403, 404, 408, 409, 413, 422)},
    **{f"http-{status}": Scenario(fault="status", status=status) for status in (429, 500, 502, 503, 529, 302)},
    **{f"http-{status}-soon": Scenario(fault="status", status=status, headers=SOON) for status in (429, 503)},
    **{f"http-{status}-later": Scenario(fault="status", status=status, headers=LATER) for status in (429, 503)},
}
HARMLESS = frozenset(
    {
        "compressed", "chatter-after-end", "usage-missing",
        "usage-negative", "usage-zero", "usage-small", "lone-surrogate", "unknown-finish", "refusal",
    }
)  # fmt: skip
"""Not always a fault, depending on the protocol: the whole reply may be there, or text the checks refuse."""
PAUSES = {"slow-first-byte": 120.0, "slow-first-token": 120.0, "stall": 120.0}
"""Far longer than any deadline with what a busy machine may add."""
_NO_FAULTS = frozenset({"normal", "split-characters", "separators", "gated"})
ALL_FAULTS = ("refused", *(name for name in FAULTS if name not in _NO_FAULTS), *STATUSES)


@dataclass
class Faulty:
    """One project whose tier `tier` has the fault; the other tiers work."""

    root: Path
    server: FaultServer
    fault: str
    tier: str
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.project = Project(self.root, settings=self._settings())

    def _settings(self) -> dict[str, Any]:
        bad: dict[str, Any] = {"first_token_timeout_s": 1.0, "between_tokens_timeout_s": 0.5, "concurrency": 64}
        url = self.server.url if self.fault != "refused" else closed_url()
        bad |= {"type": "ollama", "host": url} if self.tier == "local" else {"type": "openai", "base_url": f"{url}/v1"}
        models = {tier: f"good/{tier}-model" for tier in TIERS} | {self.tier: f"bad/model@{self.fault}"}
        return {
            "backends": {"good": {"type": "openai", "base_url": self.server.openai_url, "concurrency": 64}, "bad": bad},
            "tiers": {tier: {"models": [models[tier]]} for tier in TIERS},
            "models": {
                models[tier]: {"input_usd_per_million": price[0], "output_usd_per_million": price[1], "window": 16384}
                for tier, price in PRICES.items()
            },
            "actions": {"document": {"tier": self.tier}},
            "limits": {"deadline_s": {**dict.fromkeys(TIERS, 20.0), self.tier: CALL_S, "action": ACTION_S}},
        }

    async def run(self, seed: int) -> "Ran":
        """One action on a file of this seed, with every server's past forgotten."""
        await self.project.runtime.forget_troubles()
        draw = random.Random(f"{self.fault} {self.tier} {seed}")  # noqa: S311 - a test that can be repeated.
        self.project.runtime.chance = draw
        name = f"f_{self.tier}_{ALL_FAULTS.index(self.fault)}_{seed}_"
        snapshot = self.project.write(f"{name}.py", source(name))
        n_rows, n_calls = self.project.ledger.stats().total.n_calls, len(self.server.book.calls)
        started = time.monotonic()
        outcome = await self.project.act("document", snapshot, name)
        elapsed_s = time.monotonic() - started
        rows = [row for row in self.project.ledger.attempt_rows() if isinstance(row, AttemptRow)][n_rows:]
        sent = [call for call in self.server.book.calls[n_calls:] if name in call.messages[-1]["content"]]
        return Ran(self.fault, self.tier, name, outcome, elapsed_s, rows, sent, self.project.ledger.spent().held)


@dataclass(frozen=True)
class Ran:
    """What came of one run, and what the server and the ledger saw of it."""

    fault: str
    tier: str
    name: str
    outcome: Proposal | Refusal
    elapsed_s: float
    rows: list[AttemptRow]
    sent: list[Call]
    held: int

    def check(self) -> None:
        """Nothing partial accepted, over in time, the next rung tried, every call booked once."""
        tried = [f"{a.tier} {a.outcome} {a.code} {a.detail}" for a in self.outcome.attempts]
        words = self.outcome.words if isinstance(self.outcome, Refusal) else self.outcome.summary
        where = f"{self.fault} on {self.tier}, {self.name}: {tried}, {words}"
        assert isinstance(self.outcome, Proposal), where
        assert self.outcome.changes[0].after == documented(self.name), where
        assert self.elapsed_s < ACTION_S + SLACK_S, where
        asked = [attempt for attempt in self.outcome.attempts if attempt.outcome != "skipped"]
        assert [(row.tier, row.outcome, row.code) for row in self.rows] == [
            (attempt.tier, attempt.outcome, attempt.code) for attempt in asked
        ], where
        assert all(row.cost_pico_usd is not None for row in self.rows), where
        assert self.held == 0, where
        # A call that a busy machine did not get out in time is booked and was never seen.
        n_unseen = sum(row.code == "connection-refused" or row.code.startswith("timeout") for row in self.rows)
        assert len(self.rows) - n_unseen <= len(self.sent) <= len(self.rows), where
        self._check_ladder([attempt.tier for attempt in asked], where)

    def _check_ladder(self, tiers: list[str], where: str) -> None:
        failed, last = self.rows[:-1], self.rows[-1]
        assert last.outcome == "accepted", where
        assert all(row.duration_s is not None and row.duration_s < CALL_S + SLACK_S for row in failed), where
        if self.fault in HARMLESS:
            return
        assert failed, where
        assert {row.tier for row in failed} == {self.tier}, where
        assert all(row.outcome == "failed" for row in failed), where
        assert tiers[-1] != self.tier, where
        assert (last.planned, last.reason_code) == ("fallback", failed[-1].code), where


def source(name: str) -> str:
    """A file with one function to document."""
    lines = "".join(f"    total += {number}\n" for number in range(12))
    return f"def {name}(total):\n{lines}    return total\n"


def documented(name: str) -> str:
    """The same file as it must be afterwards."""
    head, body = source(name).split("\n", 1)
    return f'{head}\n    """Return the total with twelve numbers added."""\n{body}'


def reply(call: Call) -> str:
    """What a good model says."""
    found = re.findall(r"f_(?:local|bulk|top)_\d+_\d+_", str(call.messages[-1]["content"]))
    return fenced(documented(found[-1])) if found else "?"


def book() -> Book:
    """A book whose models answer well, and whose faults take their time."""
    slow = {name: Scenario(fault=name, delay_s=seconds) for name, seconds in PAUSES.items()}
    return Book(reply=reply, named={**STATUSES, **slow})


def closed_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
