"""The tripwire on known outcomes: one model is swapped for a worse one under the same name, and is that noticed?

EDIT-Bench says which of its 540 edit requests a model solves. A sample is one of them, drawn at random and put back; it
counts as a disagreement when the model does not solve it, as if the judge were the tests. The test itself is the one
that runs in the editor and is told nothing of either rate.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, log
from pathlib import Path
from random import Random

from tierwise.evals.policy_outcomes import OUTCOMES_FILE
from tierwise.evals.route_cases import default_folder
from tierwise.routing.tripwire import LEARNT, CellState, after_sample
from tierwise.text import Rejection

WATCHED = 1000
"""Samples without a swap in which false alarms are counted, after those that are only learnt from."""
PATIENCE = 400
"""Samples after a swap; who notices nothing until then is counted with that many."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Whether each question is solved, before and after."""

    before: tuple[bool, ...]
    after: tuple[bool, ...]

    @property
    def rates(self) -> tuple[float, float]:
        """How often the model disagrees with the judge, before and after."""
        n = len(self.before)
        return 1 - sum(self.before) / n, 1 - sum(self.after) / n

    @property
    def information(self) -> float:
        """What one sample says of the change, in nats: the divergence of the rate after from the rate before."""
        p, q = self.rates
        return q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))

    def bound(self, false_alarms: float) -> float:
        """The mean delay, in samples, that tests with so many false alarms in `WATCHED` samples tend to at best.

        Lorden, "Procedures for reacting to a change in distribution", Annals of Mathematical Statistics 42, 1971: with
        one false alarm in 1/a samples the delay grows as log(1/a) by the information of a sample. It leaves out a
        constant, so that a finite test may lie a little below it; the one that knows both rates shows by how much.
        """
        return log(1 / (-log(1 - false_alarms) / WATCHED)) / self.information


@dataclass(frozen=True, slots=True)
class Course:
    """One run of a test: how high it rose without a swap, and how it rose after one."""

    highest: float
    after: tuple[float, ...]

    def delay(self, alarm: float) -> int | None:
        """Samples from the swap to an alarm at this height; None: there was a false one before."""
        if alarm <= self.highest:
            return None
        return next((i for i, score in enumerate(self.after, start=1) if alarm <= score), PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Many runs with one height of the alarm."""

    alarm: float
    false_alarms: float
    """The part of runs with an alarm before the swap."""
    mean_delay: float
    p95_delay: int
    caught: float
    """The part of all runs that were raised within 120 samples of the swap, and not before it."""


def read_swap(before: str = "glm-4.6", after: str = "glm-4.5", path: Path | None = None) -> Swap | Rejection:
    """Two columns of the outcomes; solved is who passes all tests."""
    chosen = default_folder() if path is None else path
    file = chosen / OUTCOMES_FILE if chosen.is_dir() else chosen
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
            columns = [tuple(float(row[name]) == 1.0 for row in rows) for name in (before, after)]
    except OSError as err:
        words = f"the outcomes {str(file)!r} cannot be read ({err.strerror or err}); set TIERWISE_CASES to their folder"
        return Rejection("unreadable", words)
    except (ValueError, KeyError) as err:
        return Rejection("not-outcomes", f"{str(file)!r} lacks a column or a number: {err}")
    return Swap(*columns)


Scores = Callable[[Iterator[bool]], Iterator[float]]
"""A test: samples in, whether each was a disagreement; after each how much speaks for a change."""


def tripwire_scores(samples: Iterator[bool]) -> Iterator[float]:
    """The test of the product, whose alarm never goes off so that its whole path is seen."""
    state = CellState()
    for is_apart in samples:
        state, _ = after_sample(state, is_apart=is_apart, now_us=0, alarm=inf)
        yield state.score


def knowing_scores(swap: Swap) -> Scores:
    """The fastest test there is, which has to be told both rates: Page's with the true likelihoods."""
    p, q = swap.rates
    apart, alike = log(q / p), log((1 - q) / (1 - p))

    def scores(samples: Iterator[bool]) -> Iterator[float]:
        score = 0.0
        for is_apart in samples:
            score = max(0.0, score + (apart if is_apart else alike))
            yield score

    return scores


def runs(swap: Swap, scores: Scores, *, n_runs: int, n_before: int = LEARNT + WATCHED, seed: str = "") -> list[Course]:
    """Seeded runs with the swap after so many samples."""
    found = []
    for number in range(n_runs):
        chance = Random(f"{seed}/{number}")  # noqa: S311 - draws samples, guards nothing.
        path = list(scores(_samples(swap, chance, n_before)))
        found.append(Course(max(path[:n_before], default=0.0), tuple(path[n_before:])))
    return found


def _samples(swap: Swap, chance: Random, n_before: int) -> Iterator[bool]:
    for column, n in ((swap.before, n_before), (swap.after, PATIENCE)):
        for _ in range(n):
            yield not column[chance.randrange(len(column))]


def summarized(paths: Sequence[Course], alarm: float, within: int = 120) -> Row:
    """What came of many runs at one height."""
    delays = [delay for path in paths if (delay := path.delay(alarm)) is not None]
    ordered = sorted(delays) or [PATIENCE]
    return Row(
        alarm=alarm,
        false_alarms=1 - len(delays) / len(paths),
        mean_delay=sum(ordered) / len(ordered),
        p95_delay=ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)],
        caught=sum(delay <= within for delay in delays) / len(paths),
    )


def height_for(paths: Sequence[Course], false_alarms: float) -> float:
    """The lowest alarm with at most so many false ones."""
    highest = sorted((path.highest for path in paths), reverse=True)
    return highest[int(false_alarms * len(highest))] + 1e-9
