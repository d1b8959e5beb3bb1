"""What came of each case with each model, and the figures of a model. Pure."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from tierwise.routing.tiers import Tier


class Stage(IntEnum):
    """How far an answer came."""

    NOTHING = 0
    """No answer, or none that could be applied."""
    APPLIED = 1
    PARSED = 2
    ACCEPTED = 3


NOT_APPLIED = frozenset(
    {
        "ambiguous-location", "ambiguous-reply", "conflict", "elided-code", "empty-quote", "empty-reply", "file-exists",
        "malformed-reply", "no-change", "no-edits", "no-path", "outside-scope", "overlapping-edits", "partial-file",
        "quote-not-found", "truncated-reply", "wrong-file", "wrong-lines",
    }
)  # fmt: skip
"""Codes of answers in which no whole edit was found that fits the files."""
_NOT_PARSED = frozenset({"does-not-parse", "hidden-unicode"})
"""Codes of the check of the syntax and of the one that comes before it."""


def stage_of_rejection(code: str) -> Stage:
    """How far an answer came that was rejected with this code."""
    if code in NOT_APPLIED:
        return Stage.NOTHING
    return Stage.APPLIED if code in _NOT_PARSED else Stage.PARSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A model that takes part."""

    ref: str
    """`backend/model`."""
    tier: Tier
    """The tier it is asked on."""
    is_scripted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One case with one model."""

    case: str
    model: str
    repetition: int
    """From 1."""
    stage: Stage | None
    """None: it could not be run, and counts in no figure but the money."""
    is_exact: bool | None = None
    """None: the case does not say what is right."""
    code: str = ""
    detail: str = ""
    """Why it could not be run, or was refused."""
    notes: tuple[str, ...] = ()
    """What could not be checked."""
    cost_pico_usd: int | None = 0
    """None: unknown."""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The figures of one model."""

    entrant: Entrant
    n: int
    """Runs that count."""
    n_not_run: int
    n_applied: int
    n_parsed: int
    n_accepted: int
    n_expected: int
    """Runs of cases that say what is right."""
    n_exact: int
    pico_usd: int
    """All the known money, that of runs that do not count included."""
    n_unknown_cost: int
    median_s: float | None
    codes: Mapping[str, int]
    """Why answers were refused, most frequent first."""

    @property
    def pico_usd_per_accepted(self) -> int | None:
        """What an accepted answer cost, rounded up; None: none was accepted, or some money is unknown."""
        if self.n_unknown_cost or not self.n_accepted:
            return None
        return -(-self.pico_usd // self.n_accepted)


def score(entrant: Entrant, runs: Sequence[Run]) -> Score:
    """The figures of one model's runs."""
    stages = [(run, run.stage) for run in runs if run.stage is not None]
    codes = Counter(run.code for run, stage in stages if stage is not Stage.ACCEPTED)
    return Score(
        entrant=entrant,
        n=len(stages),
        n_not_run=len(runs) - len(stages),
        n_applied=sum(Stage.APPLIED <= stage for _, stage in stages),
        n_parsed=sum(Stage.PARSED <= stage for _, stage in stages),
        n_accepted=sum(Stage.ACCEPTED <= stage for _, stage in stages),
        n_expected=sum(run.is_exact is not None for run, _ in stages),
        n_exact=sum(run.is_exact is True for run, _ in stages),
        pico_usd=sum(run.cost_pico_usd or 0 for run in runs),
        n_unknown_cost=sum(run.cost_pico_usd is None for run in runs),
        median_s=statistics.median(run.duration_s for run, _ in stages) if stages else None,
        codes=dict(codes.most_common()),
    )
