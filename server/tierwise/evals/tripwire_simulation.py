"""The tripwire on known outcomes: one model is swapped for a worse one under the same name, and is that noticed?

EDIT-Bench says which of its 540 edit requests a model solves. A sample is one of them, drawn at random and put back; it
counts as a disagreement when the model does not solve it, as if the judge were the tests. The test itself is the one
that runs in the editor and is told nothing of either rate.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf, log
from pathlib import Path
from random import Random

from tierwise.evals.policy_outcomes import OUTCOMES_FILE
from tierwise.evals.route_cases import default_folder
from tierwise.routing.tripwire import CellState, after_sample
from tierwise.text import Rejection

HISTORY = 1000
"""Samples of a cell before it is watched. With much fewer no test can do what is asked, see `Swap.told`."""
WATCHED = 1000
"""Samples without a swap in which false alarms are counted, after those."""
_N_NO_MODELS = 2
"""Columns in front of the models': a question's number, and how many models solve it."""
_ALL = ("1", "1.0")
PATIENCE = 400
"""Samples after a swap; who notices nothing until then is counted with that many."""
HIGHEST = 11.0
"""No alarm stands higher, in nats: beyond it a run is not followed."""


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
    def is_worse(self) -> bool:
        """Whether the model solves less after the swap, and neither all nor nothing before or after."""
        before, after = self.rates
        return 0 < before < after < 1

    @property
    def information(self) -> float:
        """What one sample says of the change, in nats: the divergence of the rate after from the rate before."""
        before, after = self.rates
        return _divergence(after, before)

    def formula(self, false_alarms: float) -> float:
        """What the mean delay grows as, in samples, with so many false alarms in `WATCHED` samples.

        Lorden, "Procedures for reacting to a change in distribution", Annals of Mathematical Statistics 42, 1971: with
        one false alarm in 1/a samples the least delay grows as log(1/a) by the information of a sample. That is its
        first term: a constant is left out, which is negative here, so that tests come out below it. What can be had
        with a certain number of false alarms is worked out in `tripwire_fastest`.
        """
        return log(1 / (-log(1 - false_alarms) / WATCHED)) / self.information

    def told(self, n_learnt: int, n_after: int) -> float:
        """What samples after the swap tell of it, in nats, to whom knows the rate before from so many samples only.

        Both samples against one common rate, the likeliest: the information that is left when neither rate is given.
        """
        (p, q), n = self.rates, n_learnt + n_after
        common = (n_learnt * p + n_after * q) / n
        return n_learnt * _divergence(p, common) + n_after * _divergence(q, common)


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
            # A question that was put to one of the two only says nothing of a swap.
            rows = [row for row in csv.DictReader(lines) if row[before] and row[after]]
            columns = [tuple(float(row[name]) == 1.0 for row in rows) for name in (before, after)]
    except OSError as err:
        words = f"the outcomes {str(file)!r} cannot be read ({err.strerror or err}); set TIERWISE_CASES to their folder"
        return Rejection("unreadable", words)
    except (ValueError, KeyError) as err:
        return Rejection("not-outcomes", f"{str(file)!r} lacks a column or a number: {err}")
    return Swap(*columns)


def model_pairs(n_pairs: int, path: Path | None = None) -> list[tuple[str, str]]:
    """Pairs of models of the outcomes in which the second solves less, evenly from small differences to large ones.

    Empty when the file cannot be read.
    """
    chosen = default_folder() if path is None else path
    file = chosen / OUTCOMES_FILE if chosen.is_dir() else chosen
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError:
        return []
    solved = {}
    for name in list(rows[0])[_N_NO_MODELS:] if rows else ():
        told = [row[name] for row in rows if row[name]]
        solved[name] = sum(share in _ALL for share in told) / len(told) if told else 0.0
    ranked = sorted(
        (log(p * (1 - q) / (q * (1 - p))), before, after)
        for before, p in solved.items()
        for after, q in solved.items()
        if 0 < q < p < 1
    )
    n = max(0, min(n_pairs, len(ranked)))
    return [ranked[(2 * i + 1) * len(ranked) // (2 * n)][1:] for i in range(n)]


def tripwire_scores(samples: Iterator[bool]) -> Iterator[float]:
    """The test of the product: whether each sample disagrees in, how much speaks for a change out. Its alarm never goes
    off, so that its whole path is seen."""
    state = CellState()
    for is_apart in samples:
        state, _ = after_sample(state, is_apart=is_apart, now_us=0, alarm=inf)
        yield state.score


def runs(
    swap: Swap, *, n_runs: int, n_before: int = HISTORY + WATCHED, n_after: int = PATIENCE, seed: str = ""
) -> list[Course]:
    """Seeded runs with the swap after so many samples, each until nothing more could come of it.

    False alarms are looked for in the last `WATCHED` of them.
    """
    found = []
    for number in range(n_runs):
        chance = Random(f"{seed}/{number}")  # noqa: S311 - draws samples, guards nothing.
        scores = tripwire_scores(_samples(swap, chance, n_before, n_after))
        watched = islice(scores, max(0, n_before - WATCHED), n_before)
        highest = max(watched, default=0.0)
        found.append(Course(highest, tuple(_until(scores, HIGHEST))))
    return found


def _until(scores: Iterator[float], height: float) -> Iterator[float]:
    for score in scores:
        yield score
        if height <= score:
            return


def _samples(swap: Swap, chance: Random, n_before: int, n_after: int) -> Iterator[bool]:
    for column, n in ((swap.before, n_before), (swap.after, n_after)):
        for _ in range(n):
            yield not column[chance.randrange(len(column))]


def summarized(paths: Sequence[Course], alarm: float, within: int = 120) -> Row:
    """What came of many runs at one height."""
    delays = [delay for path in paths if (delay := path.delay(alarm)) is not None]
    ordered = sorted(delays) or [PATIENCE]
    return Row(
        alarm=alarm,
        false_alarms=(len(paths) - len(delays)) / len(paths),
        mean_delay=sum(ordered) / len(ordered),
        p95_delay=ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)],
        caught=sum(delay <= within for delay in delays) / len(paths),
    )


def _divergence(rate: float, other: float) -> float:
    """What one sample at a rate tells against another rate, in nats."""
    return rate * log(rate / other) + (1 - rate) * log((1 - rate) / (1 - other))
