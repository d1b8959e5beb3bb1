"""Intervals and tests of shares, against figures worked out elsewhere."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.evals.intervals import compare_pairs, design_effect, mcnemar, percentile, share_interval, wilson


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(passed: int, n: int, low: float, high: float) -> None:
    found = wilson(passed, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (1, 8, 20 / 512), (10, 0, 2 / 1024), (2, 9, 2 * (1 + 11 + 55) / 2048)],
)
def test_mcnemar_counts_the_tails_of_a_fair_coin(better: int, worse: int, p: float) -> None:
    assert mcnemar(better, worse) == mcnemar(worse, better) == pytest.approx(p)


def test_mcnemar_of_thousands_does_not_overflow() -> None:
    assert mcnemar(2000, 2000) == pytest.approx(1.0)
    assert 0 <= mcnemar(3000, 1000) < 1e-12


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=12))
def test_repetitions_never_make_a_share_surer_than_as_many_cases(cases: list[list[bool]]) -> None:
    found = share_interval(cases)
    runs = [outcome for case in cases for outcome in case]
    plain = wilson(sum(runs), len(runs))
    assert found is not None
    assert 1 - 1e-9 <= design_effect(cases) <= max(map(len, cases)) + 1e-9
    assert 0 <= found.low <= found.share + 1e-9 <= found.high + 2e-9 <= 1 + 2e-9
    assert plain.high - plain.low <= found.high - found.low + 1e-9


def test_repetitions_that_all_agree_count_once() -> None:
    repeated = share_interval([[True] * 5, [False] * 5, [True] * 5, [True] * 5])
    once = share_interval([[True], [False], [True], [True]])
    assert repeated is not None
    assert once is not None
    assert math.isclose(repeated.low, once.low)
    assert share_interval([]) is None


def test_pairs_are_of_the_same_cases() -> None:
    first = {"a": [True], "b": [True, False], "c": [False], "d": [True], "only": [True]}
    second = {"a": [True], "b": [True, True], "c": [True], "d": [False], "other": [False], "only": []}
    found = compare_pairs(first, second)
    assert (found.n, found.n_better, found.n_worse) == (4, 2, 1)
    assert found.difference == pytest.approx((0 + 0.5 + 1 - 1) / 4)
    assert found.p_value == 1.0


def test_percentiles_are_values_that_were_seen() -> None:
    assert percentile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert percentile(list(map(float, range(1, 101))), 0.95) == 95.0
    assert percentile([], 0.95) is None
