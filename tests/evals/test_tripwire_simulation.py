"""A swap behind a model's name is noticed in time, and hardly anything else is."""

import pytest
from bench.eval_tripwire import main

from tierwise.evals.tripwire_simulation import (
    Swap,
    height_for,
    knowing_scores,
    read_swap,
    runs,
    summarized,
    tripwire_scores,
)
from tierwise.routing.tripwire import ALARM, FALSE_ALARMS
from tierwise.text import Rejection

CLEAR = Swap(before=(True,) * 9 + (False,), after=(True,) * 4 + (False,) * 6)


@pytest.fixture(scope="module")
def swap() -> Swap:
    found = read_swap()
    if isinstance(found, Rejection):
        pytest.skip(found.detail)
    return found


def test_a_clear_swap_is_noticed_almost_as_soon_as_by_who_knows_the_rates() -> None:
    ours = runs(CLEAR, tripwire_scores, n_runs=40, n_before=400)
    knowing = runs(CLEAR, knowing_scores(CLEAR), n_runs=40, n_before=400)
    row, best = summarized(ours, ALARM), summarized(knowing, height_for(knowing, 0.02))
    assert row.false_alarms <= 0.03
    assert row.caught >= 0.97
    assert best.mean_delay <= row.mean_delay <= 2.5 * best.mean_delay


def test_the_bound_grows_with_fewer_false_alarms_and_smaller_changes() -> None:
    assert CLEAR.bound(0.1) < CLEAR.bound(0.01) < CLEAR.bound(0.001)
    smaller = Swap(before=CLEAR.before, after=(True,) * 8 + (False,) * 2)
    assert CLEAR.bound(0.01) < smaller.bound(0.01)


@pytest.mark.slow
def test_the_measured_swap(swap: Swap) -> None:
    assert (sum(swap.before), sum(swap.after), len(swap.before)) == (305, 157, 540)
    row = summarized(runs(swap, tripwire_scores, n_runs=1000, seed="swap"), ALARM)
    assert row.false_alarms <= FALSE_ALARMS
    assert row.caught >= 0.95
    assert row.mean_delay <= 1.3 * swap.bound(FALSE_ALARMS)


def test_without_outcomes_it_says_where_they_are_looked_for(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path_factory.mktemp("empty"))]) == 2
    assert "TIERWISE_CASES" in capsys.readouterr().err
