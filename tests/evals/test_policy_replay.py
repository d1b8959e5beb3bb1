"""The replay of the policy: exact averages over the checks' errors, and what must hold on the real outcomes."""

import itertools
import random

import pytest

from tierwise.evals.policy_outcomes import Question, halves, read_questions
from tierwise.evals.policy_replay import (
    ESTIMATE,
    beliefs_from,
    candidates,
    frontier_at,
    oracle,
    replay,
    request_with,
    run_cell,
)
from tierwise.routing.baselines import cascade_route, fixed_route
from tierwise.routing.check_strength import PERFECT, CheckStrength
from tierwise.routing.money import Price
from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.text import Rejection

WHO = candidates(
    {
        Tier.LOCAL: Price(input=100_000, output=220_000),
        Tier.BULK: Price(input=600_000, output=2_200_000),
        Tier.TOP: Price(input=3_000_000, output=15_000_000),
    }
)
"""Prices of qwen3-14b, glm-4.6 and claude-sonnet-4."""
COSTS = [ESTIMATE.cost(one.price) or 0 for one in WHO]


def questions(*solved: str) -> tuple[Question, ...]:
    """Questions by who solves them: `l`, `b`, `t`."""
    return tuple(
        Question(id=str(i), ease=0.5, is_solved={tier: tier[0] in who for tier in MODEL_TIERS})
        for i, who in enumerate(solved)
    )


def test_a_perfect_cascade_is_the_bound() -> None:
    asked = questions("lbt", "bt", "t", "")
    request = request_with(PERFECT, beliefs_from(asked, WHO))
    result = replay("cascade", [cascade_route(request, WHO)], asked, PERFECT)
    assert (result.solved, result.wrong) == (0.75, 0.0)
    assert result.attempts == (1 + 2 + 3 + 3) / 4
    assert result.pico_usd == pytest.approx((4 * COSTS[0] + 3 * COSTS[1] + 2 * COSTS[2]) / 4)
    best = oracle(asked, WHO)
    assert (best.solved, best.pico_usd) == (0.75, sum(COSTS) / 4)


def test_figures_are_the_averages_that_sampling_comes_to() -> None:
    asked = questions("lbt", "bt", "t", "", "l", "b")
    strength = CheckStrength(lets_through=0.3, refuses=0.2)
    request = request_with(strength, beliefs_from(asked, WHO))
    exact = replay("cascade", [cascade_route(request, WHO)], asked, strength)
    chance = random.Random(3)  # noqa: S311 - a simulation.
    n_rounds, solved, calls = 4000, 0, 0
    for question, _ in itertools.product(asked, range(n_rounds)):
        for one in WHO:
            calls += 1
            is_right = question.is_solved[one.tier]
            if chance.random() < (0.8 if is_right else 0.3):
                solved += is_right
                break
    n = len(asked) * n_rounds
    assert exact.solved == pytest.approx(solved / n, abs=0.01)
    assert exact.attempts == pytest.approx(calls / n, abs=0.02)


def test_the_frontier_is_the_best_mix() -> None:
    asked = questions("lbt", "bt", "t", "")
    request = request_with(PERFECT, beliefs_from(asked, WHO))
    low, high = (replay(t, [fixed_route(request, WHO, t)], asked, PERFECT) for t in (Tier.LOCAL, Tier.TOP))
    assert frontier_at([low, high], 0) == 0
    assert frontier_at([low, high], low.pico_usd) == low.solved
    assert frontier_at([low, high], (low.pico_usd + high.pico_usd) / 2) == pytest.approx((low.solved + high.solved) / 2)
    assert frontier_at([low, high], 2 * high.pico_usd) == high.solved


def real_questions() -> tuple[Question, ...]:
    """The questions of EDIT-Bench, if they are at hand."""
    found = read_questions()
    if isinstance(found, Rejection):
        pytest.skip(found.detail)
    return found


def test_the_halves_are_equally_hard_and_share_nothing() -> None:
    asked = real_questions()
    first, second = halves(asked)
    assert len(first) == len(second) == len(asked) / 2
    assert {q.id for q in first} | {q.id for q in second} == {q.id for q in asked}
    assert sum(q.ease for q in first) == pytest.approx(sum(q.ease for q in second), rel=0.01)


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(("slips", "refuses"), [(0.0, 0.0), (0.2, 0.0), (0.5, 0.05), (0.95, 0.1)])
def test_no_mix_of_baselines_beats_the_policy_on_questions_it_has_not_seen(
    slips: float, refuses: float, is_turned: bool
) -> None:
    learnt_on, measured_on = halves(real_questions())[:: -1 if is_turned else 1]
    strength = CheckStrength(lets_through=slips, refuses=refuses)
    cell = run_cell(beliefs_from(learnt_on, WHO), measured_on, WHO, strength)
    assert cell.gap <= 0.01
    if slips == 0:
        assert cell.oracle.solved - cell.policy.solved <= 0.01
    if slips <= 0.2:
        assert cell.top.solved <= cell.policy.solved
        assert cell.policy.pico_usd <= 0.5 * cell.top.pico_usd
    if slips > 0.9:
        assert all(tiers[0] is not Tier.LOCAL for tiers in cell.ladders)
