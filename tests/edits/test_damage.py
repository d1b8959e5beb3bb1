"""Real files, real kinds of damage: an edit is carried out exactly or refused, never done wrongly."""

import random
from collections import Counter

import pytest

from edits.damage import DAMAGE, SHAPES, block_reply, make_case, other_replies
from tierwise.edits import apply_reply
from tierwise.text import Rejection


def outcome(reply: str, base: dict[str, str], after: dict[str, str], note: str) -> str:
    """Whether a reply was done or refused; anything else is the failure of the test."""
    result = apply_reply(reply, base)
    if isinstance(result, Rejection):
        return "refused"
    assert dict(result.files) == after, note
    return "done"


def check_damage(kind: str, n_cases: int, first_seed: int = 0) -> None:
    """Run cases of one kind of damage over all shapes of documents; nearly all must be done."""
    outcomes: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + n_cases):
        rng = random.Random(seed)  # noqa: S311 - a test that can be repeated.
        case = make_case(rng)
        damaged = DAMAGE[kind](list(case.quote), list(case.new), rng)
        if damaged is None:
            continue
        shape = SHAPES[rng.choice(list(SHAPES))]
        base = {case.path: shape(case.before)}
        if rng.random() < 0.5:
            base["other.py"] = "x = 1\n"
        reply = block_reply(case.path, *damaged, rng)
        outcomes[outcome(reply, base, {case.path: shape(case.after)}, f"{kind}, seed {seed}")] += 1
    assert outcomes["refused"] <= max(0.05 * outcomes.total(), 1), outcomes


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_blocks(kind: str) -> None:
    check_damage(kind, 10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_blocks_at_length(kind: str) -> None:
    check_damage(kind, 400, first_seed=1_000)


def check_other_forms(n_cases: int, first_seed: int = 0) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + n_cases):
        rng = random.Random(seed)  # noqa: S311 - a test that can be repeated.
        case = make_case(rng)
        shape = SHAPES[rng.choice(list(SHAPES))]
        for form, reply in other_replies(case, rng):
            base, after = {case.path: shape(case.before)}, {case.path: shape(case.after)}
            outcomes[outcome(reply, base, after, f"{form}, seed {seed}")] += 1
    assert outcomes["refused"] <= max(0.03 * outcomes.total(), 1), outcomes


def test_other_forms() -> None:
    check_other_forms(20)


@pytest.mark.slow
def test_other_forms_at_length() -> None:
    check_other_forms(800, first_seed=1_000)
