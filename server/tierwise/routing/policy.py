"""The policy: which tiers may try an action, in which order, and why. Pure.

Difficulty names the tier the work belongs to. Among the ladders that go up from some tier to the highest there is,
the one with the least expected cost to an accepted edit is taken: money, waiting, and what it costs the user when the
edit that was accepted is wrong. As long as the ledger has seen little, only a clear advantage moves the start away from
where the work belongs.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tierwise.actions.base import Difficulty
from tierwise.routing.beliefs import Cell, size_of
from tierwise.routing.check_strength import PERFECT, CheckStrength
from tierwise.routing.estimate import Estimate
from tierwise.routing.free_instructions import LONG_INSTRUCTION
from tierwise.routing.obstacles import obstacle_for
from tierwise.routing.outlook import DEFAULT_OUTLOOK, Outlook
from tierwise.routing.raised import set_aside
from tierwise.routing.rungs import ORDER, step
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Reason, Route, Tier
from tierwise.routing.worth import Rung, Worth, worth_of

Hint = Literal["auto", "low", "high"]

HOME = {Difficulty.MECHANICAL: Tier.LOCAL, Difficulty.STANDARD: Tier.BULK, Difficulty.DEEP: Tier.TOP}
"""The tier that work of a difficulty belongs to."""
_WORK_OF = {
    Difficulty.MECHANICAL: "a mechanical edit",
    Difficulty.STANDARD: "standard work",
    Difficulty.DEEP: "work over several files or of deep reasoning",
}
_ADVANTAGE = 0.5
"""How much cheaper another ladder must be than the one from home when nothing has been seen of the models."""
_ENOUGH_SEEN = 20.0
"""After so many outcomes of both models half that advantage will do, and so on."""
_TIE = 0.06
"""Ladders whose expected costs differ by less are equally good as far as is known: with some hundred outcomes a chance
is known to three points, and three points of the stake are about this much. They take turns, so both stay known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequest:
    """All the policy looks at."""

    difficulty: Difficulty
    estimate: Estimate
    n_files: int = 1
    instruction: str | None = None
    hint: Hint = "auto"
    forced: Tier | None = None
    """The tier the user, or a user's action, asked for by name."""
    start: Tier | None = None
    """The tier the configuration lets the action start on; None leaves it to the policy."""
    is_local_only: bool = False
    """Whether anything in the prompt may not leave this machine."""
    action: str = ""
    language: str = ""
    strength: CheckStrength = PERFECT
    """How good the checks of the action are at telling right edits from wrong ones."""
    reading: Reason | None = None
    """How the difficulty was found, for a free instruction."""
    rejected_on: Tier | None = None
    """The tier of an earlier answer to the same request that the user did not keep."""
    budget_pico_usd: int | None = None
    """What a budget has left for one call; None: anything."""
    draw: float = 0.0
    """From 0 up to but not including 1: which of several equally good ladders has its turn; 0 is for the best."""
    outlook: Outlook = DEFAULT_OUTLOOK

    @property
    def cell(self) -> Cell:
        """Where beliefs about models are asked for."""
        return Cell(action=self.action, language=self.language, size=size_of(self.estimate.input_tokens))


def choose_route(request: RouteRequest, candidates: Iterable[Candidate]) -> Route:
    """The ladder of candidates to try in order, with the reasons for it."""
    skipped: list[Reason] = []
    kept: list[Candidate] = []
    for candidate in candidates:
        obstacle = obstacle_for(request, candidate)
        if obstacle is None:
            kept.append(candidate)
        elif request.forced in (None, candidate.tier):
            skipped.append(obstacle)
    if request.forced is not None:
        named = Reason("forced", f"the {request.forced} tier was asked for by name")
        return Route(
            ladder=tuple(c for c in kept if c.tier is request.forced), reasons=(named, *skipped), start=request.forced
        )
    start, reasons = _wanted_start(request)
    kept, aside, why_aside = set_aside(kept, request.outlook.raised, request.action, request.language)
    reasons += why_aside
    while start in {c.tier for c in aside} - {c.tier for c in kept}:
        start = step(start, 1)
    chosen: _Ladder | None = None
    if kept:
        start, chosen, why = _best(request, kept, start, is_open=_is_open(request))
        reasons += why
    return Route(
        ladder=(*_in_order(kept, start, chosen, reasons), *aside),
        reasons=(*reasons, *skipped),
        start=start,
        expected=None if chosen is None else chosen.worth,
    )


def _is_open(request: RouteRequest) -> bool:
    """Whether the start is for the policy to choose, and neither the user's nor the configuration's word."""
    is_raised = request.rejected_on is not None or _is_long(request)
    return request.start is None and request.hint == "auto" and not is_raised


def _is_long(request: RouteRequest) -> bool:
    return request.reading is None and request.instruction is not None and LONG_INSTRUCTION < len(request.instruction)


def _wanted_start(request: RouteRequest) -> tuple[Tier, list[Reason]]:
    """Where the work belongs, before anything is known of who can be asked."""
    start = request.start or HOME[request.difficulty]
    if request.start is not None:
        reasons = [Reason("configured-start", f"the configuration starts this action on the {start} tier")]
    else:
        words = f"{_WORK_OF[request.difficulty]} starts on the {start} tier"
        reasons = [Reason(f"difficulty-{request.difficulty}", words)]
    if request.reading is not None:
        reasons.append(request.reading)
    if request.hint == "high":
        start = step(start, 1)
        reasons.append(Reason("hint-high", f"the hint 'high' raises it to the {start} tier"))
    elif request.hint == "low":
        start = step(start, -1)
        reasons.append(Reason("hint-low", f"the hint 'low' lowers it to the {start} tier"))
    elif _is_long(request) and start is not Tier.TOP:
        start = step(start, 1)
        words = f"an instruction over {LONG_INSTRUCTION} characters raises it to {start}"
        reasons.append(Reason("long-instruction", words))
    if 1 < request.n_files and start is Tier.LOCAL and request.reading is None:
        start = Tier.BULK
        reasons.append(Reason("several-files", f"{request.n_files} files are too much for the local tier"))
    return _after_rejection(request, start, reasons), reasons


def _after_rejection(request: RouteRequest, start: Tier, reasons: list[Reason]) -> Tier:
    """One tier above an answer the user did not keep."""
    before = request.rejected_on
    if before is None or before not in ORDER or ORDER[step(before, 1)] <= ORDER[start]:
        return start
    above = step(before, 1)
    words = f"the answer of the {before} tier to the same request was not kept, so it starts on {above}"
    reasons.append(Reason("repeated", words))
    return above


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Tiers to climb, and what is expected of it."""

    tiers: tuple[Tier, ...]
    worth: Worth


@dataclass(frozen=True, slots=True)
class _Field:
    """Who would be asked first on each tier that has anybody, and what is expected of them."""

    request: RouteRequest
    firsts: dict[Tier, Candidate]
    rungs: dict[Tier, Rung]

    @classmethod
    def of(cls, request: RouteRequest, kept: Sequence[Candidate]) -> "_Field":
        firsts: dict[Tier, Candidate] = {}
        for tier in MODEL_TIERS:
            first = next((c for c in kept if c.tier is tier), None)
            if first is not None:
                firsts[tier] = first
        outlook, cell, level, estimate = request.outlook, request.cell, request.difficulty, request.estimate
        return cls(request, firsts, {t: outlook.rung(c, cell, level, estimate) for t, c in firsts.items()})

    def ladder(self, tiers: tuple[Tier, ...], strength: CheckStrength) -> _Ladder:
        """What is expected of climbing these tiers."""
        stakes = self.request.outlook.stakes
        rungs = [self.rungs[tier] for tier in tiers]
        return _Ladder(tiers, worth_of(rungs, strength, stakes.of(self.request.difficulty), stakes.waiting_per_s))

    def needed_advantage(self, tiers: tuple[Tier, ...], home: tuple[Tier, ...]) -> float:
        """The part by which a ladder must be cheaper; it shrinks as outcomes of the models in question come in."""
        beliefs = self.request.outlook.beliefs
        in_question = set(tiers) ^ set(home)
        seen = min(beliefs.n_seen(self.firsts[tier], self.request.action) for tier in in_question)
        return _ADVANTAGE * _ENOUGH_SEEN / (_ENOUGH_SEEN + seen)


def _best(
    request: RouteRequest, kept: Sequence[Candidate], wanted: Tier, *, is_open: bool
) -> tuple[Tier, _Ladder, list[Reason]]:
    """The tier to start on, the ladder from there, and why it is not the one that was wanted."""
    field = _Field.of(request, kept)
    home = tuple(tier for tier in field.firsts if ORDER[wanted] <= ORDER[tier])
    if not home:
        # Nothing from there up can be asked: the nearest tier beneath stands in, and the ladder goes down from it.
        nearest = max(field.firsts, key=lambda tier: ORDER[tier])
        return wanted, field.ladder((nearest,), request.strength), []
    at_home = field.ladder(home, request.strength)
    if not is_open or wanted not in field.firsts:
        return wanted, at_home, []
    best = _cheapest(field, at_home)
    return best.tiers[0], best, [] if best is at_home else _why_not_home(field, at_home, best)


def _cheapest(field: _Field, at_home: _Ladder) -> _Ladder:
    """The ladder with the least expected cost, if its advantage over the one from home is clear."""
    least = field.request.outlook.least_chance[field.request.difficulty]
    known = [at_home]
    for tiers in _ladders(tuple(field.firsts)):
        is_good = tiers[0] is at_home.tiers[0] or least <= field.rungs[tiers[0]].chance
        if tiers == at_home.tiers or not is_good:
            continue
        ladder = field.ladder(tiers, field.request.strength)
        # What little is seen must speak clearly; what is well known may also be nearly as good, and has its turn then.
        needed = field.needed_advantage(tiers, at_home.tiers)
        if needed <= _TIE or ladder.worth.total < (1 - needed) * at_home.worth.total:
            known.append(ladder)
    known.sort(key=lambda ladder: ladder.worth.total)
    equal = [ladder for ladder in known if ladder.worth.total <= (1 + _TIE) * known[0].worth.total]
    return equal[min(int(field.request.draw * len(equal)), len(equal) - 1)]


def _ladders(tiers: tuple[Tier, ...]) -> Iterable[tuple[Tier, ...]]:
    """Every way up to the highest tier: a user who waited would rather have it tried than be refused."""
    *lower, highest = tiers
    for n in range(len(lower), -1, -1):
        for chosen in itertools.combinations(lower, n):
            yield (*chosen, highest)


def _why_not_home(field: _Field, home: _Ladder, best: _Ladder) -> list[Reason]:
    """The argument for a ladder other than the one the difficulty names."""
    way = " → ".join(best.tiers)
    saved = 1 - best.worth.total / home.worth.total
    chances = ", ".join(f"{tier} {rung.chance:.0%}" for tier, rung in field.rungs.items())
    if saved < _TIE:
        words = f"{way} is as good as starting on {home.tiers[0]} as far as is known, and they take turns ({chances})"
        return [Reason("equal-ladder", words)]
    words = f"{way} is expected to cost {saved:.0%} less to an accepted edit; chances of a right one: {chances}"
    reasons = [Reason("cheaper-ladder", words)]
    if ORDER[home.tiers[0]] < ORDER[best.tiers[0]]:
        at_home, elsewhere = field.ladder(home.tiers, PERFECT), field.ladder(best.tiers, PERFECT)
        if at_home.worth.total <= elsewhere.worth.total:
            slips = f"{field.request.strength.lets_through:.0%}"
            reasons.append(Reason("weak-checks", f"the checks let about {slips} of wrong edits through: it starts up"))
    return reasons


def _in_order(
    kept: Sequence[Candidate], start: Tier, chosen: _Ladder | None, reasons: list[Reason]
) -> tuple[Candidate, ...]:
    """The ladder from its first tier upwards; tiers it leaves out come last, for when nothing on it can be asked."""
    upwards = sorted((c for c in kept if _is_on(c.tier, start, chosen)), key=lambda c: ORDER[c.tier])
    beneath = sorted((c for c in kept if not _is_on(c.tier, start, chosen)), key=lambda c: -ORDER[c.tier])
    if upwards and upwards[0].tier is not start:
        reasons.append(Reason("raised", f"no {start} model can be asked, so {upwards[0].tier} is asked first"))
    if not upwards and beneath:
        words = f"nothing from {start} up can be asked, so it falls back to the {beneath[0].tier} tier"
        reasons.append(Reason("lowered", words))
    return (*upwards, *beneath)


def _is_on(tier: Tier, start: Tier, chosen: _Ladder | None) -> bool:
    return ORDER[start] <= ORDER[tier] and chosen is not None and tier in chosen.tiers
