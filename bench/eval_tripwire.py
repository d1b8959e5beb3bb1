"""`python -m bench.eval_tripwire [OUTCOMES] [--runs N] [--json]`, also `make eval-tripwire`: a swap behind a name.

glm-4.6 is swapped for glm-4.5 (305 → 157 of 540 solved). Printed are the delay until the tripwire notices against its
false alarms, beside the bound of information theory and the fastest test that is told both rates; how the delay
depends on how much was learnt before; and false alarms at other usual rates.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tierwise.evals.tripwire_simulation import (
    WATCHED,
    Row,
    Swap,
    height_for,
    knowing_scores,
    read_swap,
    runs,
    summarized,
    tripwire_scores,
)
from tierwise.routing.tripwire import ALARM, FALSE_ALARMS, LEARNT
from tierwise.text import Rejection

HEIGHTS = (5.0, 6.0, 7.0, 8.0, ALARM, 10.0)
HISTORIES = (LEARNT, 200, 300, 500, 1000, 2000)
OTHER_RATES = (0.02, 0.1, 0.3, 0.6, 0.9)
WITHIN = 120
LEAST_CAUGHT = 0.95
FACTOR = 1.3


def measure(swap: Swap, n_runs: int) -> dict[str, Any]:
    """Everything that is printed."""
    paths = runs(swap, tripwire_scores, n_runs=n_runs, seed="swap")
    knowing = runs(swap, knowing_scores(swap), n_runs=n_runs, seed="knowing")
    rows = [summarized(paths, height, WITHIN) for height in HEIGHTS]
    best = [summarized(knowing, height_for(knowing, row.false_alarms), WITHIN) for row in rows]
    n_fewer = max(1, n_runs // 4)
    return {
        "rows": rows,
        "best": best,
        "stated": swap.bound(FALSE_ALARMS),
        "histories": {
            n: summarized(runs(swap, tripwire_scores, n_runs=n_fewer, n_before=n, seed=f"after {n}"), ALARM, WITHIN)
            for n in HISTORIES
        },
        "steady": {rate: _false_alarms(rate, n_fewer) for rate in OTHER_RATES},
    }


def _false_alarms(rate: float, n_runs: int) -> float:
    n = 1000
    column = tuple(i >= rate * n for i in range(n))
    return summarized(runs(Swap(column, column), tripwire_scores, n_runs=n_runs, seed=f"{rate}"), ALARM).false_alarms


def missed(found: dict[str, Any]) -> list[str]:
    """What must hold and does not."""
    chosen: Row = next(row for row in found["rows"] if row.alarm == ALARM)
    faults = []
    if FALSE_ALARMS < chosen.false_alarms:
        faults.append(f"{chosen.false_alarms:.1%} of runs are raised within {WATCHED} samples without a swap")
    if chosen.caught < LEAST_CAUGHT:
        faults.append(f"only {chosen.caught:.1%} of swaps are noticed within {WITHIN} samples")
    if FACTOR * found["stated"] < chosen.mean_delay:
        faults.append(f"the mean delay is {chosen.mean_delay:.1f}, over {FACTOR} × {found['stated']:.1f}")
    return faults


def show(swap: Swap, found: dict[str, Any], n_runs: int) -> None:
    """The tables for people."""
    before, after = swap.rates
    print(
        f"{len(swap.before)} questions, not solved before {before:.1%}, after {after:.1%}; {n_runs} seeded runs each:"
    )
    print(f"{LEARNT} samples learnt from, {WATCHED} watched without a swap, then the swap; no rate is given by hand")
    print(f"a sample is drawn with replacement and tells {swap.information:.4f} nats of the change\n")
    print("alarm  false alarms   mean    95th   within   bound   mean /   told both rates")
    print(f" nats  in {WATCHED}       delay    pct.     {WITHIN}            bound    mean   within {WITHIN}")
    for row, best in zip(found["rows"], found["best"], strict=True):
        bound = swap.bound(row.false_alarms) if row.false_alarms else None
        mark = "  ← in use" if row.alarm == ALARM else ""
        limits = "    –       –" if bound is None else f"{bound:>6.1f}  {row.mean_delay / bound:>6.2f}"
        print(
            f"{row.alarm:>5.1f}  {row.false_alarms:>10.1%}  {row.mean_delay:>7.1f} {row.p95_delay:>7}"
            f"  {row.caught:>7.1%}  {limits}  {best.mean_delay:>7.1f}  {best.caught:>7.1%}{mark}"
        )
    chosen = next(row for row in found["rows"] if row.alarm == ALARM)
    print(
        f"\nstated: {FALSE_ALARMS:.0%} in {WATCHED} samples, for which the bound is {found['stated']:.1f};"
        f" the mean delay is {chosen.mean_delay / found['stated']:.2f} × of it"
    )
    print(f"\nof {n_runs // 4} runs each:\nsamples before the swap   mean delay   95th pct.   within 120")
    for n, row in found["histories"].items():
        print(f"{n:>23}   {row.mean_delay:>10.1f}   {row.p95_delay:>9}   {row.caught:>10.1%}")
    steady = ", ".join(f"{rate:.0%}: {share:.1%}" for rate, share in found["steady"].items())
    print(f"\nfalse alarms in {WATCHED} samples at other usual rates of disagreement: {steady}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when something that must hold does not, 2 when there are no outcomes."""
    parser = argparse.ArgumentParser(prog="bench.eval_tripwire", description="A swap behind a model's name.")
    parser.add_argument("outcomes", nargs="?", type=Path, help="a file of outcomes, or the folder that holds it")
    parser.add_argument("--runs", type=int, default=1000, help="seeded runs")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    chosen = parser.parse_args(arguments)
    swap = read_swap(path=chosen.outcomes)
    if isinstance(swap, Rejection):
        print(swap.detail, file=sys.stderr)
        return 2
    found = measure(swap, chosen.runs)
    faults = missed(found)
    if chosen.json:
        plain = {**found, "rows": list(map(asdict, found["rows"])), "best": list(map(asdict, found["best"]))}
        plain["histories"] = {n: asdict(row) for n, row in found["histories"].items()}
        print(json.dumps({**plain, "missed": faults}))
        return 1 if faults else 0
    show(swap, found, chosen.runs)
    print("\n" + "\n".join(f"MISSED {fault}" for fault in faults) if faults else "\neverything that must hold holds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
