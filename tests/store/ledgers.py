"""What the ledger's tests share: short ways to book, clocks that are told the time, and child processes."""

import os
import random
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tierwise.backends.base import Usage
from tierwise.routing.money import Price
from tierwise.routing.tiers import Tier
from tierwise.store.database import Database
from tierwise.store.exports import microseconds
from tierwise.store.ledger import Ledger
from tierwise.store.rows import ActionStart, AttemptEnd, AttemptRow, AttemptStart
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLICK = ActionStart(action="write_tests", language="python", workspace="5f2a", client="test 1.0")
START = AttemptStart(
    action_key="",
    tier=Tier.BULK,
    backend="zai",
    model="glm-5.1",
    price=Price(input=1_400_000, output=4_400_000, source="test"),
    planned="first",
    reason_code="standard",
    reason_words="standard work starts at 'bulk'",
    prompt_files=2,
    estimated_input_tokens=900,
)
END = AttemptEnd(
    outcome="accepted",
    duration_s=4.0,
    first_token_s=1.0,
    usage=Usage(input_tokens=1000, output_tokens=300, cached_tokens=100),
    cost_pico_usd=2_720_000_000,
)


@dataclass
class ToldClock:
    """A wall clock that shows what a test tells it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def book(ledger: Ledger, *, end: AttemptEnd | None = END, **changes: Any) -> int:
    """Book one click with one call, settled unless `end` is None; returns the call's id."""
    key = ledger.begin_action(CLICK)
    number = ledger.begin_attempt(replace(START, action_key=key, **changes))
    if end is not None:
        assert ledger.settle_attempt(number, end)
        assert ledger.end_action(key, "applied")
    return number


def sound_rows(ledger: Ledger) -> list[AttemptRow]:
    """Every call's row, all of which must be sound."""
    rows = list(ledger.attempt_rows())
    assert all(isinstance(row, AttemptRow) for row in rows)
    return [row for row in rows if isinstance(row, AttemptRow)]


def fill(path: Path, n_rows: int, *, seed: int = 1, step: timedelta = timedelta(minutes=7)) -> None:
    """Write many settled calls quickly, two to a click, with clocks that jump now and then."""
    chance = random.Random(seed)  # noqa: S311 -- rows, not secrets.
    database = Database(path, "normal")
    moment = NOON
    with database.write() as connection:
        for number in range(1, n_rows + 1):
            moment += step if chance.random() < 0.99 else -50 * step
            started_us = microseconds(moment)
            if number % 2:
                click = (number + 1) // 2
                ends = (chance.choice(("applied", "refused")), "", started_us)
                names = (
                    chance.choice(("format", "refactor")),
                    chance.choice(("python", "go")),
                    chance.choice("ab"),
                    "",
                )
                ACTIONS.insert(connection, (click, f"{click:032x}", 1, started_us, *names, *ends))
                model = (chance.choice(("local", "bulk")), "backend", chance.choice(("small", "big")))
                fate = chance.choice(("kept", "kept", "changed", "undone"))
                FATES.insert(connection, (click, click, started_us, fate, *model))
                saved = (500, 90, chance.randrange(10**9)) if chance.random() < 0.8 else (None, None, None)
                HITS.insert(connection, (click, click, started_us, "exact", *model, *saved))
            ATTEMPTS.insert(connection, settled_call(number, started_us, chance))
    database.close()


def settled_call(number: int, started_us: int, chance: random.Random) -> tuple[int | str | None, ...]:
    """The columns of a call, from `id` on, that ended somehow."""
    tier = chance.choice(("local", "bulk", "top"))
    planned = chance.choice(("first", "escalated", "fallback", "forced"))
    outcome = chance.choice(("accepted", "accepted", "rejected", "failed", "cancelled", "unknown"))
    cost = None if outcome == "unknown" else chance.randrange(10**10)
    tokens = (None,) * 4 if outcome == "unknown" else (chance.randrange(5000), chance.randrange(900), 0, 0)
    duration_us = chance.randrange(1, 10**7)
    head = (number, (number + 1) // 2, 1, started_us, 0, tier, "backend", "model", planned)
    words = (chance.choice(("parses", "timeout")), "", 1, 500, 1, 2, None, None, "test", outcome, "", "")
    return (*head, *words, *tokens, chance.randrange(2), duration_us // 2, duration_us, cost)


def spawn(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start a Python program of a test in its own process, with the same imports at hand."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
