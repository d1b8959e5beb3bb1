"""Replay the policy on known outcomes: what it would have solved and spent, had its checks erred this often. Pure.

The routes are those of `tierwise.routing`, and so are the steps from rung to rung; only models and checks are stood in
for. Checks err by chance, independently; all figures are exact averages over that chance, nothing is sampled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tierwise.actions import Difficulty
from tierwise.evals.policy_outcomes import Question
from tierwise.routing.baselines import always_top, cascade_route, fixed_route, random_route
from tierwise.routing.beliefs import Beliefs, Known, OutcomeCount, learn
from tierwise.routing.check_strength import PERFECT, CheckStrength
from tierwise.routing.estimate import Estimate, estimate_call
from tierwise.routing.money import Price
from tierwise.routing.outlook import Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.rungs import escalations, next_rung
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Route, Tier
from tierwise.routing.worth import Stakes

ACTION, LANGUAGE = "do", "python"
ESTIMATE = estimate_call(target_chars=2400, context_chars=1200, output_ratio=1.2)
"""Every call takes the same: what is estimated for sixty lines of code and what stands around them."""
N_DRAWS = 12
"""Where ladders take turns, so many draws are averaged."""
STAKES = Stakes(waiting_per_s=0)
"""As shipped, but for waiting: the outcomes come without times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one way of routing came to over some questions; shares are between 0 and 1."""

    name: str
    solved: float
    """Share of questions that ended with a right edit."""
    wrong: float
    """Share that ended with a wrong edit which the check let through."""
    pico_usd: float
    """Money per question."""
    attempts: float
    """Calls per question."""
    top_calls: float
    """The top tier's share of calls, and so of tokens."""
    top_money: float
    """Its share of money."""


def candidates(prices: Mapping[Tier, Price]) -> tuple[Candidate, ...]:
    """One model for each tier, without a name, so that no figure published of it is used."""
    return tuple(
        Candidate(tier=tier, backend="replay", model=f"{tier}-model", price=prices[tier]) for tier in MODEL_TIERS
    )


def beliefs_from(questions: Sequence[Question], who: Sequence[Candidate]) -> Beliefs:
    """What is learnt from questions whose answers are known to be right or wrong."""
    outcomes = []
    for candidate in who:
        n_solved = sum(q.is_solved[candidate.tier] for q in questions)
        one = OutcomeCount(
            action=ACTION,
            language=LANGUAGE,
            ref=candidate.ref,
            size="medium",
            n_accepted=n_solved,
            n_rejected=len(questions) - n_solved,
        )
        outcomes.append(one)
    known = {(ACTION, LANGUAGE): Known(level=Difficulty.STANDARD, strength=PERFECT)}
    return learn(outcomes, {c.ref: c.tier for c in who}, known)


def request_with(strength: CheckStrength, beliefs: Beliefs, estimate: Estimate = ESTIMATE) -> RouteRequest:
    """What the policy is told: nothing of the question, everything of the check."""
    return RouteRequest(
        difficulty=Difficulty.STANDARD,
        estimate=estimate,
        action=ACTION,
        language=LANGUAGE,
        strength=strength,
        outlook=Outlook(beliefs=beliefs, stakes=STAKES),
    )


def replay(
    name: str, routes: Sequence[Route], questions: Sequence[Question], strength: CheckStrength
) -> Result:  # fmt: skip
    """Send every question along every one of the routes, all being equally likely."""
    sums = _Sums()
    for question in questions:
        for route in routes:
            _climb(sums, route, question, strength, 1 / len(routes))
    return sums.result(name, len(questions))


class _Sums:
    def __init__(self) -> None:
        self.solved = self.wrong = self.money = self.calls = self.top_calls = self.top_money = 0.0

    def result(self, name: str, n: int) -> Result:
        return Result(
            name=name,
            solved=self.solved / n,
            wrong=self.wrong / n,
            pico_usd=self.money / n,
            attempts=self.calls / n,
            top_calls=self.top_calls / self.calls if self.calls else 0.0,
            top_money=self.top_money / self.money if self.money else 0.0,
        )


def _climb(sums: _Sums, route: Route, question: Question, strength: CheckStrength, reach: float) -> None:
    at: int | None = 0 if route.ladder else None
    while at is not None and reach:
        candidate = route.ladder[at]
        money = ESTIMATE.cost(candidate.price) or 0
        is_top = candidate.tier is Tier.TOP
        sums.calls += reach
        sums.money += reach * money
        sums.top_calls += reach * is_top
        sums.top_money += reach * money * is_top
        is_right = question.is_solved[candidate.tier]
        accepted = reach * strength.accepts(float(is_right))
        if is_right:
            sums.solved += accepted
        else:
            sums.wrong += accepted
        reach -= accepted
        at = next_rung(route.ladder, at, "escalated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One pair of error rates on one half: the policy, what it is compared with, and the verdicts."""

    strength: CheckStrength
    ladders: tuple[tuple[Tier, ...], ...]
    """The ladders the policy climbs; several take turns."""
    policy: Result
    baselines: tuple[Result, ...]
    oracle: Result
    frontier: float
    """The most that any mix of baselines solves for the policy's money."""

    @property
    def gap(self) -> float:
        """How much more that is than the policy solves; below 0 where the policy is above the frontier."""
        return self.frontier - self.policy.solved

    @property
    def top(self) -> Result:
        """The baseline that always asks the top tier."""
        return next(result for result in self.baselines if result.name == "always top")


def run_cell(
    beliefs: Beliefs, questions: Sequence[Question], who: Sequence[Candidate], strength: CheckStrength
) -> Cell:
    """Replay the policy and every baseline with a check of this strength."""
    request = request_with(strength, beliefs)
    routes = [choose_route(replace(request, draw=draw / N_DRAWS), who) for draw in range(N_DRAWS)]
    policy = replay("policy", routes, questions, strength)
    plain: dict[str, list[Route]] = {
        "always local": [fixed_route(request, who, Tier.LOCAL)],
        "always bulk": [fixed_route(request, who, Tier.BULK)],
        "always top": [always_top(request, who)],
        "cascade": [cascade_route(request, who)],
        "random tier": [random_route(request, who, (2 * i + 1) / 6) for i in range(3)],
    }
    baselines = tuple(replay(name, routes, questions, strength) for name, routes in plain.items())
    return Cell(
        strength=strength,
        ladders=tuple(dict.fromkeys(tuple(c.tier for c in escalations(route.ladder)) for route in routes)),
        policy=policy,
        baselines=baselines,
        oracle=oracle(questions, who),
        frontier=frontier_at(baselines, policy.pico_usd),
    )


def oracle(questions: Sequence[Question], who: Sequence[Candidate]) -> Result:
    """Who knows beforehand which tier is the lowest that is right, and asks nobody when none is."""
    sums = _Sums()
    for question in questions:
        first = next((c for c in who if question.is_solved[c.tier]), None)
        if first is not None:
            ladder = Route(ladder=(first,), reasons=())
            _climb(sums, ladder, question, PERFECT, 1.0)
    return sums.result("oracle", len(questions))


def frontier_at(results: Sequence[Result], pico_usd: float) -> float:
    """The most that mixes of two of these solve without spending more than this per question."""
    best = 0.0
    for one in results:
        if one.pico_usd <= pico_usd * (1 + 1e-9):
            best = max(best, one.solved)
        for other in results:
            if one.pico_usd <= pico_usd < other.pico_usd:
                part = (pico_usd - one.pico_usd) / (other.pico_usd - one.pico_usd)
                best = max(best, one.solved + part * (other.solved - one.solved))
    return best


LETS_THROUGH = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
REFUSES = (0.0, 0.02, 0.05, 0.1)


def sweep() -> tuple[CheckStrength, ...]:
    """Every pair of error rates."""
    return tuple(CheckStrength(lets_through=slips, refuses=refused) for slips in LETS_THROUGH for refused in REFUSES)
