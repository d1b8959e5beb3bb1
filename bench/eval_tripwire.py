"""`python -m bench.eval_tripwire [OUTCOMES] [--runs N] [--seed S] [--json]`, also `make eval-tripwire`: a swap.

glm-4.6 is swapped for glm-4.5 behind a name (305 → 157 of 540 solved). Printed are the delay until the tripwire notices
against its false alarms, beside the least delay there can be with as many (`tripwire_fastest`); how the delay depends
on how much was learnt before; what is noticed when the samples are spread over several cells of a model; false alarms
at other usual rates; and other pairs of models (`--before`, `--after` name one, `--pairs` says how many).

The test was made with other seeds than those it is measured with here. Exit code 1: something that must hold does not.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from math import comb
from pathlib import Path
from typing import Any

from bench.tripwire_tables import LEAST_CAUGHT, PAIRS_SHARE, POOLED_SHARE, SHARE, WITHIN, show, show_pairs
from tierwise.evals.tripwire_fastest import fastest_tests, fastest_with
from tierwise.evals.tripwire_pooling import Pooled, pooled
from tierwise.evals.tripwire_simulation import (
    HIGHEST,
    HISTORY,
    WATCHED,
    Row,
    Swap,
    model_pairs,
    read_swap,
    runs,
    summarized,
)
from tierwise.routing.tripwire import ALARM, FALSE_ALARMS, LEARNT
from tierwise.text import Rejection

HEIGHTS = (5.0, 6.0, 7.0, 8.0, 9.0, ALARM, HIGHEST)
HISTORIES = (LEARNT, 200, 300, 500, 1000, 2000)
OTHER_RATES = (0.02, 0.1, 0.3, 0.6, 0.9)
POOLED = ((1, 100), (3, 100), (3, 300), (3, 1100), (5, 100), (5, 300), (5, 1100))
"""Cells of one model, and its samples before the swap."""
FACTOR = 1.3
CHANCE = 0.001
"""Several tables are looked at: only what comes about less often than this by chance is a fault of theirs."""


def measure(swap: Swap, n_runs: int, seed: str) -> dict[str, Any]:
    """Everything that is printed."""
    paths = runs(swap, n_runs=n_runs, seed=f"{seed}/swap")
    rows = [summarized(paths, height, WITHIN) for height in HEIGHTS]
    tests = fastest_tests(swap, WITHIN)
    n_fewer = max(1, n_runs // SHARE)
    return {
        "rows": rows,
        "least": [fastest_with(tests, row.false_alarms) for row in rows],
        "stated": fastest_with(tests, FALSE_ALARMS),
        "formula": swap.formula(FALSE_ALARMS),
        "histories": {
            n: summarized(runs(swap, n_runs=n_fewer, n_before=n, seed=f"{seed}/after {n}"), ALARM, WITHIN)
            for n in HISTORIES
        },
        "told": {n: swap.told(n, WITHIN) for n in HISTORIES},
        "pooled": [
            pooled(swap, cells, n, n_runs=max(1, n_runs // POOLED_SHARE), within=WITHIN, seed=seed)
            for cells, n in POOLED
        ],
        "steady": {rate: _false_alarms(rate, n_fewer, seed) for rate in OTHER_RATES},
    }


def _false_alarms(rate: float, n_runs: int, seed: str) -> float:
    n = 1000
    column = tuple(i >= rate * n for i in range(n))
    return summarized(runs(Swap(column, column), n_runs=n_runs, n_after=0, seed=f"{seed}/{rate}"), ALARM).false_alarms


def missed(found: dict[str, Any], n_runs: int) -> list[str]:
    """What must hold and does not."""
    chosen: Row = next(row for row in found["rows"] if row.alarm == ALARM)
    stated = found["stated"]
    faults = []
    if FALSE_ALARMS < chosen.false_alarms:
        faults.append(f"{chosen.false_alarms:.1%} of runs are raised within {WATCHED} samples without a swap")
    # What even the fastest test does not notice in time is too small a change to ask for.
    if chosen.caught < LEAST_CAUGHT and (stated is None or LEAST_CAUGHT <= stated.caught):
        faults.append(f"only {chosen.caught:.1%} of swaps are noticed within {WITHIN} samples")
    if stated is not None and FACTOR * stated.mean_delay < chosen.mean_delay:
        faults.append(f"the mean delay is {chosen.mean_delay:.1f}, over {FACTOR} × {stated.mean_delay:.1f}")
    # Fewer runs stand behind these, so that only what chance does not explain counts.
    steady = {f"at a usual rate of {rate:.0%}": share for rate, share in found["steady"].items()}
    faults += [_too_many(where, share, n_runs // SHARE) for where, share in steady.items()]
    together: list[Pooled] = found["pooled"]
    where = {f"over {one.n_cells} cells, {one.n_before} samples before": one.false_alarms for one in together}
    faults += [_too_many(what, share, n_runs // POOLED_SHARE) for what, share in where.items()]
    return [fault for fault in faults if fault]


def _too_many(where: str, share: float, n_runs: int) -> str:
    n_runs = max(1, n_runs)
    n_raised = round(share * n_runs)
    fewer = sum(comb(n_runs, n) * FALSE_ALARMS**n * (1 - FALSE_ALARMS) ** (n_runs - n) for n in range(n_raised))
    is_chance = CHANCE <= 1 - fewer
    return "" if is_chance else f"{share:.1%} of {n_runs} runs are raised without a swap {where}"


def other_pairs(place: Path | None, n_pairs: int, n_runs: int, seed: str) -> list[dict[str, Any]]:
    """The same test on other pairs of the file, from small changes to large ones."""
    found = []
    for before, after in model_pairs(n_pairs, place):
        swap = read_swap(before, after, place)
        if isinstance(swap, Rejection) or not swap.is_worse:
            continue
        row = summarized(runs(swap, n_runs=n_runs, seed=f"{seed}/{before}/{after}"), ALARM, WITHIN)
        told = swap.told(HISTORY + WATCHED, WITHIN)
        found.append({"before": before, "after": after, "rates": swap.rates, "told": told, **asdict(row)})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when something that must hold does not, 2 when there are no outcomes."""
    parser = argparse.ArgumentParser(prog="bench.eval_tripwire", description="A swap behind a model's name.")
    parser.add_argument("outcomes", nargs="?", type=Path, help="a file of outcomes, or the folder that holds it")
    parser.add_argument("--before", default="glm-4.6", help="the model that is swapped")
    parser.add_argument("--after", default="glm-4.5", help="the model that takes its place")
    parser.add_argument("--pairs", type=int, default=8, help="how many other pairs are looked at")
    parser.add_argument("--runs", type=int, default=1000, help="seeded runs")
    parser.add_argument("--seed", default="reported", help="what the draws begin with")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    chosen = parser.parse_args(arguments)
    swap = read_swap(chosen.before, chosen.after, chosen.outcomes)
    if isinstance(swap, Rejection):
        print(swap.detail, file=sys.stderr)
        return 2
    if not swap.is_worse:
        words = f"{chosen.after!r} does not solve less than {chosen.before!r}, or one of them all or none"
        print(f"{words}, so there is nothing to notice", file=sys.stderr)
        return 2
    found = measure(swap, chosen.runs, chosen.seed)
    others = other_pairs(chosen.outcomes, chosen.pairs, max(1, chosen.runs // PAIRS_SHARE), chosen.seed)
    faults = missed(found, chosen.runs)
    if chosen.json:
        print(json.dumps({**_plain(found), "pairs": others, "missed": faults}))
        return 1 if faults else 0
    show(swap, found, chosen.runs)
    show_pairs(others, max(1, chosen.runs // PAIRS_SHARE))
    print("\n" + "\n".join(f"MISSED {fault}" for fault in faults) if faults else "\neverything that must hold holds")
    return 1 if faults else 0


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    plain = {**found, "histories": {n: asdict(row) for n, row in found["histories"].items()}}
    for name in ("rows", "least", "pooled"):
        plain[name] = [None if one is None else asdict(one) for one in found[name]]
    return {**plain, "stated": None if found["stated"] is None else asdict(found["stated"])}


if __name__ == "__main__":
    sys.exit(main())
