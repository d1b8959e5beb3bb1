"""What a ladder is expected to come to."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.candidates import lets_through
from tierwise.actions import Difficulty
from tierwise.routing.check_strength import PERFECT
from tierwise.routing.worth import DEFAULT_STAKES, Rung, Worth, worth_of

rungs = st.builds(Rung, st.integers(0, 10**10), st.floats(0, 60), st.floats(0.01, 0.99))
strengths = st.builds(lets_through, st.floats(0, 1), st.floats(0, 0.3))
CHANCES = (0.459, 0.565, 0.648)
"""Shares of 540 edit requests that qwen3-14b, glm-4.6 and claude-sonnet-4 solve in EDIT-Bench."""


def expected(*chances: float) -> Worth:
    """What is expected of models of these chances with perfect checks."""
    return worth_of([Rung(0, 0.0, chance) for chance in chances], PERFECT, 1, 0)


def test_one_rung_is_its_chance() -> None:
    for chance in (0.05, 0.3, 0.5, 0.95):
        assert expected(chance).right == pytest.approx(chance, abs=0.002)


@pytest.mark.parametrize(("which", "counted"), [((0, 1), 0.643), ((0, 2), 0.681), ((1, 2), 0.715), ((0, 1, 2), 0.733)])
def test_models_fail_together_as_often_as_counted(which: tuple[int, ...], counted: float) -> None:
    assert expected(*(CHANCES[i] for i in which)).right == pytest.approx(counted, abs=0.02)


@given(st.lists(rungs, min_size=1, max_size=3), strengths)
def test_shares_and_sums_stay_what_they_are(ladder: list[Rung], strength: object) -> None:
    found = worth_of(ladder, strength, 10**9, 10**6)  # type: ignore[arg-type]
    assert 0 <= found.right
    assert 0 <= found.wrong
    assert found.right + found.wrong <= 1 + 1e-9
    assert found.pico_usd <= sum(rung.pico_usd for rung in ladder) + 1e-3
    assert found.seconds <= sum(rung.seconds for rung in ladder) + 1e-9
    parts = found.pico_usd + found.seconds * 10**6 + (1 - found.right) * 10**9
    assert found.total == pytest.approx(parts)


@given(st.lists(rungs, min_size=1, max_size=2), rungs, strengths)
def test_another_rung_never_solves_less_and_never_costs_less(
    ladder: list[Rung], another: Rung, strength: object
) -> None:
    less = worth_of(ladder, strength, 1, 0)  # type: ignore[arg-type]
    more = worth_of([*ladder, another], strength, 1, 0)  # type: ignore[arg-type]
    assert less.right <= more.right + 1e-9
    assert less.pico_usd <= more.pico_usd + 1e-3


@given(st.lists(rungs, min_size=1, max_size=3), st.floats(0, 1), st.floats(0, 1))
def test_stronger_checks_solve_more(ladder: list[Rung], one: float, other: float) -> None:
    strong, weak = sorted((one, other))
    assert worth_of(ladder, lets_through(weak), 1, 0).right <= worth_of(ladder, lets_through(strong), 1, 0).right + 1e-9


def test_more_is_at_stake_in_harder_work() -> None:
    stakes = [DEFAULT_STAKES.of(level) for level in (Difficulty.MECHANICAL, Difficulty.STANDARD, Difficulty.DEEP)]
    assert all(less < more for less, more in itertools.pairwise(stakes))
