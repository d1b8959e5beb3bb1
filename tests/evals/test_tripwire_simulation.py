"""A swap behind a model's name is noticed in time, and hardly anything else is."""

from math import log
from random import Random

import pytest
from bench.eval_tripwire import main

from tierwise.evals.tripwire_fastest import fastest_tests, fastest_with
from tierwise.evals.tripwire_simulation import WATCHED, Swap, read_swap, runs, summarized
from tierwise.routing.tripwire import ALARM, FALSE_ALARMS
from tierwise.text import Rejection

HEIGHT = 6.0
CLEAR = Swap(before=(True,) * 9 + (False,), after=(True,) * 4 + (False,) * 6)


@pytest.fixture(scope="module")
def swap() -> Swap:
    found = read_swap()
    if isinstance(found, Rejection):
        pytest.skip(found.detail)
    return found


def test_a_clear_swap_is_noticed_almost_as_soon_as_by_who_knows_the_rates() -> None:
    row = summarized(runs(CLEAR, n_runs=40, n_before=400), ALARM)
    best = fastest_with(fastest_tests(CLEAR), FALSE_ALARMS)
    assert best is not None
    assert row.false_alarms <= 0.02
    assert row.caught >= 0.97
    assert best.mean_delay <= row.mean_delay <= 2.5 * best.mean_delay


def test_the_least_delay_is_what_drawn_runs_of_that_test_have() -> None:
    p, q = CLEAR.rates
    apart, alike = log(q / p), log((1 - q) / (1 - p))
    chance, delays, n_false = Random("drawn"), [], 0  # noqa: S311 - seeded draws stand for samples.
    for _ in range(200):
        score, highest, delay = 0.0, 0.0, 0
        for _ in range(WATCHED):
            score = max(0.0, score + (apart if chance.random() < p else alike))
            highest = max(highest, score)
        if HEIGHT <= highest:
            n_false += 1
            continue
        while score < HEIGHT:
            score = max(0.0, score + (apart if chance.random() < q else alike))
            delay += 1
        delays.append(delay)
    best = fastest_with(fastest_tests(CLEAR), n_false / 200)
    assert best is not None
    assert sum(delays) / len(delays) == pytest.approx(best.mean_delay, rel=0.15)


def test_fewer_false_alarms_and_smaller_changes_take_longer() -> None:
    smaller = Swap(before=CLEAR.before, after=(True,) * 7 + (False,) * 3)
    tests, others = fastest_tests(CLEAR), fastest_tests(smaller)
    delays = [fastest_with(tests, share) for share in (0.1, 0.01, 0.002)]
    assert [one.mean_delay for one in delays if one] == sorted({one.mean_delay for one in delays if one})
    assert all(delays)
    slow, quick = fastest_with(others, 0.01), delays[1]
    assert slow is not None
    assert quick is not None
    assert quick.mean_delay < slow.mean_delay
    assert CLEAR.formula(0.1) < CLEAR.formula(0.01) < smaller.formula(0.01)
    assert fastest_with(tests, 1.0) is None
    assert fastest_with(tests, 0.0) is None


def test_what_is_told_grows_with_what_was_learnt_up_to_all_there_is(swap: Swap) -> None:
    told = [swap.told(n, 120) for n in (100, 1000, 10**6)]
    assert told == sorted(told)
    assert told[0] < ALARM, "with so little learnt no test can be asked for it"
    assert told[2] == pytest.approx(120 * swap.information, rel=0.01)


@pytest.mark.slow
def test_the_measured_swap(swap: Swap) -> None:
    assert (sum(swap.before), sum(swap.after), len(swap.before)) == (305, 157, 540)
    row = summarized(runs(swap, n_runs=1000, seed="measured"), ALARM)
    best = fastest_with(fastest_tests(swap), FALSE_ALARMS)
    assert best is not None
    assert row.false_alarms <= FALSE_ALARMS
    assert row.caught >= 0.95
    assert best.mean_delay <= row.mean_delay <= 1.3 * best.mean_delay


def test_without_outcomes_it_says_where_they_are_looked_for(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path_factory.mktemp("empty"))]) == 2
    assert "TIERWISE_CASES" in capsys.readouterr().err
