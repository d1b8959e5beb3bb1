"""Why a candidate may not be asked. Pure; these are bounds, which no advantage outweighs."""

from typing import TYPE_CHECKING

from tierwise.routing.money import format_money
from tierwise.routing.tiers import Candidate, Reason

if TYPE_CHECKING:
    from tierwise.routing.policy import RouteRequest


def obstacle_for(request: "RouteRequest", candidate: Candidate) -> Reason | None:
    """What speaks against asking a candidate at all, or None."""
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
    return _beyond_budget(request, candidate, who)


def _left(pico_usd: int) -> str:
    return format_money(pico_usd) if pico_usd else "nothing"


def _beyond_budget(request: "RouteRequest", candidate: Candidate, who: str) -> Reason | None:
    if request.budget_pico_usd is None:
        return None
    held = request.estimate.held(candidate.price)
    if held is None:
        return Reason("skipped-budget", f"{who} is skipped: its price is unknown, and there is a budget to keep")
    if request.budget_pico_usd < held:
        left = _left(request.budget_pico_usd)
        words = f"{who} is skipped: a call could cost {format_money(held)}, and the budget has {left} left"
        return Reason("skipped-budget", words)
    return None
