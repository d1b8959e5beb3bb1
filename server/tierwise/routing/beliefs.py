"""How likely a model's edit is right: priors, moved by what the ledger saw. Pure; built once, asked often.

A cell is action × language × model × size. Few cells ever fill up, so each leans on the wider one around it: the model
alone, then with the action, then the language, then the size; see "partial pooling" in any text on hierarchical models.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tierwise.actions.base import Difficulty
from tierwise.routing.check_strength import CheckStrength
from tierwise.routing.priors import PriorCounts, measured_chance, prior_chance
from tierwise.routing.tiers import Candidate, Tier

Size = Literal["small", "medium", "large"]
HALF_LIFE_DAYS = 30.0
"""After so many days an outcome counts half: models, prompts and projects change."""
PRIOR_WEIGHT = 12.0
"""How many observations the wider cell is worth against a cell's own."""
SMALL_TOKENS, MEDIUM_TOKENS = 1000, 4000
_N_ROUNDS = 4


def size_of(input_tokens: int) -> Size:
    """The bucket of a prompt."""
    if input_tokens < SMALL_TOKENS:
        return "small"
    return "medium" if input_tokens < MEDIUM_TOKENS else "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How often the checks accepted and rejected what a model answered, in one cell and at one age."""

    action: str
    language: str
    ref: str
    """`backend/model`."""
    size: Size
    n_accepted: float
    n_rejected: float
    age_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where a belief is asked for."""

    action: str
    language: str
    size: Size


Key = tuple[str, ...]
"""A model's reference, then as much of action, language and size as the level has."""


@dataclass(frozen=True, slots=True)
class _Beta:
    """Right and wrong edits seen, both fractions after forgetting, and what was expected of them."""

    right: float = 0.0
    wrong: float = 0.0
    expected: float = 0.0

    @property
    def n(self) -> float:
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What is believed of every model; without counts, the priors."""

    counts: Mapping[Key, _Beta] = field(default_factory=dict)
    measured: PriorCounts = field(default_factory=dict)
    """What golden cases said of models, which moves their priors."""
    _shifts: dict[Key, float] = field(default_factory=dict, compare=False, repr=False)

    def chance(self, candidate: Candidate, cell: Cell, level: Difficulty) -> float:
        """The chance that a candidate's first edit is right."""
        prior = _prior(self.measured, candidate.ref, candidate.tier, level)
        shift = self._shift(candidate.ref, cell)
        return prior if not shift else _chance(_odds(prior) + shift)

    def n_seen(self, candidate: Candidate, action: str) -> float:
        """How many outcomes of a model on an action the belief rests on, older ones counting less."""
        seen = self.counts.get((candidate.ref, action))
        return 0.0 if seen is None else seen.n

    def _shift(self, ref: str, cell: Cell) -> float:
        """By how much, in log-odds, a cell's outcomes were better than the priors expected."""
        if not self.counts:
            return 0.0
        key = (ref, cell.action, cell.language, cell.size)
        known = self._shifts.get(key)
        if known is None:
            known = 0.0
            for depth in range(1, len(key) + 1):
                known = _moved(known, self.counts.get(key[:depth]))
            self._shifts[key] = known
        return known


NO_BELIEFS = Beliefs()


def _prior(measured: PriorCounts, ref: str, tier: Tier, level: Difficulty) -> float:
    """What is believed of a model before the ledger's outcomes."""
    published = prior_chance(ref.partition("/")[2], tier, level)
    return measured_chance(published, measured, ref, level) if measured else published


def _moved(shift: float, seen: _Beta | None) -> float:
    """The shift of a narrower cell, given that of the wider one around it."""
    if seen is None or not seen.n:
        return shift
    expected = _odds(seen.expected / seen.n)
    around = _chance(expected + shift)
    posterior = (PRIOR_WEIGHT * around + seen.right) / (PRIOR_WEIGHT + seen.n)
    return _odds(posterior) - expected


def _odds(chance: float) -> float:
    clamped = min(max(chance, 0.002), 0.998)
    return math.log(clamped / (1 - clamped))


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has to be known of an action to read its outcomes."""

    level: Difficulty
    strength: CheckStrength


NOT_MEASURED: PriorCounts = {}


def learn(
    outcomes: Iterable[OutcomeCount],
    tiers: Mapping[str, Tier],
    known: Mapping[tuple[str, str], Known],
    measured: PriorCounts = NOT_MEASURED,
) -> Beliefs:
    """Beliefs from what the ledger saw, starting from priors that `measured` moves.

    `tiers` gives the tier of each model in use, by its reference; `known` what is known of an action in a language.
    Others are left out. The ledger tells which edits the checks accepted, not which were right, so each outcome counts
    for as much right and wrong as the checks' error rates make likely: what a blind check accepts teaches nothing.
    """
    by_model: dict[str, list[_Seen]] = defaultdict(list)
    for (ref, action, language, size), (accepted, rejected) in _faded(outcomes).items():
        if ref in tiers and (action, language) in known:
            by_model[ref].append(_Seen((ref, action, language, size), accepted, rejected))
    sums: dict[Key, _Beta] = {}
    for ref, rows in by_model.items():
        _add_model(sums, (ref, tiers[ref], measured), rows, known)
    return Beliefs(sums, measured)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Outcomes of one cell, older ones counting less."""

    key: tuple[str, str, str, str]
    accepted: float
    rejected: float


def _faded(outcomes: Iterable[OutcomeCount]) -> dict[tuple[str, str, str, str], tuple[float, float]]:
    """What is left of the outcomes of each cell after forgetting."""
    found: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    for one in outcomes:
        if not one.n_accepted and not one.n_rejected:
            continue
        weight = 0.5 ** (max(one.age_days, 0.0) / HALF_LIFE_DAYS)
        key = (one.ref, one.action, one.language, one.size)
        accepted, rejected = found.get(key, (0.0, 0.0))
        found[key] = (accepted + one.n_accepted * weight, rejected + one.n_rejected * weight)
    return found


def _add_model(
    sums: dict[Key, _Beta],
    who: tuple[str, Tier, PriorCounts],
    rows: list[_Seen],
    known: Mapping[tuple[str, str], Known],
) -> None:
    ref, tier, measured = who
    shift = 0.0
    counted: list[tuple[_Seen, _Beta]] = []
    read = [(one, known[one.key[1], one.key[2]]) for one in rows]
    priors = [_prior(measured, ref, tier, about.level) for _, about in read]
    for _ in range(_N_ROUNDS):
        # How to read an accepted edit depends on how good the model is, which is what is being learnt.
        counted = [(one, _read(one, prior, about, shift)) for (one, about), prior in zip(read, priors, strict=True)]
        shift = _moved(0.0, _total(beta for _, beta in counted))
    for one, beta in counted:
        for depth in range(1, len(one.key) + 1):
            part = one.key[:depth]
            sums[part] = _total((sums.get(part, _Beta()), beta))


def _read(one: _Seen, prior: float, known: Known, shift: float) -> _Beta:
    believed = _chance(_odds(prior) + shift)
    if_accepted = known.strength.right_if_accepted(believed)
    if_rejected = known.strength.right_if_rejected(believed)
    right = one.accepted * if_accepted + one.rejected * if_rejected
    total = one.accepted + one.rejected
    return _Beta(right, total - right, total * prior)


def _total(betas: Iterable[_Beta]) -> _Beta:
    found = list(betas)
    return _Beta(sum(b.right for b in found), sum(b.wrong for b in found), sum(b.expected for b in found))
