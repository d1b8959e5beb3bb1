"""The tripwire over all cells of a model on known outcomes: the questions are dealt into cells, and all are swapped."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tierwise.evals.tripwire_simulation import PATIENCE, Swap
from tierwise.routing.tripwire import CellState, after_sample
from tierwise.routing.tripwire_model import ModelState, after_model_sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Many runs with a model's samples spread over several cells."""

    n_cells: int
    n_before: int
    """Samples of the model before the swap, in all its cells."""
    false_alarms: float
    """The part of runs in which anything was raised before the swap."""
    caught_alone: float
    """The part of all runs in which a cell's own test alarmed within so many samples of the model, and none before."""
    caught: float
    """The same with the test over all cells beside it."""
    mean_delay: float
    """Samples of the model until the first alarm."""


def pooled(swap: Swap, n_cells: int, n_before: int, *, n_runs: int, within: int, seed: str = "") -> Pooled:
    """Seeded runs; samples come from all cells alike."""
    name = f"{seed}/{n_cells}/{n_before}"
    delays = [_delays(swap, n_cells, n_before, Random(f"{name}/{run}")) for run in range(n_runs)]  # noqa: S311
    sound = [delay for delay in delays if delay is not None]
    first = [min(delay) for delay in sound]
    return Pooled(
        n_cells=n_cells,
        n_before=n_before,
        false_alarms=(n_runs - len(sound)) / n_runs,
        caught_alone=sum(alone <= within for alone, _ in sound) / n_runs,
        caught=sum(delay <= within for delay in first) / n_runs,
        mean_delay=sum(first) / len(first) if first else float(PATIENCE),
    )


def _delays(swap: Swap, n_cells: int, n_before: int, chance: Random) -> tuple[int, int] | None:
    """Samples after the swap until a cell's own alarm, and until that over all cells; None: there was a false one."""
    blocks = _blocks(len(swap.before), n_cells)
    cells, model = [CellState() for _ in blocks], ModelState()
    alone = together = PATIENCE
    for number in range(n_before + PATIENCE):
        index = chance.randrange(n_cells)
        column = swap.before if number < n_before else swap.after
        is_apart = not column[chance.choice(blocks[index])]
        cells[index], event = after_sample(cells[index], is_apart=is_apart, now_us=0)
        model, raised = after_model_sample(model, str(index), is_apart=is_apart)
        if number < n_before and (event == "raised" or raised):
            return None
        if event == "raised":
            alone = min(alone, number - n_before + 1)
        if raised:
            together = min(together, number - n_before + 1)
        if alone < PATIENCE and together < PATIENCE:
            break
    return alone, together


def _blocks(n: int, n_cells: int) -> list[Sequence[int]]:
    """The questions in so many runs of neighbors, which differ in how hard they are."""
    return [range(n * cell // n_cells, n * (cell + 1) // n_cells) for cell in range(n_cells)]
