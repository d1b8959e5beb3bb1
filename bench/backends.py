"""What a call costs beside the model: our backends and the bare SDKs against one server, in turns, in one run.

Run as `python -m bench backends`. The server is the tests' fault server in a process of its own; its replies come in
as many pieces as asked, each an event of its own.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import ollama
import openai

from tierwise.backends.base import Backend, ChatMessage, ChatRequest
from tierwise.backends.options import OllamaOptions, OpenAIOptions
from tierwise.backends.registry import connect

TESTS = Path(__file__).parent.parent / "tests"
SHORT, LONG = 12, 2000
N_SHORT, N_LONG, N_ROUNDS = 40, 2, 5
N_CANCELS = 200
CPU_BOUND = 2.0
"""CPU of a call through us, which checks every byte, as a multiple of the bare SDK's."""
CANCEL_BOUND_MS = 250.0
TEXT = "say something"

Call = Callable[[], Awaitable[None]]
Cost = tuple[float, float]
"""Wall and CPU milliseconds of a call."""


class Server:
    """The fault server in another process."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        command = [sys.executable, "-m", "servers.fault"]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def order(self, order: dict[str, Any]) -> None:
        """Arrange what the server does."""
        request = urllib.request.Request(self.url + "/_control", json.dumps(order).encode(), method="POST")  # noqa: S310
        urllib.request.urlopen(request).read()  # noqa: S310

    def calls(self, query: str = "") -> list[dict[str, Any]]:
        """The record, once it is as the query wants it."""
        with urllib.request.urlopen(f"{self.url}/_control{query}") as answer:  # noqa: S310
            return cast(list[dict[str, Any]], json.load(answer)["calls"])

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def asked(model: str) -> ChatRequest:
    """A short request."""
    messages = (ChatMessage("user", TEXT),)
    return ChatRequest(model=model, messages=messages, max_output_tokens=20_000, deadline_s=60)


def ours(backend: Backend) -> Call:
    """A call through one of our backends."""

    async def call() -> None:
        await backend.complete(asked("m"), lambda _: None)

    return call


def bare_openai(url: str) -> Call:
    """A call through the openai SDK, as its manual shows it."""
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)

    async def call() -> None:
        stream = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": TEXT}],
            max_tokens=20_000,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for _ in cast(AsyncIterator[Any], stream):
            pass

    return call


def bare_ollama(url: str) -> Call:
    """A call through the ollama SDK, as its manual shows it."""
    client = ollama.AsyncClient(url)

    async def call() -> None:
        async for _ in await client.chat(model="m", messages=[{"role": "user", "content": TEXT}], stream=True):
            pass

    return call


async def measure(call: Call, n_calls: int) -> Cost:
    """Wall and CPU milliseconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(n_calls):
        await call()
    return (time.perf_counter() - wall) * 1000 / n_calls, (time.process_time() - cpu) * 1000 / n_calls


async def compare(
    server: Server, calls: dict[str, Call], n_pieces: int, n_calls: int
) -> dict[str, tuple[float, float]]:
    """Median wall and CPU of every kind of call, measured in turns."""
    text = " ".join(f"piece{number}" for number in range(n_pieces))
    server.order({"default": {"reply": text, "n_pieces": n_pieces}, "reset": True})
    server.order({"default": {"reply": text, "n_pieces": n_pieces}})
    found: dict[str, list[Cost]] = {name: [] for name in calls}
    for call in calls.values():
        await call()
    for _ in range(N_ROUNDS):
        for name, call in calls.items():
            found[name].append(await measure(call, n_calls))
    return {
        name: (statistics.median(wall for wall, _ in rows), statistics.median(cpu for _, cpu in rows))
        for name, rows in found.items()
    }


async def cancels(server: Server, backend: Backend) -> list[float]:
    """Milliseconds from a cancel to the closed socket, seen by the server; both clocks are the machine's.

    Calls that were cancelled before the server had read them are not among it.
    """
    server.order({"reset": True, "default": {"fault": "drip", "delay_s": 0.005}})
    moments: dict[str, float] = {}
    for number in range(N_CANCELS):
        task = asyncio.ensure_future(backend.complete(asked(f"m{number}"), lambda _: None))
        await asyncio.wait((task,), timeout=0.004 * (number % 10 + 1))
        moments[f"m{number}"] = time.monotonic()
        task.cancel()
        await asyncio.wait((task,))
    chats = await asyncio.to_thread(server.calls)
    while not all(chat["ended"] for chat in chats):
        chats = await asyncio.to_thread(server.calls)
    return sorted(max(0.0, chat["ended"] - moments[chat["body"]["model"]]) * 1000 for chat in chats)


async def run(server: Server) -> int:
    """Measure, print, judge."""
    openai_backend = connect(OpenAIOptions(type="openai", base_url=f"{server.url}/v1"))
    ollama_backend = connect(OllamaOptions(type="ollama", host=server.url))
    calls = {
        "openai SDK": bare_openai(server.url),
        "ours, openai": ours(openai_backend),
        "ollama SDK": bare_ollama(server.url),
        "ours, ollama": ours(ollama_backend),
    }
    worst = 0.0
    print(f"{'':14}{'pieces':>8}{'wall ms':>10}{'CPU ms':>10}{'pieces/s':>11}{'CPU ratio':>11}")
    for n_pieces, n_calls in ((SHORT, N_SHORT), (LONG, N_LONG)):
        found = await compare(server, calls, n_pieces, n_calls)
        for name, (wall, cpu) in found.items():
            base = found["openai SDK" if "openai" in name else "ollama SDK"][1]
            worst = max(worst, cpu / base)
            print(f"{name:14}{n_pieces:8}{wall:10.2f}{cpu:10.2f}{n_pieces / wall * 1000:11,.0f}{cpu / base:11.2f}")
    slowest = 0.0
    for name, backend in (("openai", openai_backend), ("ollama", ollama_backend)):
        times = await cancels(server, backend)
        p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
        slowest = max(slowest, p99)
        print(f"{name}: cancel to closed socket, {len(times)} times: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    await openai_backend.aclose()
    await ollama_backend.aclose()
    is_good = worst <= CPU_BOUND and slowest <= CANCEL_BOUND_MS
    print(f"bounds: CPU ratio ≤ {CPU_BOUND}, p99 ≤ {CANCEL_BOUND_MS:g} ms: {'kept' if is_good else 'MISSED'}")
    return 0 if is_good else 1


def main() -> int:
    """1 when a bound is missed."""
    server = Server()
    try:
        return asyncio.run(run(server))
    finally:
        server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
