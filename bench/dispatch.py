"""What our dispatch costs beside LiteLLM's Router and the bare openai SDK, at one server, in turns, in one run.

Run as `python -m bench dispatch`. Each is a process of its own that is measured by the same code; LiteLLM lives in an
environment of its own, `.make/litellm`, which `make bench` fills.
"""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LITELLM = ROOT / ".make" / "litellm" / "bin" / "python"
SHORT, LONG = 12, 2000
N_ROUNDS = 5
N_CALLS, N_AT_ONCE, N_LONG = 24, 16, 1
CPU_BOUND, THROUGHPUT_BOUND, STREAM_BOUND, FIRST_BOUND_MS, ROUTE_BOUND_MS = 1.0, 2.0, 0.8, 5.0, 0.3


class Worker:
    """A process that makes calls in one way."""

    def __init__(self, python: str | Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [python, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        )
        while self._read() != "ready\n":
            pass

    def measure(self, *, calls: int, at_once: int, pieces: int) -> dict[str, float]:
        """Figures of so many calls."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"calls": calls, "at_once": at_once, "pieces": pieces}) + "\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._read())
        return found

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a worker has ended")
        return line


@dataclass(frozen=True)
class Figures:
    """Medians of all rounds."""

    cpu_ms: float
    first_ms: float
    calls_per_s: float
    pieces_per_s: float


def main() -> int:
    """Measure, print, judge; 1 when a bound is missed."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "lean_server.py")], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    workers = {
        "openai SDK": Worker(sys.executable, "-m", "bench.sdk_worker", port),
        "ours": Worker(sys.executable, "-m", "bench.our_worker", port),
    }
    if LITELLM.exists():
        workers["LiteLLM Router"] = Worker(LITELLM, "bench/peers/litellm_worker.py", port)
    else:
        print("LiteLLM is not installed, its row stays empty; `make bench SECTION=dispatch` installs it")
    try:
        figures = measure(workers)
        route = workers["ours"].measure(calls=15, at_once=1, pieces=0)["first_s"] * 1000
    finally:
        for worker in workers.values():
            worker.stop()
        server.kill()
        server.wait()
    print_table(figures)
    return judge(figures, route)


def measure(workers: dict[str, Worker]) -> dict[str, Figures]:
    """All of them in turns."""
    rows: dict[str, list[Figures]] = {name: [] for name in workers}
    for worker in workers.values():
        worker.measure(calls=10, at_once=4, pieces=SHORT)
        worker.measure(calls=1, at_once=1, pieces=LONG)
    for _ in range(N_ROUNDS):
        for name, worker in workers.items():
            single = worker.measure(calls=N_CALLS, at_once=1, pieces=SHORT)
            crowd = worker.measure(calls=4 * N_CALLS, at_once=N_AT_ONCE, pieces=SHORT)
            long = worker.measure(calls=N_LONG, at_once=1, pieces=LONG)
            rows[name].append(
                Figures(
                    cpu_ms=single["cpu_s"] * 1000,
                    first_ms=single["first_s"] * 1000,
                    calls_per_s=1 / crowd["wall_s"],
                    pieces_per_s=LONG / long["wall_s"],
                )
            )
    return {name: _medians(found) for name, found in rows.items()}


def _medians(found: list[Figures]) -> Figures:
    values: dict[str, Any] = {
        name: statistics.median(getattr(one, name) for one in found) for name in Figures.__dataclass_fields__
    }
    return Figures(**values)


def print_table(figures: dict[str, Figures]) -> None:
    """A row for each way."""
    print(f"{'':16}{'CPU ms/call':>12}{'first ms':>10}{f'{N_AT_ONCE} at once/s':>15}{'pieces/s':>11}")
    for name, one in figures.items():
        print(f"{name:16}{one.cpu_ms:12.2f}{one.first_ms:10.2f}{one.calls_per_s:15,.0f}{one.pieces_per_s:11,.0f}")


def judge(figures: dict[str, Figures], route_ms: float) -> int:
    """Print each bound and whether it is kept."""
    ours, sdk, peer = figures["ours"], figures["openai SDK"], figures.get("LiteLLM Router")
    added = ours.first_ms - sdk.first_ms
    bounds = [
        (f"pieces/s, of the SDK's: {ours.pieces_per_s / sdk.pieces_per_s:.2f} ≥ {STREAM_BOUND}",
         STREAM_BOUND <= ours.pieces_per_s / sdk.pieces_per_s),
        (f"added to the first piece: {added:.2f} ms ≤ {FIRST_BOUND_MS:g} ms", added <= FIRST_BOUND_MS),
        (f"a decision: {route_ms:.3f} ms ≤ {ROUTE_BOUND_MS:g} ms", route_ms <= ROUTE_BOUND_MS),
    ]  # fmt: skip
    if peer is not None:
        cpu, calls = ours.cpu_ms / peer.cpu_ms, ours.calls_per_s / peer.calls_per_s
        bounds += [
            (f"CPU of a call, of LiteLLM's: {cpu:.2f} ≤ {CPU_BOUND:g}", cpu <= CPU_BOUND),
            (f"calls/s with {N_AT_ONCE} at once, of LiteLLM's: {calls:.2f} ≥ {THROUGHPUT_BOUND:g}",
             THROUGHPUT_BOUND <= calls),
        ]  # fmt: skip
    for words, is_kept in bounds:
        print(f"{'kept  ' if is_kept else 'MISSED'} {words}")
    return 0 if all(is_kept for _, is_kept in bounds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
