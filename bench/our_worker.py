"""Calls through our whole dispatch: route, cache miss, money, breaker, turn, booking, SDK, settling. Argument: a port.

What stands around it in an action is left out, as the peer has nothing like it: finding the target, reading its
context, applying the reply and checking the edit.
"""

import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.worker import serve
from tierwise.actions.base import Difficulty
from tierwise.backends.base import ChatMessage, ChatRequest, Completion
from tierwise.checks import Accepted
from tierwise.config import load_config
from tierwise.dispatch import Progress, Runtime
from tierwise.dispatch.attempt import Call, Run, Rung, ask
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.budgets import Purse
from tierwise.dispatch.caching import Asked, digest_of
from tierwise.dispatch.opening import open_runtime
from tierwise.dispatch.running import RunningChecks
from tierwise.edits import ReplyFormat
from tierwise.routing.estimate import Estimate
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Reason, Route, Tier
from tierwise.store.ledger import open_ledger
from tierwise.store.rows import ActionStart
from tierwise.text import Rejection

REQUEST = RouteRequest(
    difficulty=Difficulty.STANDARD, estimate=Estimate(input_tokens=200, output_tokens=200), forced=Tier.BULK
)
FREE = RouteRequest(difficulty=Difficulty.STANDARD, estimate=Estimate(input_tokens=2000, output_tokens=800))
START = ActionStart(action="document", language="python", workspace="5f2a", client="bench")
N_ROUTES = 200
SCOPE = digest_of(("bench",))
NUMBERS = itertools.count()
"""Every click is one that was never made before, so the cache is asked in vain."""


def settings(port: str, n_pieces: int) -> dict[str, Any]:
    """Three tiers at one server, with every bound set that costs time."""
    url = f"http://127.0.0.1:{port}/{n_pieces}/v1"
    return {
        "backends": {"far": {"type": "openai", "base_url": url, "concurrency": 64}},
        "tiers": {tier: {"models": [f"far/{tier}"]} for tier in ("local", "bulk", "top")},
        "models": {
            f"far/{tier}": {"input_usd_per_million": 1, "output_usd_per_million": 4, "window": 200_000}
            for tier in ("local", "bulk", "top")
        },
        "budgets": {"day": {"hard_usd": 100_000}, "month": {"hard_usd": 100_000}},
    }


def route_of(runtime: Runtime, request: RouteRequest) -> Route:
    """The decision alone."""
    return choose_route(request, runtime.candidates)


async def one_call(runtime: Runtime, running: RunningChecks) -> float:
    """One click with one call; returns seconds to the first piece."""
    began, first = time.perf_counter(), 0.0
    options = runtime.config
    booking = Booking(runtime.ledger, Purse(options.budgets, runtime.ledger), options.limits.deadline_s.action)
    runtime.take_troubles(await booking.begin(START) or {})
    route = route_of(runtime, REQUEST)

    def report(progress: Progress) -> None:
        del progress

    async def read(completion: Completion) -> Accepted | Rejection:
        nonlocal first
        first = time.perf_counter() - began - completion.duration_s + completion.first_token_s
        return Accepted(())

    messages = (ChatMessage("user", "say something"),)
    call = Call(
        rung=Rung(candidate=route.ladder[0], planned="first", why=Reason("first", "first on the ladder")),
        request=ChatRequest(model="m", messages=messages, max_output_tokens=20_000, deadline_s=60),
        n_files=1,
        expected_tokens=100,
    )
    asked = Asked(
        scope=SCOPE, action="document", path="a.py", target="far", options=options.backends["far"],
        form=ReplyFormat.SPAN, request=call.request,
    )  # fmt: skip
    piece = digest_of((str(next(NUMBERS)),))
    async with runtime.replies.alone(piece, booking.left_s, lambda: None):
        assert not any(kept.key == asked.key for kept in await runtime.replies.find(SCOPE, piece))
        attempted = await ask(Run(runtime=runtime, booking=booking, running=running, report=report), call, read)
    assert isinstance(attempted.result, Accepted), attempted
    await booking.end("proposed", "")
    return first


async def main() -> None:
    """Serve orders."""
    port = sys.argv[1]
    runtimes: dict[int, Runtime] = {}
    with tempfile.TemporaryDirectory(prefix="tierwise-bench-") as folder:
        ledger = open_ledger(Path(folder, "ledger.sqlite3"))

        async def call(n_pieces: int) -> float:
            if n_pieces not in runtimes:
                loaded = load_config(editor_settings=settings(port, n_pieces), trusted=True, env={})
                runtimes[n_pieces] = open_runtime(loaded, ledger=ledger)
            runtime = runtimes[n_pieces]
            if n_pieces == 0:
                return time_route(runtime)
            return await one_call(runtime, runtime.running_checks(Folder()))

        await serve(call)
        ledger.close()


def time_route(runtime: Runtime) -> float:
    """CPU seconds one decision takes."""
    began = time.process_time()
    for _ in range(N_ROUTES):
        route_of(runtime, FREE)
    return (time.process_time() - began) / N_ROUTES


class Folder:
    """A workspace of nothing."""

    roots: tuple[Path, ...] = ()
    is_trusted = False

    def read(self, path: Path) -> None:
        """No file."""
        del path


if __name__ == "__main__":
    asyncio.run(main())
