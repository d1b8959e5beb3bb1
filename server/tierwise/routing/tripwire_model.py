"""Whether a model got worse at all it does: the cells of one model watched together. Pure.

A swap behind a model's name shows in all of its cells at once, and each of them alone takes long to notice it, since it
has learnt little and sees few of the samples. So the evidence of a model's cells is added up as well: that the odds of
disagreement rose in all of them by the same factor at the same moment, each cell with its own usual rate, which is
fitted anew on both sides. Cells that differ a lot therefore raise no alarm, however unevenly they come.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from tierwise.routing.tripwire import FORGET_AT, LEARNT, change_score, change_score_of

MODEL_ALARM = 10.0
"""The sum at which a model's cells are raised, in nats. It stands beside each cell's own test, so it is higher than
theirs; together they raise fewer than one model in a hundred within a thousand samples without a change."""
_MOST_CELLS = 200

Counts = tuple[int, int, int, int]
"""Samples that the usual rate rests on, those of them apart; the samples since, those of them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """What is known of one model, by cell."""

    judge: str = ""
    """Whom its edits were compared with."""
    cells: Mapping[str, Counts] = field(default_factory=dict)
    score: float = 0.0
    """How much all of them together speak for a change, in nats."""

    @property
    def n_usual(self) -> int:
        """Samples the usual rates rest on."""
        return sum(counts[0] for counts in self.cells.values())

    def to_text(self) -> str:
        """As the file holds it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "ModelState":
        """Back from `to_text`; raises ValueError, TypeError or KeyError for what is none."""
        document = json.loads(text)
        cells = {str(cell): _counts(counts) for cell, counts in document["cells"].items()}
        return cls(judge=str(document["judge"]), cells=cells, score=float(document["score"]))


def after_model_sample(
    state: ModelState, cell: str, *, is_apart: bool, alarm: float = MODEL_ALARM
) -> tuple[ModelState, tuple[str, ...]]:
    """The state after one more compared sample of a cell; and the cells to raise, those that speak for a change.

    After an alarm the raised cells begin anew, and the others go on. A model with one cell is left to that cell's test.
    """
    n_usual, apart_usual, n_lately, apart_lately = state.cells.get(cell, (0, 0, 0, 0))
    if cell not in state.cells and _MOST_CELLS <= len(state.cells):
        return state, ()
    cells = {**state.cells, cell: (n_usual, apart_usual, n_lately + 1, apart_lately + is_apart)}
    if state.n_usual < LEARNT:
        return replace(state, cells=_learnt(cells), score=0.0), ()
    score = change_score_of(counts for counts in cells.values() if counts[2])
    if score <= 0:
        return replace(state, cells=_learnt(cells), score=0.0), ()
    if score < alarm or len(cells) < 2:
        return replace(state, cells=cells, score=score), ()
    suspects = tuple(sorted(name for name, counts in cells.items() if counts[2] and 0 < change_score(*counts)))
    rest = {name: counts for name, counts in cells.items() if name not in suspects}
    return replace(state, cells=_learnt(rest), score=0.0), suspects


def _learnt(cells: Mapping[str, Counts]) -> dict[str, Counts]:
    """Samples without suspicion become part of what is usual."""
    learnt = {}
    for cell, (n_usual, apart_usual, n_lately, apart_lately) in cells.items():
        n, apart = n_usual + n_lately, apart_usual + apart_lately
        learnt[cell] = (n // 2, apart // 2, 0, 0) if FORGET_AT <= n else (n, apart, 0, 0)
    return learnt


def _counts(counts: object) -> Counts:
    if not isinstance(counts, list) or len(counts) != 4 or not all(isinstance(n, int) and 0 <= n for n in counts):
        raise ValueError("four counts are needed")
    n_usual, apart_usual, n_lately, apart_lately = counts
    return n_usual, apart_usual, n_lately, apart_lately
