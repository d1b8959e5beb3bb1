"""What an answer from the cache costs, and how often there is one: hits, misses, growth, and 10,000 simulated actions.

Run as `python -m bench cache`. Times are CPU, all threads together, since the machine may be busy with other work.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path

from bench import cache_workload
from bench.action import Folder
from tierwise.backends.base import Usage
from tierwise.config import load_config
from tierwise.dispatch import Proposal, Runtime, Task, run_action
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.booking import Booking
from tierwise.dispatch.budgets import Purse
from tierwise.dispatch.opening import open_runtime
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.recalling import recalling
from tierwise.dispatch.requesting import request_of
from tierwise.dispatch.values import FileChange
from tierwise.lsp.process import settle_memory
from tierwise.lsp.to_proto import text_edits
from tierwise.routing.policy import choose_route
from tierwise.routing.tiers import Tier
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_rows import Kept
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.rows import ActionStart
from tierwise.text import Snapshot, Span

HIT_BOUND_MS = 3.0
GROWTH_BOUND = 2.0
"""A look-up among a hundred times as many answers may take so many times as long."""
N_FILES, N_UNITS = 60, 8
SIZES = (100, 1_000, 10_000)
UNIT = (
    "def total_{i}_{n}(items, start=0):\n    total = start\n    for item in items:\n        total += item\n"
    "    return total\n\n\n"
)
START = ActionStart(action="document", language="python", workspace="5f2a", client="bench")


def code_of(number: int) -> str:
    """A module of some fifty lines."""
    return "".join(UNIT.format(i=i, n=number) for i in range(N_UNITS))


def rules() -> list[dict[str, str]]:
    """What the model says to each file."""
    answers = []
    for number in range(N_FILES):
        unit = UNIT.format(i=0, n=number).rstrip("\n") + "\n"
        head, _, body = unit.partition("\n")
        reply = f'{head}\n    """Return the sum of the items and of the start."""\n{body}'
        answers.append({"when": f"total_0_{number}\\b", "reply": f"```python\n{reply}```\n"})
    return answers


@asynccontextmanager
async def a_runtime(root: Path, ledger: Ledger, **more: object) -> AsyncIterator[Runtime]:
    """A window, which begins without a memory of clicks."""
    settings = {
        "backends": {"demo": {"type": "scripted", "script": str(root / "script.json")}},
        "tiers": {tier: {"models": [f"demo/{tier}"]} for tier in ("local", "bulk", "top")},
    }
    runtime = open_runtime(load_config(editor_settings=settings | more, trusted=True, env={}), ledger=ledger)
    try:
        yield runtime
    finally:
        await runtime.aclose()


def tasks_in(root: Path) -> list[Task]:
    """A click for each file."""
    tasks = []
    for number in range(N_FILES):
        file = root / f"sums_{number}.py"
        file.write_text(code_of(number), "utf-8")
        snapshot = Snapshot(uri=file.as_uri(), text=code_of(number), language="python", version=1)
        tasks.append(Task(action_id="document", snapshot=snapshot, selection=Span(6, 6)))
    return tasks


def edits_of(changes: tuple[FileChange, ...]) -> int:
    """Make the edits that travel to the editor; returns how many."""
    return sum(
        len(text_edits("" if change.before is None else change.before.text, change.after or "", "utf-16"))
        for change in changes
    )


async def click(runtime: Runtime, root: Path, task: Task) -> tuple[float, Proposal]:
    """CPU milliseconds of one whole click, from the command to the edits."""
    began = time.process_time()
    outcome = await run_action(runtime, task, Folder(root), lambda _progress: None)
    assert isinstance(outcome, Proposal), outcome
    assert edits_of(outcome.changes)
    return (time.process_time() - began) * 1000, outcome


async def hit(runtime: Runtime, prepared: Prepared, root: Path) -> float:
    """CPU milliseconds from the look-up to the edits: key, file, reading the reply, checks, booking, edits."""
    options = runtime.config
    booking = Booking(runtime.ledger, Purse(options.budgets, runtime.ledger), options.limits.deadline_s.action)
    await booking.begin(START)
    route = choose_route(request_of(runtime, prepared), runtime.candidates)
    run = Run(runtime=runtime, booking=booking, running=runtime.running_checks(Folder(root)), report=lambda _told: None)
    began = time.process_time()
    async with recalling(run, prepared, route, is_wanted=True) as found:
        assert found is not None
        assert edits_of(found.attempted.result.changes)  # type: ignore[union-attr]
        spent = (time.process_time() - began) * 1000
    await booking.end("proposed", "")
    return spent


async def measure_clicks(root: Path) -> int:
    """Print what clicks cost that ask, that are answered from the cache, and that find nothing; the bounds missed."""
    (root / "script.json").write_text(json.dumps(rules()), "utf-8")
    ledger = open_ledger(root / "ledger.sqlite3")
    tasks = tasks_in(root)
    async with a_runtime(root, ledger, cache={"enabled": False}) as runtime:
        without = [(await click(runtime, root, task))[0] for task in tasks]
    async with a_runtime(root, ledger) as runtime:
        missed = [(await click(runtime, root, task))[0] for task in tasks]
    async with a_runtime(root, ledger) as runtime:
        again = [await click(runtime, root, task) for task in tasks]
        assert all(outcome.attempts[0].is_cached for _, outcome in again)
    async with a_runtime(root, ledger) as runtime:
        action = runtime.action("document")
        assert action is not None
        ready = [prepare(action, task, Folder(root), runtime.is_never_sent) for task in tasks]
        hits = [await hit(runtime, one, root) for one in ready if isinstance(one, Prepared)]
    ledger.close()
    median = statistics.median
    ratio = median(hits) / HIT_BOUND_MS
    print(f"  from the look-up to the edits: {median(hits):.2f} ms, the bound is {HIT_BOUND_MS:g} ms")
    print(f"  a whole click, its context read and everything booked, answered from the cache: "
          f"{median([spent for spent, _ in again]):.2f} ms")  # fmt: skip
    print(f"  the same with a model that answers at once: {median(missed):.2f} ms; without a cache: "
          f"{median(without):.2f} ms; so looking in vain and keeping the answer adds "
          f"{median(missed) - median(without):.2f} ms")  # fmt: skip
    return int(1 < ratio)


def kept(number: int, text: str) -> Kept:
    """An answer of some kilobyte."""
    name = blake2b(str(number).encode(), digest_size=32).digest()
    usage = Usage(input_tokens=900, output_tokens=300)
    return Kept(
        key=name, scope=b"here", piece=name, task=name, tier=Tier.BULK, backend="zai", model="glm-5.1", form="span",
        text=text, usage=usage, cost_pico_usd=2_720_000_000,
    )  # fmt: skip


def measure_growth(folder: Path) -> int:
    """Print what looking and keeping cost as the file grows; returns the bounds missed."""
    chance, found = random.Random(5), {}
    for size in SIZES:
        cache = ReplyCache(folder / f"{size}.sqlite3", max_bytes=2**28, max_age=timedelta(days=30))
        for number in range(size):
            cache.put(kept(number, chance.randbytes(500).hex()))
        found[size] = _cpu_us(partial(_look, cache, size))
        vain, put = _cpu_us(partial(_look_in_vain, cache)), _cpu_us(partial(_put, cache, size))
        words = f"found {found[size]:.0f} µs, looked in vain {vain:.0f} µs, kept one more {put:.0f} µs"
        print(f"  {size:7,} answers: {words}")
        cache.close()
    cache = ReplyCache(folder / "bounded.sqlite3", max_bytes=4 * 2**20, max_age=timedelta(days=30))
    for number in range(SIZES[-1]):
        cache.put(kept(number, "x" * 1000))
    figures = cache.figures()
    cache.close()
    used = f"{figures.n_replies:,} kept, {figures.n_bytes / 2**20:.2f} MiB in use"
    print(f"  bounded to 4 MiB, after {SIZES[-1]:,} answers: {used}")
    ratio = found[SIZES[-1]] / found[SIZES[0]]
    print(f"  growth: {ratio:.2f} times as long among {SIZES[-1] // SIZES[0]} times as many, bound {GROWTH_BOUND:g}")
    return int(GROWTH_BOUND < ratio) + int(4 * 2**20 < figures.n_bytes)


def _look(cache: ReplyCache, size: int, number: int) -> None:
    assert cache.find(b"here", kept(number * 7919 % size, "").piece)


def _look_in_vain(cache: ReplyCache, number: int) -> None:
    assert not cache.find(b"here", kept(-number - 1, "").piece)


def _put(cache: ReplyCache, size: int, number: int) -> None:
    assert cache.put(kept(size + number, "x" * 1000))


def _cpu_us(work: Callable[[int], object], n: int = 300) -> float:
    began = time.process_time()
    for number in range(n):
        work(number)
    return (time.process_time() - began) / n * 10**6


def main() -> int:
    """Print everything; 1 when a bound is missed."""
    # As the server does once it has started, since otherwise every click pays for what was imported.
    settle_memory()
    with tempfile.TemporaryDirectory(prefix="tierwise-bench-") as name:
        print("a click on a module of fifty lines, median CPU")
        missed = asyncio.run(measure_clicks(Path(name)))
        print("the file alone, mean CPU")
        missed += measure_growth(Path(name))
    print("10,000 actions in the files of real commits")
    cache_workload.main()
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
