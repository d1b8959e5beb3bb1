"""The policy, first version: difficulty decides where the ladder starts, availability what stands on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tierwise.actions.base import Difficulty
from tierwise.routing.estimate import Estimate
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Reason, Route, Tier

Hint = Literal["auto", "low", "high"]

_START = {Difficulty.MECHANICAL: Tier.LOCAL, Difficulty.STANDARD: Tier.BULK, Difficulty.DEEP: Tier.TOP}
LONG_INSTRUCTION = 2000
"""Characters of free text from which a request counts as complex, as in the routing rule of the article this
product started from ("long prompt + structured output = high complexity")."""
_WORK_OF = {
    Difficulty.MECHANICAL: "a mechanical edit",
    Difficulty.STANDARD: "standard work",
    Difficulty.DEEP: "work over several files or of deep reasoning",
}


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
    """The tier the configuration lets the action start on; None leaves it to the difficulty."""
    is_local_only: bool = False
    """Whether anything in the prompt may not leave this machine."""


def choose_route(request: RouteRequest, candidates: Iterable[Candidate]) -> Route:
    """The ladder of candidates to try in order, with the reasons for it."""
    all_candidates = tuple(candidates)
    start, reasons = _starting_tier(request)
    kept: list[Candidate] = []
    for candidate in all_candidates:
        obstacle = _obstacle(request, candidate)
        if obstacle is None:
            kept.append(candidate)
        elif request.forced in (None, candidate.tier):
            reasons.append(obstacle)
    return Route(ladder=_in_order(kept, start, request, reasons), reasons=tuple(reasons))


def _starting_tier(request: RouteRequest) -> tuple[Tier, list[Reason]]:
    if request.forced is not None:
        return request.forced, [Reason("forced", f"the {request.forced} tier was asked for by name")]
    start = request.start or _START[request.difficulty]
    why = f"{_WORK_OF[request.difficulty]} starts on the {start} tier"
    reasons = [Reason(f"difficulty-{request.difficulty}", why)]
    if request.start is not None:
        reasons = [Reason("configured-start", f"the configuration starts this action on the {start} tier")]
    if request.hint == "high":
        start = _step(start, 1)
        reasons.append(Reason("hint-high", f"the hint 'high' raises it to the {start} tier"))
    elif request.hint == "low":
        start = _step(start, -1)
        reasons.append(Reason("hint-low", f"the hint 'low' lowers it to the {start} tier"))
    elif request.instruction is not None and LONG_INSTRUCTION < len(request.instruction) and start is not Tier.TOP:
        start = _step(start, 1)
        reasons.append(
            Reason("long-instruction", f"an instruction over {LONG_INSTRUCTION} characters raises it to {start}")
        )
    if 1 < request.n_files and start is Tier.LOCAL:
        start = Tier.BULK
        reasons.append(Reason("several-files", f"{request.n_files} files are too much for the local tier"))
    return start, reasons


def _step(tier: Tier, by: int) -> Tier:
    index = MODEL_TIERS.index(tier) + by
    return MODEL_TIERS[max(0, min(index, len(MODEL_TIERS) - 1))]


def _obstacle(request: RouteRequest, candidate: Candidate) -> Reason | None:
    """Why a candidate may not be asked, or None."""
    who = f"{candidate.tier} {candidate.model!r}"
    if not candidate.can_be_tried:
        why = candidate.availability_detail or str(candidate.availability)
        return Reason(f"skipped-{candidate.availability}", f"{who} is skipped: {why}")
    if request.is_local_only and not candidate.is_on_this_machine:
        return Reason("skipped-local-only", f"{who} is skipped: the file may not leave this machine")
    if not request.estimate.fits(candidate.window):
        return Reason(
            "skipped-window",
            f"{who} is skipped: about {request.estimate.input_tokens + request.estimate.output_tokens} tokens do not"
            f" fit its window of {candidate.window}",
        )
    return None


def _in_order(
    kept: Sequence[Candidate], start: Tier, request: RouteRequest, reasons: list[Reason]
) -> tuple[Candidate, ...]:
    """From the starting tier upwards; the tiers beneath come last, for when nothing above can be asked."""
    if request.forced is not None:
        return tuple(c for c in kept if c.tier is start)
    order = {tier: i for i, tier in enumerate(MODEL_TIERS)}
    upwards = sorted((c for c in kept if order[start] <= order[c.tier]), key=lambda c: order[c.tier])
    beneath = sorted((c for c in kept if order[c.tier] < order[start]), key=lambda c: -order[c.tier])
    if upwards and upwards[0].tier is not start:
        reasons.append(Reason("raised", f"no {start} model can be asked, so {upwards[0].tier} is asked first"))
    if not upwards and beneath:
        reasons.append(
            Reason("lowered", f"nothing from {start} up can be asked, so it falls back to the {beneath[0].tier} tier")
        )
    return (*upwards, *beneath)


StepKind = Literal["fallback", "escalated"]


def next_rung(ladder: Sequence[Candidate], at: int, event: StepKind) -> int | None:
    """The index of who is asked next, or None.

    A failed call falls back to the next candidate, on the same tier if there is one. A rejected edit escalates to the
    next higher tier, never sideways and never down: a weaker model would not mend what a stronger one broke.
    """
    order = {tier: i for i, tier in enumerate(MODEL_TIERS)}
    for index in range(at + 1, len(ladder)):
        if event == "fallback" or order[ladder[at].tier] < order[ladder[index].tier]:
            return index
    return None
