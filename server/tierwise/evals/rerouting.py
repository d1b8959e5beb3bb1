"""What the clicks of a log would have cost, and how many would have passed, had they been routed otherwise. Pure.

What a model did on a click is known where the log has it. Where it has not, the model's share of accepted edits stands
in: from a run of cases where one is given, else what is believed of it. All figures are averages over that chance.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tierwise.actions import CATALOGUE, Action, Difficulty
from tierwise.evals.replay import Call
from tierwise.routing.baselines import always_top, cascade_route, fixed_route
from tierwise.routing.check_strength import strength_of
from tierwise.routing.estimate import Estimate
from tierwise.routing.outlook import DEFAULT_OUTLOOK, Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.rungs import escalations
from tierwise.routing.tiers import Availability, Candidate, Route, Tier

POLICIES = ("configured", "cascade", "always-local", "always-bulk", "always-top")
_N_DRAWS = 6
"""Where equally good ladders take turns, so many draws are averaged."""
_NO_EDITS = frozenset({"scout", "plan", "classify", "embed", "judge", "tripwire"})
"""Reasons of calls whose answer is no edit."""
_ACTIONS: Mapping[str, Action] = {action.id: action for action in CATALOGUE}

Shares = Mapping[str, float]
"""The share of edits that passed, by `backend/model`."""


@dataclass(frozen=True, slots=True)
class Click:
    """The edits that were asked for one click."""

    calls: tuple[Call, ...]

    @property
    def is_passed(self) -> bool:
        """Whether any edit was accepted."""
        return any(call.outcome == "accepted" for call in self.calls)

    @property
    def known(self) -> dict[str, bool]:
        """By model, whether its edit was accepted; calls without an answer tell nothing."""
        return {call.ref: call.outcome == "accepted" for call in self.calls if call.outcome in ("accepted", "rejected")}

    @property
    def estimate(self) -> Estimate | None:
        """What one call takes, from the first that was counted; None where none was."""
        for call in self.calls:
            if call.input_tokens is not None and call.output_tokens is not None:
                return Estimate(input_tokens=call.input_tokens, output_tokens=call.output_tokens)
        return None


@dataclass(slots=True, kw_only=True)
class Rerouted:
    """One policy over all clicks. Counts may be fractions, since they are averages."""

    policy: str
    n_clicks: int = 0
    n_not_routed: int = 0
    """Clicks nobody could be asked for."""
    n_calls: float = 0.0
    n_known_calls: float = 0.0
    """Calls whose outcome the log itself has."""
    pico_usd: float = 0.0
    top_pico_usd: float = 0.0
    n_unknown_cost: float = 0.0
    """Calls of models without a known price; their money is in no sum."""
    n_passed: float = 0.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """The same clicks as they were."""

    n_clicks: int
    n_calls: int
    n_passed: int
    pico_usd: int
    n_unknown_cost: int


def clicks_of(calls: Iterable[Call]) -> tuple[Click, ...]:
    """The clicks of a log that a policy can be tried on: those with an answered edit whose tokens were counted."""
    grouped: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.action_key and call.reason_code not in _NO_EDITS and call.outcome != "running":
            grouped[call.action_key].append(call)
    clicks = (Click(tuple(found)) for found in grouped.values())
    return tuple(click for click in clicks if click.known and click.estimate is not None)


def recorded(clicks: Sequence[Click]) -> Recorded:
    """What the clicks took."""
    calls = [call for click in clicks for call in click.calls]
    return Recorded(
        n_clicks=len(clicks),
        n_calls=len(calls),
        n_passed=sum(click.is_passed for click in clicks),
        pico_usd=sum(call.cost_pico_usd or 0 for call in calls),
        n_unknown_cost=sum(call.cost_pico_usd is None for call in calls),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How likely an edit passes that the log does not have."""

    outlook: Outlook = DEFAULT_OUTLOOK
    shares: Shares = field(default_factory=dict)

    def accepted(self, candidate: Candidate, request: RouteRequest) -> float:
        """The chance that the checks accept a candidate's edit."""
        share = self.shares.get(candidate.ref)
        if share is not None:
            return share
        right = self.outlook.beliefs.chance(candidate, request.cell, request.difficulty)
        return request.strength.accepts(right)


def reroute(policy: str, clicks: Sequence[Click], candidates: Sequence[Candidate], odds: Odds) -> Rerouted:
    """Send every click along the policy's ladders."""
    # Who can be asked at this moment has nothing to do with what would have been.
    who = [replace(one, availability=Availability.READY, availability_detail="") for one in candidates]
    sums = Rerouted(policy=policy)
    for click in clicks:
        request = _request(click, odds.outlook)
        routes = _ROUTES[policy](request, who)
        sums.n_clicks += 1
        sums.n_not_routed += not routes[0].ladder
        for route in routes:
            _climb(sums, route, click, (request, odds), 1 / len(routes))
    return sums


def _request(click: Click, outlook: Outlook) -> RouteRequest:
    first = click.calls[0]
    action = _ACTIONS.get(first.action)
    return RouteRequest(
        difficulty=Difficulty.STANDARD if action is None else action.difficulty,
        estimate=click.estimate or Estimate(input_tokens=0, output_tokens=0),
        action=first.action,
        language=first.language,
        strength=strength_of(() if action is None else action.checks, first.language),
        outlook=outlook,
    )


def _climb(sums: Rerouted, route: Route, click: Click, by: tuple[RouteRequest, Odds], reach: float) -> None:
    request, odds = by
    for candidate in escalations(route.ladder):
        money = request.estimate.cost(candidate.price)
        was_accepted = click.known.get(candidate.ref)
        sums.n_calls += reach
        sums.n_known_calls += reach * (was_accepted is not None)
        sums.pico_usd += reach * (money or 0)
        sums.top_pico_usd += reach * (money or 0) * (candidate.tier is Tier.TOP)
        sums.n_unknown_cost += reach * (money is None)
        chance = odds.accepted(candidate, request) if was_accepted is None else float(was_accepted)
        sums.n_passed += reach * chance
        reach *= 1 - chance
        if not reach:
            return


def _configured(request: RouteRequest, who: Sequence[Candidate]) -> list[Route]:
    return [choose_route(replace(request, draw=draw / _N_DRAWS), who) for draw in range(_N_DRAWS)]


_ROUTES: Mapping[str, Callable[[RouteRequest, Sequence[Candidate]], list[Route]]] = {
    "configured": _configured,
    "cascade": lambda request, who: [cascade_route(request, who)],
    "always-local": lambda request, who: [fixed_route(request, who, Tier.LOCAL)],
    "always-bulk": lambda request, who: [fixed_route(request, who, Tier.BULK)],
    "always-top": lambda request, who: [always_top(request, who)],
}
