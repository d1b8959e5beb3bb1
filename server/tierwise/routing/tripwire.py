"""Whether a cheap model still agrees with the judge as often as it did: one sequential test for each cell. Pure.

A cell is an action in a language done by a model. What is looked at are accepted edits that were repeated on the judge:
did the two make the same program? Nobody knows beforehand how often they do, so the usual rate is learnt from the
cell's own first samples and from all later ones that give no cause for suspicion.

The test is a cumulative sum: the likelihood of what was seen since some moment if the odds of disagreement had become
`ODDS` times what they were (or, with a handicap, `MANIFOLD` times), against no change, the usual rate fitted anew under
both. Page, "Continuous inspection schemes", Biometrika 41, 1954; that it is the fastest there is, with known rates, is
Moustakides, Annals of Statistics 14, 1986. `ALARM` was found by simulation so that fewer than one cell in a hundred is
raised within a thousand samples without a change, whatever its usual rate (`make eval-tripwire` prints it).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from math import log, sqrt
from typing import Literal

LEARNT = 100
"""So many samples are only learnt from: before, no rate is known well enough to speak of a change."""
ODDS = 2.75
"""The change the test is made for, in odds of disagreement; larger ones are found sooner, smaller ones later."""
MANIFOLD = 8.0
"""A second, larger change, for models that hardly ever disagreed and suddenly do."""
_HANDICAP = 3.0
"""What its likelihood is held back by, in nats, so that it costs next to no false alarms."""
ALARM = 9.8
"""The sum at which a cell is raised, in nats."""
FALSE_ALARMS = 0.01
"""At most this part of cells is raised within a thousand samples without a change."""
AGAINST = 4.0
"""A raised cell recovers when its newest samples speak for the usual rate and against odds so many times as high. Real
rates even higher speak against recovery all the louder, so the one of the alarm itself, which is always overrated, is
not needed."""
_AT_LEAST = 0.1
"""And against a rate of at least this much: a model that never disagreed would otherwise take for ever to recover."""
TRUST = log(1000)
"""The sum of that opposite test at which it has recovered, in nats: 1000 to 1."""
FORGET_AT = 4000
"""From so many samples on, the usual rate's counts are halved, so that it follows slow changes of the work itself."""
_HALF = 0.5
"""Half a sample each way before anything is seen, so that no rate is 0 or 1."""
_WEEK_US = 7 * 24 * 60 * 60 * 10**6

TripwireEvent = Literal["raised", "recovered"]


@dataclass(frozen=True, slots=True, order=True)
class TripwireCell:
    """What is watched as one."""

    action: str
    """The action's id."""
    language: str
    ref: str
    """The model as `backend/model`."""

    def __str__(self) -> str:
        return f"{self.action}:{self.language}:{self.ref}"

    @classmethod
    def parse(cls, text: str) -> "TripwireCell | None":
        """Back from `str`; None for what is no cell."""
        parts = text.split(":", 2)
        return cls(*parts) if len(parts) == 3 and all(parts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellState:
    """What is known of one cell. Counts are of samples that were compared."""

    judge: str = ""
    """Whom the edits were compared with; agreement with another judge says nothing of this one's."""
    n_usual: int = 0
    """Samples the usual rate rests on."""
    n_usual_apart: int = 0
    """Those of them on which the two disagreed."""
    n_lately: int = 0
    """Samples since the moment from which on there may have been a change."""
    n_lately_apart: int = 0
    score: float = 0.0
    """How much they speak for a change, in nats; of a raised cell, how much the newest ones speak for recovery."""
    raised_us: int | None = None
    """Since when the cell is raised, in microseconds since 1970; None: it is not."""
    n_compared: int = 0
    """All samples ever."""
    n_unjudged: int = 0
    """Samples that said nothing, since the judge failed or its answer did not pass."""
    n_seen: int = 0
    """Accepted edits, sampled or not."""
    week: int = 0
    """The week, counted from 1970, in which samples were taken last."""
    n_in_week: int = 0
    """How many were taken in it."""

    @property
    def is_raised(self) -> bool:
        """Whether the cell's work goes to the next tier."""
        return self.raised_us is not None

    @property
    def is_learning(self) -> bool:
        """Whether too little was seen for any alarm."""
        return self.n_usual < LEARNT

    @property
    def usual_rate(self) -> float | None:
        """How often the two usually disagree; None: nothing was seen."""
        return self.n_usual_apart / self.n_usual if self.n_usual else None

    @property
    def late_rate(self) -> float | None:
        """How often they did since the moment of suspicion; None: there is none."""
        return self.n_lately_apart / self.n_lately if self.n_lately else None

    def unjudged(self) -> "CellState":
        """The state after a sample that said nothing."""
        return replace(self, n_unjudged=self.n_unjudged + 1)

    def to_text(self) -> str:
        """As the file holds it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "CellState":
        """Back from `to_text`; raises ValueError, TypeError for what is none."""
        return cls(**json.loads(text))


def after_sample(
    state: CellState, *, is_apart: bool, now_us: int, alarm: float = ALARM
) -> tuple[CellState, TripwireEvent | None]:
    """The state after one more compared sample, and what it changed."""
    n_compared = state.n_compared + 1
    if state.is_raised:
        return _towards_recovery(replace(state, n_compared=n_compared), is_apart=is_apart)
    if state.is_learning or (not is_apart and not state.n_lately):
        # Agreement never begins a suspicion, so its sum need not be worked out.
        return _learnt(state, 1, int(is_apart), n_compared), None
    n, apart = state.n_lately + 1, state.n_lately_apart + is_apart
    score = change_score(state.n_usual, state.n_usual_apart, n, apart)
    if score <= 0:
        return _learnt(state, n, apart, n_compared), None
    state = replace(state, n_compared=n_compared, n_lately=n, n_lately_apart=apart, score=score)
    if score < alarm:
        return state, None
    return replace(state, raised_us=now_us, score=0.0), "raised"


def change_score(n_usual: int, n_usual_apart: int, n_lately: int, n_lately_apart: int) -> float:
    """The logarithm of how much likelier the counts are if the odds of disagreement rose in between than if not.

    The usual rate is the likeliest one under each of the two, so it need not be known.
    """
    return change_score_of([(n_usual, n_usual_apart, n_lately, n_lately_apart)])


def change_score_of(cells: Iterable[tuple[int, int, int, int]]) -> float:
    """The same for several cells whose odds rose at once, each with a usual rate of its own."""
    unchanged = small = large = 0.0
    for n_usual, n_usual_apart, n_lately, n_lately_apart in cells:
        m, a = n_usual + 2 * _HALF, n_usual_apart + _HALF
        n, s = m + n_lately, a + n_lately_apart
        unchanged += s * log(s / n) + (n - s) * log(1 - s / n)
        small += _likelihood(m, a, n_lately, n_lately_apart, ODDS)
        large += _likelihood(m, a, n_lately, n_lately_apart, MANIFOLD)
    return max(small, large - _HANDICAP) - unchanged


def _likelihood(m: float, a: float, k: int, b: int, odds: float) -> float:
    """The logarithm of the best likelihood of `a` of `m` before and `b` of `k` after the odds rose so many times."""
    # Where the derivative by the usual rate q vanishes: (odds - 1) m q² + (m + odds k - (odds - 1) s) q - s = 0.
    s = a + b
    square, linear = m * (odds - 1), m + k * odds - s * (odds - 1)
    q = (sqrt(linear * linear + 4 * square * s) - linear) / (2 * square)
    r = _raised(q, odds)
    return a * log(q) + (m - a) * log(1 - q) + b * log(r) + (k - b) * log(1 - r)


def is_wanted(cell: TripwireCell, state: CellState, *, share: float, least: int, now_us: int) -> bool:
    """Whether the newest accepted edit of a cell is repeated: `least` a week in any case, of the others this share.

    Who is chosen depends on the cell and the edit's number alone.
    """
    n_in_week = state.n_in_week if state.week == now_us // _WEEK_US else 0
    return n_in_week < least or _draw(cell, state.n_seen) < share


def after_edit(state: CellState, judge: str) -> CellState:
    """The state after one more accepted edit; with another judge everything begins anew."""
    if state.judge != judge:
        state = CellState(judge=judge)
    return replace(state, n_seen=state.n_seen + 1)


def after_choice(state: CellState, now_us: int) -> CellState:
    """The state after an edit was chosen to be repeated."""
    week = now_us // _WEEK_US
    return replace(state, week=week, n_in_week=state.n_in_week + 1 if state.week == week else 1)


def _draw(cell: TripwireCell, number: int) -> float:
    digest = blake2b(f"{cell}\0{number}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _raised(rate: float, odds: float) -> float:
    """The rate whose odds are so many times those of another."""
    return rate * odds / (1 - rate + rate * odds)


def _learnt(state: CellState, n: int, apart: int, n_compared: int) -> CellState:
    """Samples without suspicion become part of what is usual."""
    n, apart = state.n_usual + n, state.n_usual_apart + apart
    if FORGET_AT <= n:
        n, apart = n // 2, apart // 2
    return replace(
        state, n_compared=n_compared, n_usual=n, n_usual_apart=apart, n_lately=0, n_lately_apart=0, score=0.0
    )


def _towards_recovery(state: CellState, *, is_apart: bool) -> tuple[CellState, TripwireEvent | None]:
    """The opposite test on a raised cell: has the usual rate come back?"""
    usual = (state.n_usual_apart + _HALF) / (state.n_usual + 2 * _HALF)
    bad = max(_AT_LEAST, _raised(usual, AGAINST))
    gain = log(usual / bad) if is_apart else log((1 - usual) / (1 - bad))
    score = max(0.0, state.score + gain)
    if score < TRUST:
        return replace(state, score=score), None
    return replace(state, raised_us=None, score=0.0, n_lately=0, n_lately_apart=0), "recovered"
