"""What the ledger costs: booking a call, and adding up ten thousand or a million of them.

Run as `python bench/store.py`; `--rows 10000` leaves the million out.
"""

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import apsw

from tierwise.backends.base import Usage
from tierwise.routing.money import PICO_USD_PER_USD, Price, cost, format_money, usd_per_million
from tierwise.routing.tiers import Tier
from tierwise.store.checksums import row_checksum
from tierwise.store.database import Database
from tierwise.store.exports import microseconds
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.migrations import MIGRATIONS
from tierwise.store.opening import Synchronous
from tierwise.store.rows import ActionStart, AttemptEnd, AttemptStart
from tierwise.store.summaries import CHUNK_ROWS, seal
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS

APPEND_BOUND = 3.5
"""Booking a call may take this many times SQLite's bare insert of the row, whatever else the machine does."""
APPEND_BOUND_US = 50.0
"""What it may take on a machine that does nothing else."""
STATS_BOUND_MS = 300.0
FEW_ROWS = 10_000
FEW_BOUND_MS = 30.0
ACTION_NAMES = ("write_tests", "refactor", "document", "add_type_hints", "fix_diagnostic", "format")
LANGUAGES = ("python", "typescript", "go", "rust", "java")
USD_PER_MILLION = {"local": ("0", "0"), "bulk": ("1.4", "4.4"), "top": ("5.00", "25.000001")}
"""In and out, as a price list says it."""
PRICES = {
    tier: Price(input=usd_per_million(read), output=usd_per_million(written))
    for tier, (read, written) in USD_PER_MILLION.items()
}
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
PRICE = Price(input=1_400_000, output=4_400_000, cache_read=260_000, source="bench")
ACTION = ActionStart(action="write_tests", language="python", workspace="5f2a", client="bench")
ATTEMPT = AttemptStart(
    action_key="",
    tier=Tier.BULK,
    backend="zai",
    model="glm-5.1",
    price=PRICE,
    planned="first",
    reason_code="standard-difficulty",
    prompt_files=2,
    estimated_input_tokens=1800,
)
END = AttemptEnd(
    outcome="accepted",
    duration_s=4.25,
    first_token_s=0.61,
    usage=Usage(input_tokens=1740, output_tokens=612),
    cost_pico_usd=cost(PRICE, input_tokens=1740, output_tokens=612),
)


TIER, INPUT, OUTPUT = map(ATTEMPTS.columns.index, ("tier", "input_tokens", "output_tokens"))


def median_us(work: Callable[[int], object], n: int) -> float:
    """Median wall time of `work`, in microseconds."""
    times: list[float] = []
    for number in range(n):
        before = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 10**6


def computing_ms(work: Callable[[], object], n: int = 9) -> tuple[float, float]:
    """Median time of `work` in milliseconds: what its thread computed, and what a clock on the wall showed."""
    computed: list[float] = []
    passed: list[float] = []
    for _ in range(n):
        began, start = time.thread_time(), time.perf_counter()
        work()
        computed.append(time.thread_time() - began)
        passed.append(time.perf_counter() - start)
    return statistics.median(computed) * 1000, statistics.median(passed) * 1000


def time_appends(folder: Path, synchronous: Synchronous, n: int) -> int:
    """Print what one booking costs through the ledger and what the bare insert of the same row costs.

    Returns how many bounds were missed.
    """
    ledger = open_ledger(folder / f"{synchronous}.db", synchronous=synchronous)
    keys: list[str] = []
    ids: list[int] = []
    figures = {
        "begin_action": median_us(lambda _: keys.append(ledger.begin_action(ACTION)), n),
        "begin_attempt": median_us(lambda i: ids.append(ledger.begin_attempt(replace(ATTEMPT, action_key=keys[i]))), n),
        "settle_attempt": median_us(lambda i: ledger.settle_attempt(ids[i], END), n),
        "end_action": median_us(lambda i: ledger.end_action(keys[i], "applied"), n),
        "bare insert": bare_insert(folder / f"bare-{synchronous}.db", synchronous, n),
    }
    ledger.close()
    print(f"  synchronous={synchronous:7}" + "".join(f"{name} {value:6.0f} µs  " for name, value in figures.items()))
    ratio = figures["begin_attempt"] / figures["bare insert"]
    print(f"    booking a call takes {ratio:.1f} × the bare insert")
    is_slow = APPEND_BOUND < ratio and APPEND_BOUND_US < figures["begin_attempt"]
    return int(synchronous == "normal" and is_slow)


def bare_insert(path: Path, synchronous: str, n: int) -> float:
    """The floor: SQLite alone writing the same row in its own transaction."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", synchronous)
    connection.execute(MIGRATIONS[0])
    values = attempt_values(1, 0, random.Random(1))[1:]
    row = (*values, row_checksum(values))
    marks = ", ".join("?" * len(row))
    insert = f"INSERT INTO attempts ({', '.join(ATTEMPTS.columns[1:])}, crc) VALUES ({marks})"  # noqa: S608
    result = median_us(lambda _: connection.execute(insert, row), n)
    connection.close()
    return result


def attempt_values(number: int, started_us: int, chance: random.Random) -> tuple[int | str | None, ...]:
    """One call as it stands in the file: forty in a hundred local, fifty bulk, ten top."""
    tier, model = chance.choices(
        (("local", "qwen2.5-coder:7b"), ("bulk", "glm-5.1"), ("top", "claude-opus")), (40, 50, 10)
    )[0]
    price = PRICES[tier]
    outcome = chance.choices(("accepted", "rejected", "failed"), (85, 10, 5))[0]
    planned = chance.choices(("first", "escalated", "fallback", "forced"), (85, 9, 4, 2))[0]
    tokens = (chance.randrange(200, 9000), chance.randrange(20, 2000))
    duration_us = int(chance.lognormvariate(15, 0.6))
    head = (number, (number + 1) // 2, 1, started_us, 0, tier, "backend", model, planned, "standard", "", 2, tokens[0])
    prices = (price.input, price.output, None, None, "bench")
    money = cost(price, input_tokens=tokens[0], output_tokens=tokens[1])
    times = (duration_us // 5, duration_us)
    return (*head, *prices, outcome, "", "", *tokens, 0, 0, 0, *times, money)


def exact_usd(tier: str, input_tokens: int, output_tokens: int) -> Fraction:
    """What a call costs, worked out from the price list without any of our own units."""
    read, written = map(Fraction, USD_PER_MILLION[tier])
    return (read * input_tokens + written * output_tokens) / 10**6


def fill(path: Path, n_rows: int) -> tuple[Ledger, Fraction]:
    """A ledger of `n_rows` calls, two to a click, over a year; sealed as it would be after a year's use.

    Beside it the exact sum of their money in USD.
    """
    database = Database(path, "normal")
    chance = random.Random(7)
    step = timedelta(days=365) / n_rows
    exact = Fraction(0)
    for first in range(1, n_rows + 1, 10_000):
        with database.write() as connection:
            for number in range(first, min(first + 10_000, n_rows + 1)):
                started_us = microseconds(START + step * number)
                if number % 2:
                    click = (number + 1) // 2
                    names = (chance.choice(ACTION_NAMES), chance.choice(LANGUAGES), f"{chance.randrange(8):04x}")
                    texts = (*names, "bench", "applied", "")
                    ACTIONS.insert(connection, (click, f"{click:032x}", 1, started_us, *texts, started_us))
                    fate = chance.choices(("kept", "changed", "undone"), (70, 20, 10))[0]
                    FATES.insert(connection, (click, click, started_us, fate, "bulk", "backend", "glm-5.1"))
                if number % 5 == 0:
                    hit = ("exact", "bulk", "backend", "glm-5.1", 1800, 600, 5_000_000_000)
                    HITS.insert(connection, (number // 5, (number + 1) // 2, started_us, *hit))
                values = attempt_values(number, started_us, chance)
                ATTEMPTS.insert(connection, values)
                exact += exact_usd(str(values[TIER]), int(values[INPUT] or 0), int(values[OUTPUT] or 0))
    before = time.perf_counter()
    n_sealed = seal(database)
    seconds = time.perf_counter() - before
    print(f"  {n_rows:,} rows: {n_sealed} chunks sealed in {seconds:.1f} s; in use it is one in {CHUNK_ROWS} rows")
    database.close()
    return open_ledger(path, synchronous="normal"), exact


def time_stats(folder: Path, n_rows: int) -> int:
    """Print how long the figures of a big ledger take; returns how many bounds were missed."""
    missed = 0
    bound_ms = STATS_BOUND_MS if FEW_ROWS < n_rows else FEW_BOUND_MS
    path = folder / f"{n_rows}.db"
    ledger, exact = fill(path, n_rows)
    is_exact = Fraction(ledger.stats().total.pico_usd, PICO_USD_PER_USD) == exact
    missed += not is_exact
    print(f"  {n_rows:,} rows: {format_money(int(exact * PICO_USD_PER_USD))}, {'' if is_exact else 'NOT '}exact")
    for name, since in (("all", None), ("since a moment in the year", START + timedelta(days=200, hours=5))):
        cpu_ms, wall_ms = computing_ms(lambda since=since: ledger.stats(since))
        missed += bound_ms < cpu_ms
        n_calls = ledger.stats(since).total.n_calls
        print(f"  {n_rows:,} rows, {name}: stats {cpu_ms:.1f} ms computing, {wall_ms:.1f} ms, {n_calls:,} calls")
        for by in ("model", "workspace", "day"):
            cpu_ms, wall_ms = computing_ms(lambda by=by, since=since: ledger.grouped(by, since))
            missed += STATS_BOUND_MS < cpu_ms
            print(f"    by {by}: {cpu_ms:.1f} ms computing, {wall_ms:.1f} ms")
    sizes = f"{path.stat().st_size / 2**20:.0f} MiB"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {n_rows:,} rows: {sizes} on disk, {memory:.0f} MiB the most memory this process ever held")
    ledger.close()
    return missed


def main(sizes: tuple[int, ...] = (10_000, 1_000_000)) -> int:
    """Print the table; 1 when a bound is missed."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="tierwise-bench-") as name:
        print("append, median wall time")
        for synchronous in ("normal", "full"):
            missed += time_appends(Path(name), synchronous, 2000)
        print("statistics, median wall time")
        for n_rows in sizes:
            missed += time_stats(Path(name), n_rows)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(tuple(int(argument) for argument in sys.argv[1:]) or (10_000, 1_000_000)))
