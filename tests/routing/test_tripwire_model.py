"""The cells of a model watched together: a swap that shows everywhere, and differences that are none."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tierwise.routing.tripwire import LEARNT
from tierwise.routing.tripwire_model import MODEL_ALARM, ModelState, after_model_sample

RATES = (0.1, 0.3, 0.5)


def drawn(seed: int) -> Random:
    """Chance that can be repeated."""
    return Random(seed)  # noqa: S311 - draws samples, guards nothing.


def fed(state: ModelState, chance: Random, rates: tuple[float, ...], n: int) -> tuple[ModelState, int, set[str]]:
    """The state after so many samples from all cells alike, how many it took to an alarm, and what that raised."""
    for number in range(1, n + 1):
        cell = chance.randrange(len(rates))
        state, raised = after_model_sample(state, str(cell), is_apart=chance.random() < rates[cell])
        if raised:
            return state, number, set(raised)
    return state, n, set()


def test_a_swap_shows_before_any_cell_alone_has_learnt_enough() -> None:
    delays = []
    for seed in range(20):
        chance = drawn(seed)
        state, _, early = fed(ModelState(), chance, RATES, 210)
        assert not early
        assert max(counts[0] + counts[2] for counts in state.cells.values()) < LEARNT
        state, n, raised = fed(state, chance, (0.4, 0.7, 0.9), 400)
        assert raised
        assert not raised & set(state.cells), "those that were raised begin anew"
        delays.append(n)
    assert sorted(delays)[10] < 100


def test_cells_that_differ_raise_no_alarm_however_unevenly_they_come() -> None:
    for seed in range(5):
        state, n_before, raised = fed(ModelState(), drawn(seed), (0.05,), 400)
        state, _, raised = fed(state, drawn(seed + 100), (0.05, 0.9), 600)
        assert (n_before, raised) == (400, set())


def test_one_cell_is_left_to_its_own_test() -> None:
    state, _, raised = fed(ModelState(), drawn(1), (0.05,), 300)
    assert not raised
    state, n, raised = fed(state, drawn(2), (0.9,), 200)
    assert (n, raised) == (200, set())
    assert MODEL_ALARM < state.score


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=200))
def test_the_state_survives_its_file(samples: list[tuple[int, bool]]) -> None:
    state = ModelState(judge="far/large")
    for cell, is_apart in samples:
        state, _ = after_model_sample(state, f"a:b:{cell}", is_apart=is_apart)
    assert ModelState.from_text(state.to_text()) == state
    assert sum(counts[0] + counts[2] for counts in state.cells.values()) == len(samples)
