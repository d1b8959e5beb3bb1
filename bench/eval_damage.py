"""Real replies damaged in ways that models damage replies: how many are still done exactly, and how many wrongly.

`make eval-edits` prints the table. Damage whose meaning stays clear must nearly always be seen through; after damage
that leaves several meanings, refusing is right. Never may anything else than what was meant be done.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence

from bench.damage import Case, Damage, on_blocks
from bench.damaged_blocks import HARD_SIDES, SIDES
from bench.damaged_forms import FORMS, HARD_FORMS
from bench.damaged_replies import HARD_REPLIES, REPLIES, stale
from tierwise.edits.apply import apply_reply
from tierwise.text import Rejection

LEAST_DONE = 0.95
MOST_WRONG = 0.006
N_PARTS = 3
"""Each kind of damage is tried on one part of the cases, and on another one with newer text of the user."""
CLEAR: dict[str, Damage] = {**{name: on_blocks(sides) for name, sides in SIDES.items()}, **REPLIES, **FORMS}
HARD: dict[str, Damage] = {
    **{name: on_blocks(sides) for name, sides in HARD_SIDES.items()},
    **HARD_REPLIES,
    **HARD_FORMS,
}


def show_damage(cases: Sequence[Case]) -> int:
    """Print a line for every kind of damage, and the sums; returns how many of the sums miss their bound."""
    cases = [case for case in cases if outcome(case) == "done"]
    sums = {name: Counter[str]() for name in ("clear", "hard")}
    print(f"\n{'damage to replies that are done without it':<46} {'n':>5} {'done':>7} {'refused':>8} {'wrong':>6}")
    for name, kinds in (("clear", CLEAR), ("hard", HARD)):
        for number, (title, damage) in enumerate(kinds.items()):
            outcomes = measured(cases[number % N_PARTS :: N_PARTS], damage, title)
            outcomes += measured(cases[(number + 1) % N_PARTS :: N_PARTS], _then_stale(damage), title)
            show(title, outcomes)
            sums[name] += outcomes
    show("all kinds whose meaning stays clear", sums["clear"])
    show("all others", sums["hard"])
    n_lost = show_left_out(cases)
    clear, both = sums["clear"], sums["clear"] + sums["hard"]
    is_done = LEAST_DONE <= clear["done"] / max(clear.total(), 1)
    is_right = both["wrong"] / max(both.total(), 1) <= MOST_WRONG
    return (not is_done) + (not is_right) + (n_lost > 0)


def show_left_out(cases: Sequence[Case]) -> int:
    """Print what becomes of files with parts left out, for every case; returns how many are done wrongly: none may."""
    damage, title = FORMS["whole: parts left out"], "parts left out, every case"
    outcomes = measured(cases, damage, title) + measured(cases, _then_stale(damage), title)
    show(title, outcomes)
    return outcomes["wrong"]


def show(title: str, outcomes: Counter[str]) -> None:
    n = max(outcomes.total(), 1)
    shares = f"{outcomes['done'] / n:>7.3f} {outcomes['refused'] / n:>8.3f} {outcomes['wrong'] / n:>6.3f}"
    print(f"{title:<46} {outcomes.total():>5} {shares}")


def outcome(case: Case) -> str:
    """`done`, `refused`, or `wrong` when the files are neither as expected nor as they were."""
    result = apply_reply(case.reply, case.base, case.current)
    if isinstance(result, Rejection):
        return "refused" if case.expected != case.current else "done"
    files: dict[str, str | None] = {**case.current, **result.files}
    if {path: text for path, text in files.items() if text is not None} == case.expected:
        return "done"
    return "wrong" if result.files else "refused"


def measured(cases: Iterable[Case], damage: Damage, name: str) -> Counter[str]:
    """How many of the cases that the damage has a hold on come to which outcome."""
    damaged = [damage(case, random.Random(f"{name} {case.name}")) for case in cases]
    return Counter(outcome(case) for case in damaged if case is not None)


def _then_stale(damage: Damage) -> Damage:
    def both(case: Case, rng: random.Random) -> Case | None:
        damaged = damage(case, rng)
        return None if damaged is None else stale(damaged, rng)

    return both
