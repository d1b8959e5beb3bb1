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
from typing import Any

import apsw

from bench.store_rows import INPUT, OUTPUT, PRICES, TIER, drawn_calls, exact_usd, write_rows
from tierwise.backends.base import Usage
from tierwise.routing.money import PICO_USD_PER_USD, Price, cost, format_money
from tierwise.routing.tiers import Tier
from tierwise.store.checksums import row_checksum
from tierwise.store.database import Database
from tierwise.store.exports import microseconds
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.migrations import MIGRATIONS
from tierwise.store.opening import PAGE_BYTES, Synchronous
from tierwise.store.rows import ActionStart, AttemptEnd, AttemptStart
from tierwise.store.sealing import seal
from tierwise.store.summaries import CHUNK_ROWS
from tierwise.store.sums import DIMENSIONS
from tierwise.store.tables import TABLES

APPEND_BOUND = 3.5
"""Booking a call may take this many times SQLite's bare insert of the row, whatever else the machine does."""
APPEND_BOUND_US = 50.0
"""What it may take on a machine that does nothing else."""
STATS_BOUND_MS = 300.0
SEAL_BOUND_S = 30.0
"""What adding up a million calls that have no sums, with their clicks, hits and fates, may take a machine that does
nothing else."""
SEAL_BOUND = 6.0
"""So many times as long as reading those rows and checking their checksums it may take on any machine."""
BOOKINGS = ("begin_action", "begin_attempt", "settle_attempt", "end_action")
WAYS: tuple[Synchronous, ...] = ("normal", "soon", "full")
ROUND = 100
"""So many clicks are booked before it is the bare inserts' turn."""
WARMING_ROUNDS = 3
"""So many rounds only make the files and warm everything up."""
SAMPLED = 4
"""Every so many blocks of rows are read to tell what reading all of them takes."""
FEW_ROWS = 10_000
FEW_BOUND_MS = 30.0
YEAR_US = 365 * 24 * 60 * 60 * 10**6
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


def computing_ms(work: Callable[[], object], n: int = 9) -> tuple[float, float]:
    """What `work` took in milliseconds: the least its thread computed, and the median of a clock on the wall.

    What other programs on the machine add to a thread's computing is not ours, so that the least says most.
    """
    computed: list[float] = []
    passed: list[float] = []
    for _ in range(n):
        began, start = time.thread_time(), time.perf_counter()
        work()
        computed.append(time.thread_time() - began)
        passed.append(time.perf_counter() - start)
    return min(computed) * 1000, statistics.median(passed) * 1000


class Bookings:
    """One ledger, what it takes to book whole clicks in it, and beside it SQLite's bare insert of the same row.

    Times are what the thread computed, its system calls included, since the machine may be busy with other work; where
    a commit waits for the disk, so does nobody here.
    """

    def __init__(self, folder: Path, synchronous: Synchronous) -> None:
        self.synchronous = synchronous
        self._ledger = open_ledger(folder / f"{synchronous}.db", synchronous=synchronous)
        self._bare = apsw.Connection(str(folder / f"bare-{synchronous}.db"))
        self._bare.pragma("page_size", PAGE_BYTES)
        self._bare.pragma("journal_mode", "wal")
        # A thread syncs beside the bookings of `soon`.
        self._bare.pragma("synchronous", "normal" if synchronous == "soon" else synchronous)
        self._bare.execute(MIGRATIONS[0])
        self._times: dict[str, list[float]] = {name: [] for name in (*BOOKINGS, "bare insert")}

    def carry_out(self, n: int, *, is_counted: bool) -> None:
        """Book clicks, then insert rows."""
        clicks = [self._click() for _ in range(n)]
        values = (1, 1, microseconds(START), *drawn_calls(1, random.Random(1))[0])
        row = (*values, row_checksum(values))
        insert = f"INSERT INTO attempts VALUES (NULL, {', '.join('?' * len(row))})"  # noqa: S608
        inserts = [span(lambda: self._bare.execute(insert, row)) for _ in range(n)]
        if is_counted:
            for name, times in zip(self._times, (*zip(*clicks, strict=True), inserts), strict=True):
                self._times[name].extend(times)

    def _click(self) -> tuple[float, ...]:
        ledger, kept = self._ledger, list[Any]()
        begun = span(lambda: kept.append(ledger.begin_action(ACTION)))
        start = replace(ATTEMPT, action_key=kept[0])
        asked = span(lambda: kept.append(ledger.begin_attempt(start)))
        settled = span(lambda: ledger.settle_attempt(kept[1], END))
        return begun, asked, settled, span(lambda: ledger.end_action(kept[0], "applied"))

    def tell(self) -> int:
        """Print the medians; returns how many bounds were missed."""
        self._ledger.close()
        self._bare.close()
        empty = statistics.median(span(lambda: None) for _ in range(1000))
        medians = {name: (statistics.median(times) - empty) * 10**6 for name, times in self._times.items()}
        append, floor = medians["begin_attempt"], medians["bare insert"]
        print(f"  synchronous={self.synchronous:7}" + "".join(f"{name} {us:6.1f} µs  " for name, us in medians.items()))
        booked = self._times["begin_attempt"]
        rounds = [booked[first : first + ROUND] for first in range(0, len(booked), ROUND)]
        quietest = (min(map(statistics.median, rounds)) - empty) * 10**6
        print(
            f"    booking a call takes {append:.1f} µs, the bound is {APPEND_BOUND_US:g}; "
            f"{append / floor:.1f} × the insert; {quietest:.1f} µs in the quietest of {len(rounds)} rounds"
        )
        return int(self.synchronous == "normal" and APPEND_BOUND_US < append and APPEND_BOUND < append / floor)


def span(work: Callable[[], object]) -> float:
    """Seconds this thread computed."""
    before = time.thread_time()
    work()
    return time.thread_time() - before


def time_appends(folder: Path, n: int) -> int:
    """Print what bookings cost; returns how many bounds were missed.

    The ways of bringing them to the disk are not mixed: the thread that syncs for one would slow another one down.
    """
    missed = 0
    for synchronous in WAYS:
        way = Bookings(folder, synchronous)
        for round_number in range(WARMING_ROUNDS + n // ROUND):
            way.carry_out(ROUND, is_counted=WARMING_ROUNDS <= round_number)
        missed += way.tell()
    return missed


def fill(path: Path, n_rows: int) -> tuple[Ledger, Fraction, int]:
    """A ledger of `n_rows` calls, two to a click, over a year; sealed as it would be after a year's use.

    Beside it the exact sum of their money in USD, and how many bounds were missed.
    """
    database = Database(path, "normal")
    chance = random.Random(7)
    tokens = {tier: [0, 0] for tier in PRICES}
    for first in range(1, n_rows + 1, 10_000):
        numbers = range(first, min(first + 10_000, n_rows + 1))
        calls = drawn_calls(len(numbers), chance)
        for call in calls:
            counts = tokens[str(call[TIER])]
            counts[0] += int(call[INPUT] or 0)
            counts[1] += int(call[OUTPUT] or 0)
        with database.write():
            write_rows(database.statements, numbers, calls, microseconds(START), YEAR_US // n_rows, chance)
    missed = time_sealing(database, n_rows)
    database.close()
    return open_ledger(path, synchronous="normal"), exact_usd(tokens), missed


def time_sealing(database: Database, n_rows: int) -> int:
    """Print what adding up rows without sums takes, as after an update; returns how many bounds were missed."""
    before = time.thread_time()
    with database.read() as connection:
        for table in TABLES:
            for first in range(1, table.last_id(connection) + 1, 2048 * SAMPLED):
                table.sound_rows(connection, first, first + 2047)
    began, start = time.thread_time(), time.perf_counter()
    n_sealed = seal(database)
    cpu_s, wall_s = time.thread_time() - began, time.perf_counter() - start
    floor_s = (began - before) * SAMPLED
    print(
        f"  {n_rows:,} rows without sums: {n_sealed} chunks kept in {cpu_s:.1f} s computing, {wall_s:.1f} s; "
        f"{cpu_s / floor_s:.1f} × reading the rows; in use it is one chunk in {CHUNK_ROWS} rows"
    )
    return int(SEAL_BOUND_S < cpu_s and SEAL_BOUND < cpu_s / floor_s)


def time_stats(folder: Path, n_rows: int) -> int:
    """Print how long the figures of a big ledger take; returns how many bounds were missed."""
    missed = 0
    bound_ms = STATS_BOUND_MS if FEW_ROWS < n_rows else FEW_BOUND_MS
    path = folder / f"{n_rows}.db"
    ledger, exact, unbounded = fill(path, n_rows)
    is_exact = Fraction(ledger.stats().total.pico_usd, PICO_USD_PER_USD) == exact
    missed += unbounded + (not is_exact)
    print(f"  {n_rows:,} rows: {format_money(int(exact * PICO_USD_PER_USD))}, {'' if is_exact else 'NOT '}exact")
    for name, since in (("all", None), ("since a moment in the year", START + timedelta(days=200, hours=5))):
        cpu_ms, wall_ms = computing_ms(lambda since=since: ledger.stats(since))
        missed += bound_ms < cpu_ms
        n_calls = ledger.stats(since).total.n_calls
        print(f"  {n_rows:,} rows, {name}: stats {cpu_ms:.1f} ms computing, {wall_ms:.1f} ms, {n_calls:,} calls")
        for by in DIMENSIONS:
            cpu_ms, wall_ms = computing_ms(lambda by=by, since=since: ledger.grouped(by, since))
            missed += bound_ms < cpu_ms
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
        print("append, median of computing")
        missed += time_appends(Path(name), 2000)
        print("statistics, median")
        for n_rows in sizes:
            missed += time_stats(Path(name), n_rows)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(tuple(int(argument) for argument in sys.argv[1:]) or (10_000, 1_000_000)))
