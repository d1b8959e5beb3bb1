"""`python -m bench.eval_policy [OUTCOMES] [--json] [--full]`, also `make eval-policy`: the policy on known outcomes.

EDIT-Bench says which of three models solves which of 540 edit requests of editor users. The policy routes them, told
nothing of a request but all of how often its checks err; it learns from one half and is measured on the other, both
ways round. Beside it stand baselines with the same checks, and what the checks of Tierwise really let through.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.check_errors import Measured, measure_checks, show_checks
from tierwise.config.prices import PriceTable
from tierwise.evals.policy_outcomes import MODELS, Question, halves, read_questions
from tierwise.evals.policy_replay import ESTIMATE, Cell, Result, beliefs_from, candidates, run_cell, sweep
from tierwise.evals.route_cases import default_folder
from tierwise.routing.check_strength import CheckStrength
from tierwise.routing.money import Price, format_money
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection

CATALOG = {
    Tier.LOCAL: "openrouter/qwen/qwen3-14b",
    Tier.BULK: "openrouter/z-ai/glm-4.6",
    Tier.TOP: "openrouter/anthropic/claude-sonnet-4",
}
"""The models as the price table names them, all with one provider so that prices compare."""
POINT = 0.01
SHOWN_IN_FULL = (0.0, 0.2, 0.5, 0.95)


def prices() -> dict[Tier, Price]:
    """What the three models charge. Raises LookupError for one the table does not know."""
    table = PriceTable()
    table.warm()
    found = {tier: table.price_named(name) for tier, name in CATALOG.items()}
    known = {tier: price for tier, price in found.items() if price is not None}
    if len(known) < len(found):
        raise LookupError(f"the price table lacks one of {', '.join(CATALOG.values())}")
    return known


def directions(questions: Sequence[Question]) -> dict[str, list[Cell]]:
    """The whole sweep, learnt on either half and measured on the other."""
    first, second = halves(questions)
    who = candidates(prices())
    found = {}
    for name, learnt_on, measured_on in (("first → second", first, second), ("second → first", second, first)):
        beliefs = beliefs_from(learnt_on, who)
        found[name] = [run_cell(beliefs, measured_on, who, strength) for strength in sweep()]
    return found


def missed(cells: Sequence[Cell]) -> list[str]:
    """What must hold and does not, in words."""
    faults = []
    for cell in cells:
        at = f"{cell.strength.lets_through:.0%} let through, {cell.strength.refuses:.0%} refused"
        if POINT < cell.gap:
            faults.append(f"{at}: a mix of baselines solves {100 * cell.gap:.1f} points more for the same money")
        if cell.strength.refuses == 0 and cell.strength.lets_through == 0:
            short = cell.oracle.solved - cell.policy.solved
            if POINT < short:
                faults.append(f"{at}: {100 * short:.1f} points below the bound")
        if cell.strength.refuses == 0 and cell.strength.lets_through <= 0.2:
            if cell.policy.solved < cell.top.solved:
                faults.append(f"{at}: solves less than always top")
            if 0.5 * cell.top.pico_usd < cell.policy.pico_usd:
                part = cell.policy.pico_usd / cell.top.pico_usd
                faults.append(f"{at}: takes {part:.1%} of the money of always top")
    return faults


def show(name: str, cells: Sequence[Cell], *, is_full: bool) -> None:
    """One direction for people: a line for each pair of error rates, then whole tables for some of them."""
    print(f"\nlearnt → measured: {name}")
    print("  let   re-   ladder        solved  money  of top    top share of    calls  best mix, same money")
    print("through fused                  %   /100   money %  calls=tokens money  each  of baselines     gap")
    for cell in cells:
        policy, strength = cell.policy, cell.strength
        ladder = " / ".join("".join(tier[0] for tier in tiers) for tiers in cell.ladders)
        part = policy.pico_usd / cell.top.pico_usd
        print(
            f"  {strength.lets_through:>4.0%} {strength.refuses:>5.0%}   {ladder:<12} {100 * policy.solved:>6.1f} "
            f"{_per_hundred(policy):>6} {100 * part:>8.1f} {policy.top_calls:>11.0%} {policy.top_money:>8.0%} "
            f"{policy.attempts:>6.2f} {100 * cell.frontier:>12.1f} {100 * cell.gap:>+8.1f}"
        )
    for cell in cells:
        if is_full or (cell.strength.refuses == 0 and cell.strength.lets_through in SHOWN_IN_FULL):
            show_cell(cell)


def show_cell(cell: Cell) -> None:
    """The policy and every baseline at one pair of error rates."""
    strength = cell.strength
    print(f"\n  {strength.lets_through:.0%} of wrong edits let through, {strength.refuses:.0%} of right ones refused")
    print(f"  {'':<14} {'solved':>7} {'wrong':>7} {'$/100':>7} {'calls':>6} {'top calls':>10} {'top money':>10}")
    for one in (*cell.baselines, cell.oracle, cell.policy):
        print(
            f"  {one.name:<14} {one.solved:>7.1%} {one.wrong:>7.1%} {_per_hundred(one):>7} {one.attempts:>6.2f} "
            f"{one.top_calls:>10.0%} {one.top_money:>10.0%}"
        )


def _per_hundred(result: Result) -> str:
    return f"{result.pico_usd * 100 / 10**12:.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when something that must hold does not, 2 when there are no outcomes."""
    parser = argparse.ArgumentParser(prog="bench.eval_policy", description="The policy on known outcomes.")
    parser.add_argument("outcomes", nargs="?", type=Path, help="a file of outcomes, or the folder that holds it")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--full", action="store_true", help="every baseline at every pair of error rates")
    chosen = parser.parse_args(arguments)
    questions = read_questions(chosen.outcomes)
    if isinstance(questions, Rejection):
        print(questions.detail, file=sys.stderr)
        return 2
    found = directions(questions)
    faults = [f"{name}: {fault}" for name, cells in found.items() for fault in missed(cells)]
    measured = measure_checks(default_folder())
    if chosen.json:
        print(json.dumps(document(found, faults, measured)))
        return 1 if faults else 0
    show_head(questions)
    for name, cells in found.items():
        show(name, cells, is_full=chosen.full)
    show_checks(measured)
    print("\n" + "\n".join(f"MISSED {fault}" for fault in faults) if faults else "\neverything that must hold holds")
    return 1 if faults else 0


def show_head(questions: Sequence[Question]) -> None:
    """What is replayed, and how it was split."""
    who = ", ".join(f"{tier} = {model}" for tier, model in MODELS.items())
    print(f"{len(questions)} questions; {who}")
    for tier, price in prices().items():
        each = format_money(ESTIMATE.cost(price))
        tokens = f"{ESTIMATE.input_tokens} tokens in, {ESTIMATE.output_tokens} out"
        print(f"  a call of {tier}: {each} ({tokens}; {price.source})")
    print(
        "halves: sorted by the mean share of tests all 44 models pass; of every four the outer two, and the inner two"
    )
    print("ladders: l = local, b = bulk, t = top; two of them take turns where they are equally good")
    print("every router has the same checks; the oracle knows who is right and pays for nobody else")


def document(found: dict[str, list[Cell]], faults: Sequence[str], measured: Sequence[Measured]) -> dict[str, Any]:
    """Everything as JSON."""
    return {
        "directions": {name: [cell_json(cell) for cell in cells] for name, cells in found.items()},
        "missed": list(faults),
        "checks": [asdict(one) for one in measured],
    }


def cell_json(cell: Cell) -> dict[str, Any]:
    """One pair of error rates."""
    strength: CheckStrength = cell.strength
    return {
        "letsThrough": strength.lets_through,
        "refuses": strength.refuses,
        "ladders": [[str(tier) for tier in tiers] for tiers in cell.ladders],
        "policy": asdict(cell.policy),
        "baselines": [asdict(one) for one in cell.baselines],
        "oracle": asdict(cell.oracle),
        "frontier": cell.frontier,
        "gap": cell.gap,
    }


if __name__ == "__main__":
    raise SystemExit(main())
