"""What came of each case with each model, and the figures of a model. Pure."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from tierwise.evals.intervals import Interval, percentile, share_interval
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
    is_passed: bool | None = None
    """Whether everything the case is scored by holds; None: it could not be run, or its judge did not answer."""
    failed_scorer: str = ""
    """The first scorer that did not hold."""
    code: str = ""
    detail: str = ""
    """Why it could not be run, or was refused."""
    notes: tuple[str, ...] = ()
    """What could not be checked."""
    cost_pico_usd: int | None = 0
    """None: unknown."""
    judge_pico_usd: int | None = 0
    """What its verdict cost; None: unknown."""
    duration_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from the other runs of a campaign."""
        return self.case, self.model, self.repetition

    @property
    def whole_cost_pico_usd(self) -> int | None:
        """The answer and the verdict on it; None: unknown."""
        if self.cost_pico_usd is None or self.judge_pico_usd is None:
            return None
        return self.cost_pico_usd + self.judge_pico_usd


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
    n_scored: int
    """Runs that passed or did not; those whose judge failed are not among them."""
    n_passed: int
    passed: Interval | None
    """The share of runs that passed, with its 95 % interval."""
    accepted: Interval | None
    judge_pico_usd: int
    """What verdicts cost, which is not this model's money."""
    n_not_judged: int
    """Runs whose judge failed; they neither passed nor did not."""
    pico_usd: int
    """All the known money, that of runs that do not count included."""
    n_unknown_cost: int
    median_s: float | None
    p95_s: float | None
    input_tokens: int
    output_tokens: int
    tokens_per_s: float | None
    """Output tokens for each second of a call."""
    codes: Mapping[str, int]
    """Why answers were refused, most frequent first."""

    @property
    def pico_usd_per_accepted(self) -> int | None:
        """What an accepted answer cost, rounded up; None: none was accepted, or some money is unknown."""
        if self.n_unknown_cost or not self.n_accepted:
            return None
        return -(-self.pico_usd // self.n_accepted)

    @property
    def pico_usd_per_passed(self) -> int | None:
        """What an answer that passed cost, rounded up; None: none did, or some money is unknown."""
        if self.n_unknown_cost or not self.n_passed:
            return None
        return -(-self.pico_usd // self.n_passed)


def score(entrant: Entrant, runs: Sequence[Run], n_not_run: int = 0, lost_pico_usd: int = 0) -> Score:
    """The figures of one model's runs.

    `n_not_run` counts runs that were not begun, `lost_pico_usd` what tries cost that were made again.
    """
    stages = [(run, run.stage) for run in runs if run.stage is not None]
    codes = Counter(run.code or run.failed_scorer for run, _ in stages if not run.is_passed)
    scored = [run for run, _ in stages if run.is_passed is not None]
    seconds = [run.duration_s for run, _ in stages]
    answered_s = sum(run.duration_s for run, _ in stages if run.output_tokens)
    output_tokens = sum(run.output_tokens for run in runs)
    return Score(
        entrant=entrant,
        n=len(stages),
        n_not_run=len(runs) - len(stages) + n_not_run,
        n_applied=sum(Stage.APPLIED <= stage for _, stage in stages),
        n_parsed=sum(Stage.PARSED <= stage for _, stage in stages),
        n_accepted=sum(Stage.ACCEPTED <= stage for _, stage in stages),
        n_expected=sum(run.is_exact is not None for run, _ in stages),
        n_exact=sum(run.is_exact is True for run, _ in stages),
        n_scored=len(scored),
        n_passed=sum(run.is_passed is True for run in scored),
        passed=share_interval(_by_case((run.case, run.is_passed is True) for run in scored)),
        accepted=share_interval(_by_case((run.case, stage is Stage.ACCEPTED) for run, stage in stages)),
        judge_pico_usd=sum(run.judge_pico_usd or 0 for run in runs),
        n_not_judged=sum(run.code == "not-judged" for run in runs),
        pico_usd=sum(run.cost_pico_usd or 0 for run in runs) + lost_pico_usd,
        n_unknown_cost=sum(run.cost_pico_usd is None for run in runs),
        median_s=statistics.median(seconds) if seconds else None,
        p95_s=percentile(seconds, 0.95),
        input_tokens=sum(run.input_tokens for run in runs),
        output_tokens=output_tokens,
        tokens_per_s=sum(run.output_tokens for run, _ in stages) / answered_s if answered_s else None,
        codes=dict(codes.most_common()),
    )


def _by_case(outcomes: Iterable[tuple[str, bool]]) -> list[list[bool]]:
    """Outcomes of the same case together."""
    cases: dict[str, list[bool]] = {}
    for case, outcome in outcomes:
        cases.setdefault(case, []).append(outcome)
    return list(cases.values())
