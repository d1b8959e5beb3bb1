# ruff: noqa: S311 - seeded draws stand for samples.
"""The sequential test: few false alarms at any usual rate, swaps found in time, recovery only where it is one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.routing.tripwire import ALARM, FORGET_AT, LEARNT, CellState, TripwireCell, after_sample, change_score


def fed(state: CellState, rng: Random, rate: float, n: int) -> tuple[CellState, list[tuple[int, str]]]:
    """Samples that disagree at a rate, and the events with the number of samples before them."""
    events = []
    for i in range(1, n + 1):
        state, event = after_sample(state, is_apart=rng.random() < rate, now_us=i)
        if event is not None:
            events.append((i, event))
    return state, events


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.2, 0.435, 0.7, 0.95, 1.0])
def test_without_a_change_hardly_any_cell_is_raised(rate: float) -> None:
    rng = Random(f"steady {rate}")
    n_raised = sum(bool(fed(CellState(), rng, rate, LEARNT + 300)[1]) for _ in range(60))
    assert n_raised <= 2


@pytest.mark.parametrize(("usual", "now", "within"), [(0.435, 0.709, 200), (0.05, 0.3, 150), (0.0, 0.5, 20)])
def test_a_swap_raises_the_cell_and_going_back_recovers_it(usual: float, now: float, within: int) -> None:
    state, events = fed(CellState(), Random(f"{usual} {now}"), usual, 800)
    assert events == []
    state, events = fed(state, Random("swapped"), now, within)
    assert [event for _, event in events] == ["raised"]
    assert state.is_raised
    state, events = fed(state, Random("still"), now, 300)
    assert events == []
    state, events = fed(state, Random("back"), usual, 200)
    assert [event for _, event in events][:1] == ["recovered"]
    assert not state.is_raised
    assert state.usual_rate == pytest.approx(usual, abs=0.06)


def test_agreeing_more_often_than_before_is_no_cause_for_alarm() -> None:
    state, _ = fed(CellState(), Random(1), 0.6, 500)
    assert fed(state, Random(2), 0.1, 500)[1] == []


def test_nothing_is_raised_before_enough_was_learnt() -> None:
    _, events = fed(CellState(), Random(3), 1.0, LEARNT)
    assert events == []


def test_usual_counts_fade_so_that_slow_changes_are_followed() -> None:
    state, events = CellState(), []
    rng = Random(4)
    for step in range(12):
        state, more = fed(state, rng, 0.1 + step * 0.01, 700)
        events += more
    assert events == []
    assert state.n_usual < FORGET_AT
    assert 0.13 < (state.usual_rate or 0) < 0.23


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 500), st.integers(0, 500))
def test_any_counts_have_a_score(n_usual: int, apart: int, n: int, late: int) -> None:
    score = change_score(n_usual, min(apart, n_usual), n, min(late, n))
    assert -10_000 < score < 10_000
    if min(late, n) * (n_usual + 1) <= min(apart, n_usual) * n:
        assert score < ALARM


@given(st.integers(0, 2**40), st.lists(st.booleans(), max_size=150))
def test_a_state_survives_the_file(now_us: int, samples: list[bool]) -> None:
    state = CellState(judge="a/b")
    for is_apart in samples:
        state, _ = after_sample(state, is_apart=is_apart, now_us=now_us)
    assert CellState.from_text(state.to_text()) == state


@given(st.sampled_from(["do", "write_tests"]), st.sampled_from(["python", "c++"]), st.text(min_size=1))
def test_a_cell_survives_its_name(action: str, language: str, model: str) -> None:
    cell = TripwireCell(action, language, f"near/{model}")
    assert TripwireCell.parse(str(cell)) == cell


def test_what_is_no_cell_is_none() -> None:
    assert [TripwireCell.parse(text) for text in ("spent", "a:b", "::", "a::c")] == [None] * 4
