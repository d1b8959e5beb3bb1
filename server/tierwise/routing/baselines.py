"""Routers to compare the policy with: always the same tier, always the top, whatever comes, and everything in turn.

They obey the same bounds as the policy and know nothing else. Pure: chance is an argument.
"""

from collections.abc import Iterable

from tierwise.routing.obstacles import obstacle_for
from tierwise.routing.policy import RouteRequest
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Reason, Route, Tier


def fixed_route(request: RouteRequest, candidates: Iterable[Candidate], tier: Tier) -> Route:
    """One tier and nothing else."""
    kept = _allowed(request, candidates)
    return Route(ladder=tuple(c for c in kept if c.tier is tier), reasons=(Reason("fixed", f"always {tier}"),))


def always_top(request: RouteRequest, candidates: Iterable[Candidate]) -> Route:
    """The highest tier that has somebody to ask."""
    kept = _allowed(request, candidates)
    there = [tier for tier in MODEL_TIERS if any(c.tier is tier for c in kept)]
    return fixed_route(request, kept, there[-1] if there else Tier.TOP)


def random_route(request: RouteRequest, candidates: Iterable[Candidate], chance: float) -> Route:
    """A tier by chance, from 0 up to but not including 1, each that has somebody to ask being equally likely."""
    kept = _allowed(request, candidates)
    there = [tier for tier in MODEL_TIERS if any(c.tier is tier for c in kept)]
    if not there:
        return Route(ladder=(), reasons=(Reason("random", "nobody can be asked"),))
    chosen = there[min(int(chance * len(there)), len(there) - 1)]
    return Route(ladder=tuple(c for c in kept if c.tier is chosen), reasons=(Reason("random", f"by chance {chosen}"),))


def cascade_route(request: RouteRequest, candidates: Iterable[Candidate]) -> Route:
    """Every tier in turn, the lowest first, whatever is known of them."""
    order = {tier: i for i, tier in enumerate(MODEL_TIERS)}
    ladder = sorted(_allowed(request, candidates), key=lambda c: order[c.tier])
    return Route(ladder=tuple(ladder), reasons=(Reason("cascade", "every tier in turn"),))


def _allowed(request: RouteRequest, candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if obstacle_for(request, candidate) is None]
