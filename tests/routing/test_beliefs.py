"""Beliefs: priors, what outcomes do to them, and how they fade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.candidates import BULK, LOCAL, TOP, candidate, lets_through
from tierwise.actions import Difficulty
from tierwise.routing.beliefs import (
    HALF_LIFE_DAYS,
    NO_BELIEFS,
    Beliefs,
    Cell,
    Known,
    OutcomeCount,
    Size,
    learn,
    size_of,
)
from tierwise.routing.check_strength import PERFECT, CheckStrength, strength_of
from tierwise.routing.priors import MODEL_SKILLS, TIER_SKILLS, prior_chance
from tierwise.routing.tiers import MODEL_TIERS, Tier

CELL = Cell(action="document", language="python", size="small")
STANDARD = Difficulty.STANDARD


def seen(accepted: float, rejected: float, **more: object) -> OutcomeCount:
    """Outcomes of the bulk model on `document` in Python."""
    values: dict[str, object] = {"action": "document", "language": "python", "ref": BULK.ref, "size": "small"} | more
    return OutcomeCount(n_accepted=accepted, n_rejected=rejected, **values)  # type: ignore[arg-type]


def learnt(*outcomes: OutcomeCount, strength: CheckStrength = PERFECT) -> Beliefs:
    """Beliefs after these, judged by checks of one strength."""
    known = {(one.action, one.language): Known(level=STANDARD, strength=strength) for one in outcomes}
    return learn(outcomes, {BULK.ref: Tier.BULK, LOCAL.ref: Tier.LOCAL}, known)


def chance(beliefs: Beliefs, **more: object) -> float:
    """What is believed of the bulk model."""
    values: dict[str, object] = {"action": "document", "language": "python", "size": "small"} | more
    return beliefs.chance(BULK, Cell(**values), STANDARD)  # type: ignore[arg-type]


def test_without_outcomes_the_priors_hold() -> None:
    for tier, one in ((Tier.LOCAL, LOCAL), (Tier.BULK, BULK), (Tier.TOP, TOP)):
        assert NO_BELIEFS.chance(one, CELL, STANDARD) == TIER_SKILLS[tier].standard


def test_priors_know_models_by_name_and_rise_with_the_tier() -> None:
    assert prior_chance("qwen3-14b", Tier.LOCAL, STANDARD) == 0.459
    assert prior_chance("Qwen2.5-Coder:32B-instruct-q4", Tier.LOCAL, Difficulty.DEEP) == 0.164
    assert prior_chance("glm-5.1", Tier.BULK, Difficulty.DEEP) == TIER_SKILLS[Tier.BULK].deep
    for level in Difficulty:
        by_tier = [prior_chance("nobody measured this", tier, level) for tier in MODEL_TIERS]
        assert by_tier == sorted(by_tier)
    pieces = [piece for piece, _ in MODEL_SKILLS]
    for i, piece in enumerate(pieces):
        assert not any(earlier in piece for earlier in pieces[:i]), f"{piece!r} is never reached"


def test_many_outcomes_outweigh_the_prior() -> None:
    assert chance(learnt(seen(900, 100))) == pytest.approx(0.9, abs=0.02)
    assert chance(learnt(seen(100, 900))) == pytest.approx(0.1, abs=0.02)


def test_a_cell_leans_on_the_wider_ones_around_it() -> None:
    beliefs = learnt(seen(190, 10, language="go", size="large"))
    prior = chance(NO_BELIEFS)
    same, other_size = chance(beliefs, language="go", size="large"), chance(beliefs, language="go", size="small")
    other_language, other_action = chance(beliefs, language="lua"), chance(beliefs, action="refactor", language="lua")
    assert prior < other_action <= other_language <= other_size <= same
    assert beliefs.chance(LOCAL, CELL, STANDARD) == TIER_SKILLS[Tier.LOCAL].standard


def test_outcomes_fade() -> None:
    fresh, old = learnt(seen(20, 0)), learnt(seen(20, 0, age_days=HALF_LIFE_DAYS))
    ancient = learnt(seen(20, 0, age_days=20 * HALF_LIFE_DAYS))
    assert chance(NO_BELIEFS) < chance(old) < chance(fresh)
    assert chance(ancient) == pytest.approx(chance(NO_BELIEFS), abs=0.001)
    assert old.n_seen(BULK, "document") == pytest.approx(10)


def test_what_a_blind_check_accepts_teaches_nothing() -> None:
    blind, sharp = learnt(seen(200, 0), strength=lets_through(1.0)), learnt(seen(200, 0))
    assert chance(blind) == pytest.approx(chance(NO_BELIEFS), abs=0.01)
    assert chance(sharp) > 0.95


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1), st.floats(0, 0.3))
def test_chances_stay_chances_and_rise_with_acceptance(
    accepted: int, rejected: int, slips: float, refuses: float
) -> None:
    strength = lets_through(slips, refuses)
    found = chance(learnt(seen(accepted, rejected), strength=strength))
    assert 0 < found < 1
    if slips + refuses < 1:
        assert found <= chance(learnt(seen(accepted + 5, rejected), strength=strength)) + 1e-9


def test_models_and_actions_nobody_knows_are_left_out() -> None:
    known = {("document", "python"): Known(level=STANDARD, strength=PERFECT)}
    outcomes = [seen(50, 0, ref="b/gone"), seen(50, 0, action="gone"), seen(50, 0, language="gone"), seen(0, 0)]
    assert learn(outcomes, {BULK.ref: Tier.BULK}, known) == NO_BELIEFS


@pytest.mark.parametrize(("tokens", "size"), [(0, "small"), (999, "small"), (1000, "medium"), (4000, "large")])
def test_sizes(tokens: int, size: Size) -> None:
    assert size_of(tokens) == size


def test_checks_are_as_strong_as_their_language_lets_them() -> None:
    from tierwise.actions import CATALOGUE

    by_id = {action.id: action for action in CATALOGUE}
    tests = by_id["write_tests"].checks
    python, lua = strength_of(tests, "python"), strength_of(tests, "lua")
    assert python.lets_through < strength_of(tests, "python", can_run=False).lets_through <= lua.lets_through
    assert strength_of(by_id["format"].checks, "python").lets_through < 0.05
    assert strength_of(by_id["format"].checks, "plaintext").lets_through > 0.9
    assert strength_of((), "python") == CheckStrength(lets_through=1.0, refuses=0.0)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_accepted_and_rejected_add_up(right: float, slips: float, refuses: float) -> None:
    strength = lets_through(slips, refuses)
    accepted = strength.accepts(right)
    total = accepted * strength.right_if_accepted(right) + (1 - accepted) * strength.right_if_rejected(right)
    assert total == pytest.approx(right, abs=1e-9)


def test_an_unnamed_model_of_a_tier_is_taken_for_its_tier() -> None:
    unnamed = candidate(Tier.TOP, "something-new")
    assert NO_BELIEFS.chance(unnamed, CELL, Difficulty.DEEP) == TIER_SKILLS[Tier.TOP].deep
