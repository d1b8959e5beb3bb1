"""The tables of `bench.eval_tripwire` for people."""

from typing import Any

from tierwise.evals.tripwire_simulation import HISTORY, PATIENCE, WATCHED, Row, Swap
from tierwise.routing.tripwire import ALARM, FALSE_ALARMS

WITHIN = 120
"""A swap is to be noticed within so many samples."""
SHARE, POOLED_SHARE, PAIRS_SHARE = 4, 8, 10
"""Behind the main table stand so many times as many runs as behind the others."""
LEAST_CAUGHT = 0.95


def show(swap: Swap, found: dict[str, Any], n_runs: int) -> None:
    """What was measured on one swap."""
    before, after = swap.rates
    rates = f"not solved before {before:.1%}, after {after:.1%}"
    print(f"{len(swap.before)} questions, {rates}; {n_runs} seeded runs each:")
    print(f"{HISTORY} samples learnt from, {WATCHED} watched without a swap, then the swap; no rate is given by hand")
    print(f"a sample is drawn with replacement and tells {swap.information:.4f} nats of the change\n")
    _show_delays(found)
    _show_bound(found)
    _show_histories(found, n_runs)
    _show_pooled(found, n_runs)
    steady = ", ".join(f"{rate:.0%}: {share:.1%}" for rate, share in found["steady"].items())
    print(f"\nfalse alarms in {WATCHED} samples at other usual rates of disagreement: {steady}")


def _show_delays(found: dict[str, Any]) -> None:
    print("                                               with as many false alarms at best")
    print("alarm  false alarms    mean   95th    within    least   mean /    within")
    print(f" nats       in {WATCHED}   delay   pct.       {WITHIN}     mean    least       {WITHIN}")
    for row, best in zip(found["rows"], found["least"], strict=True):
        words = (
            f"{row.alarm:>5.1f} {row.false_alarms:>13.1%} {row.mean_delay:>7.1f} {row.p95_delay:>6} {row.caught:>9.1%}"
        )
        limits = f"{'–':>9}{'–':>9}{'–':>10}"
        if best is not None:
            limits = f"{best.mean_delay:>9.1f}{row.mean_delay / best.mean_delay:>9.2f}{best.caught:>10.1%}"
        print(words + limits + ("  ← in use" if row.alarm == ALARM else ""))


def _show_bound(found: dict[str, Any]) -> None:
    chosen: Row = next(row for row in found["rows"] if row.alarm == ALARM)
    stated = found["stated"]
    print("\nbest is Page's test told both rates, worked out and not drawn: no other has a smaller delay at its worst")
    if stated is not None:
        print(
            f"stated: {FALSE_ALARMS:.0%} in {WATCHED} samples, with which {stated.mean_delay:.1f} is the least mean"
            f" delay; that of the tripwire is {chosen.mean_delay / stated.mean_delay:.2f} × of it"
        )
    print(
        f"the formula log(samples per false alarm) / information gives {found['formula']:.1f}: only its first term,"
        " which lies above what can be had"
    )


def _show_histories(found: dict[str, Any], n_runs: int) -> None:
    print(
        f"\nThe table holds for a cell with {HISTORY + WATCHED} samples before the swap. Others,"
        f" {n_runs // SHARE} runs each,"
    )
    print(f"with what {WITHIN} samples tell to whom has to learn the usual rate from those before:")
    print(f"samples before the swap   mean delay   95th pct.   within {WITHIN}   told at most")
    for n, row in found["histories"].items():
        told = found["told"][n]
        print(f"{n:>23}   {row.mean_delay:>10.1f}   {row.p95_delay:>9}   {row.caught:>10.1%}   {told:>7.1f} nats")
    enough = [n for n, row in found["histories"].items() if row.caught < LEAST_CAUGHT]
    least = next((n for n in found["histories"] if n > max(enough, default=0)), None)
    words = "none of these histories" if least is None else f"cells with {least} samples or more behind them"
    print(f"{LEAST_CAUGHT:.0%} within {WITHIN} holds for {words}; the alarm needs {ALARM} nats")


def _show_pooled(found: dict[str, Any], n_runs: int) -> None:
    print("\nSamples spread over cells of one model, all of them swapped at once,")
    print(f"{max(1, n_runs // POOLED_SHARE)} runs each, counted in samples of the model:")
    print(
        f"cells   samples before   false alarms   within {WITHIN} by a cell alone   with all cells together"
        "   mean delay"
    )
    for one in found["pooled"]:
        print(
            f"{one.n_cells:>5}   {one.n_before:>14}   {one.false_alarms:>12.1%}   {one.caught_alone:>26.1%}"
            f"   {one.caught:>23.1%}   {one.mean_delay:>10.1f}"
        )


def show_pairs(found: list[dict[str, Any]], n_runs: int) -> None:
    """Other pairs of models."""
    samples = f"{HISTORY} + {WATCHED} samples before"
    print(f"\nOther pairs, {n_runs} runs each, {samples}; who is not noticed counts {PATIENCE}:")
    print(f"apart before  after   told by {WITHIN}   mean delay   within {WITHIN}   false alarms   swap")
    for one in found:
        print(
            f"{one['rates'][0]:>12.1%} {one['rates'][1]:>6.1%} {one['told']:>8.1f} nats {one['mean_delay']:>12.1f}"
            f" {one['caught']:>12.1%} {one['false_alarms']:>14.1%}   {one['before']} → {one['after']}"
        )
    print(f"a change of which {WITHIN} samples tell less than the alarm's {ALARM} nats is rarely noticed in them")
