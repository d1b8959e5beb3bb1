"""`python -m bench.eval_route [CASES] [--json]`, also `make eval-route`: routing real commits before they are made.

A router sees subject, body, paths and the texts before; what the diff turned out to be decides whether it was right.
Routing too low counts twice. Cases come from the path given, or from TIERWISE_CASES, or lie beside the checkout.

Rows: constant guesses and rules; the estimate fitted anew without each repository in turn, its penalty chosen without
that repository too; and the weights as shipped, on those cases only that they were not fitted to.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.fit_difficulty import FITTED_TO, nested
from tierwise.actions import Difficulty
from tierwise.evals.route_cases import RouteCase, read_route_cases
from tierwise.evals.route_score import RouteScore, score
from tierwise.routing.difficulty import Difficulties
from tierwise.routing.free_instructions import read_instruction, with_estimate
from tierwise.text import Rejection

MUST_REACH = 0.60
PUBLISHED = {
    "keyword rule (elsewhere)": 0.647,
    "naive Bayes over words (elsewhere)": 0.627,
    "logistic regression over words and characters (elsewhere)": 0.609,
}
"""Weighted errors others reached on the same kind of cases, each repository left out in turn."""
Guess = Callable[[RouteCase], Difficulty]


def constant(level: Difficulty) -> Guess:
    """Always the same level."""
    return lambda _case: level


def keyword_rule(case: RouteCase) -> Difficulty:
    """The rules alone, and what they leave open is standard."""
    reading = read_instruction(case.instruction, case.files)
    return reading.level if reading.source == "rule" else Difficulty.STANDARD


def length_rule(case: RouteCase) -> Difficulty:
    """The rule of the article the product started from: long is hard, everything else is not."""
    return Difficulty.DEEP if 2000 < len(case.instruction) else Difficulty.MECHANICAL


def shipped(case: RouteCase) -> Difficulty:
    """What `tierwise route` takes the commit for."""
    return read_instruction(case.instruction, case.files).level


def left_out(cases: Sequence[RouteCase]) -> Guess:
    """What it would take the commit for, had its repository never been seen."""
    found: dict[str, Difficulties] = nested(cases)
    return lambda case: with_estimate(case.instruction, case.files, found[case.id]).level


def rows(cases: Sequence[RouteCase]) -> dict[str, RouteScore]:
    """Every router by name; the last one that is there is the one that counts."""
    known = frozenset(FITTED_TO.read_text("utf-8").split())
    unseen = [case for case in cases if case.id not in known]
    guesses: dict[str, Guess] = {f"always {level}": constant(level) for level in Difficulty}
    guesses |= {"long is deep, else mechanical": length_rule, "rules, else standard": keyword_rule}
    found = {name: scored(cases, guess) for name, guess in guesses.items()}
    if 1 < len({case.repository for case in cases}):
        found["estimate, each repository left out"] = scored(cases, left_out(cases))
    if unseen:
        found["estimate as shipped, on unseen cases"] = scored(unseen, shipped)
    else:
        found = {"estimate as shipped, on the cases it was fitted to": scored(cases, shipped)} | found
    return found


def scored(cases: Sequence[RouteCase], guess: Guess) -> RouteScore:
    """One router's score."""
    return score([(case.truth, guess(case)) for case in cases])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when the error is over what must be reached, 2 when there are no cases."""
    parser = argparse.ArgumentParser(prog="bench.eval_route", description="Route real commits before they are made.")
    parser.add_argument("cases", nargs="?", type=Path, help="a file of cases, or the folder that holds it")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--shipped", action="store_true", help="only the shipped weights; needs no scikit-learn")
    chosen = parser.parse_args(arguments)
    cases = read_route_cases(chosen.cases)
    if isinstance(cases, Rejection):
        print(cases.detail, file=sys.stderr)
        return 2
    found = {"estimate as shipped": scored(cases, shipped)} if chosen.shipped else rows(cases)
    name, decisive = list(found.items())[-1]
    is_reached = decisive.error <= MUST_REACH
    if chosen.json:
        print(json.dumps(document(cases, found, name, is_reached)))
    else:
        show(found, name, is_reached)
    return 0 if is_reached else 1


def document(cases: Sequence[RouteCase], found: dict[str, RouteScore], name: str, is_reached: bool) -> dict[str, Any]:
    """The table as JSON, with the guess for each case."""
    guesses = [{"id": c.id, "truth": str(c.truth), "guess": str(shipped(c))} for c in cases]
    return {
        "rows": {title: asdict(one) for title, one in found.items()},
        "decisive": name,
        "mustReach": MUST_REACH,
        "isReached": is_reached,
        "shippedGuesses": guesses,
    }


def show(found: dict[str, RouteScore], name: str, is_reached: bool) -> None:
    """The table for people."""
    print(f"{'router':<58} {'n':>4} {'error':>6} {'95 %':>13} {'accuracy':>8} {'under':>6} {'over':>6}")
    for title, one in found.items():
        between = f"{one.low:.3f}–{one.high:.3f}"
        print(f"{title:<58} {one.n:>4} {one.error:>6.3f} {between:>13} {one.accuracy:>8.3f} {one.under:>6.3f} ", end="")
        print(f"{one.over:>6.3f}")
    for title, error in PUBLISHED.items():
        print(f"{title:<58} {'':>4} {error:>6.3f}")
    verdict = "reached" if is_reached else "MISSED"
    print(f"error = 2 × under + over; {name!r} must reach {MUST_REACH:.2f}: {verdict}")
    print("the economy role's share of the gain: not measured here, no such model is asked")


if __name__ == "__main__":
    raise SystemExit(main())
