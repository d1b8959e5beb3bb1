"""What holds of every route, whatever is asked of whomever."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.candidates import BULK, LOCAL, TOP, candidate, lets_through, request
from tierwise.actions import Difficulty
from tierwise.routing.baselines import always_top, cascade_route, fixed_route, random_route
from tierwise.routing.beliefs import Beliefs, Known, OutcomeCount, learn
from tierwise.routing.check_strength import PERFECT
from tierwise.routing.estimate import Estimate
from tierwise.routing.outlook import Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.rungs import escalations
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Route, Tier

ORDER = {tier: i for i, tier in enumerate(MODEL_TIERS)}
tiers = st.sampled_from(MODEL_TIERS)


@st.composite
def candidate_lists(draw: st.DrawFn) -> tuple[Candidate, ...]:
    """Up to six models in any order of tiers, some out of reach, some with a window, some of unknown price."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        more: dict[str, object] = {
            "availability": draw(st.sampled_from(Availability)),
            "window": draw(st.sampled_from([None, 800, 100_000])),
            "is_on_this_machine": draw(st.booleans()),
        }
        if draw(st.integers(0, 5)) == 0:
            more["price"] = None
        found.append(candidate(draw(tiers), f"m{number}", **more))
    return tuple(found)


def outlook_after(shares: tuple[float, ...], n: int, slips: float) -> Outlook:
    """Beliefs after `n` outcomes each of six models on rising tiers, of which these shares were accepted."""
    outcomes = [
        OutcomeCount(
            action="do",
            language="python",
            ref=f"b/m{i}",
            size="small",
            n_accepted=share * n,
            n_rejected=(1 - share) * n,
        )
        for i, share in enumerate(shares)
    ]
    refs = {f"b/m{i}": MODEL_TIERS[i % 3] for i in range(len(shares))}
    known = {("do", "python"): Known(level=Difficulty.STANDARD, strength=lets_through(slips))}
    return Outlook(beliefs=learn(outcomes, refs, known))


OUTLOOKS = [
    Outlook(),
    outlook_after((0.9, 0.1, 0.5, 0.95, 0.3, 0.99), 5, 0.0),
    outlook_after((0.9, 0.1, 0.5, 0.95, 0.3, 0.99), 500, 0.1),
    outlook_after((0.5, 0.6, 0.7, 0.5, 0.6, 0.7), 300, 0.5),
    outlook_after((0.0, 0.0, 0.0, 1.0, 1.0, 1.0), 10_000, 0.0),
]


@st.composite
def requests(draw: st.DrawFn) -> RouteRequest:
    """Any request."""
    return request(
        draw(st.sampled_from(Difficulty)),
        estimate=Estimate(input_tokens=draw(st.integers(0, 5000)), output_tokens=draw(st.integers(0, 5000))),
        n_files=draw(st.integers(1, 4)),
        instruction=draw(st.sampled_from([None, "short", "x" * 2500])),
        hint=draw(st.sampled_from(["auto", "low", "high"])),
        forced=draw(st.one_of(st.none(), tiers)),
        start=draw(st.one_of(st.none(), tiers)),
        is_local_only=draw(st.booleans()),
        strength=lets_through(draw(st.floats(0, 1)), draw(st.floats(0, 0.2))),
        rejected_on=draw(st.one_of(st.none(), tiers)),
        budget_pico_usd=draw(st.one_of(st.none(), st.integers(0, 10**11))),
        draw=draw(st.floats(0, 1, exclude_max=True)),
        outlook=draw(st.sampled_from(OUTLOOKS)),
    )


def is_allowed(asked: RouteRequest, one: Candidate) -> bool:
    """Whether nothing forbids asking somebody."""
    cost = asked.estimate.held(one.price)
    return (
        one.can_be_tried
        and not (asked.is_local_only and not one.is_on_this_machine)
        and asked.estimate.fits(one.window)
        and (asked.budget_pico_usd is None or (cost is not None and cost <= asked.budget_pico_usd))
    )


@given(requests(), candidate_lists())
def test_bounds_hold_nobody_is_asked_twice_and_there_is_always_a_reason(
    asked: RouteRequest, there: tuple[Candidate, ...]
) -> None:
    route = choose_route(asked, there)
    models = [one.model for one in route.ladder]
    assert len(models) == len(set(models))
    allowed = {one.model for one in there if is_allowed(asked, one) and asked.forced in (None, one.tier)}
    # Everybody who may be asked is on the ladder, if only as a fallback, and nobody else is.
    assert set(models) == allowed
    assert route.reasons
    assert all(reason.code and reason.words for reason in route.reasons)
    assert route.start is not None


@given(requests(), candidate_lists())
def test_escalation_goes_up_and_ends_at_the_highest_there_is(asked: RouteRequest, there: tuple[Candidate, ...]) -> None:
    route = choose_route(asked, there)
    climbed = [ORDER[one.tier] for one in escalations(route.ladder)]
    assert climbed == sorted(set(climbed))
    if route.ladder:
        highest = max(ORDER[one.tier] for one in route.ladder)
        # Who starts beneath the wanted tier has nobody above; everybody else ends at the top of what there is.
        assert climbed[-1] == highest


@given(requests(), candidate_lists())
def test_the_same_request_gets_the_same_route(asked: RouteRequest, there: tuple[Candidate, ...]) -> None:
    assert choose_route(asked, there) == choose_route(asked, there)


@given(requests(), candidate_lists())
def test_a_hint_never_works_against_itself(asked: RouteRequest, there: tuple[Candidate, ...]) -> None:
    asked = replace(asked, forced=None, rejected_on=None, n_files=1, instruction=None, draw=0.0, outlook=Outlook())
    low, auto, high = (
        choose_route(replace(asked, hint=hint), there).start  # type: ignore[arg-type]
        for hint in ("low", "auto", "high")
    )
    assert low is not None
    assert auto is not None
    assert high is not None
    assert ORDER[low] <= ORDER[auto] <= ORDER[high]


@given(requests(), candidate_lists(), st.integers(0, 10**11), st.integers(0, 10**11))
def test_more_budget_only_adds(asked: RouteRequest, there: tuple[Candidate, ...], one: int, other: int) -> None:
    less, more = sorted((one, other))
    poor = choose_route(replace(asked, budget_pico_usd=less), there)
    rich = choose_route(replace(asked, budget_pico_usd=more), there)
    assert {c.model for c in poor.ladder} <= {c.model for c in rich.ladder}


@given(requests(), candidate_lists())
def test_an_answer_that_was_not_kept_starts_higher(asked: RouteRequest, there: tuple[Candidate, ...]) -> None:
    first = choose_route(replace(asked, rejected_on=None, forced=None), there)
    if first.start is None:
        return
    again = choose_route(replace(asked, rejected_on=first.start, forced=None), there)
    assert again.start is not None
    assert ORDER[again.start] >= min(ORDER[first.start] + 1, ORDER[Tier.TOP])


def learned(solved: dict[Tier, float], n: int = 300) -> Beliefs:
    """Beliefs after so many outcomes for each of three models, judged without error."""
    who = {Tier.LOCAL: LOCAL, Tier.BULK: BULK, Tier.TOP: TOP}
    outcomes = [
        OutcomeCount(
            action="do", language="python", ref=who[tier].ref, size="small",
            n_accepted=share * n, n_rejected=(1 - share) * n,
        )
        for tier, share in solved.items()
    ]  # fmt: skip
    known = {("do", "python"): Known(level=Difficulty.STANDARD, strength=PERFECT)}
    return learn(outcomes, {one.ref: tier for tier, one in who.items()}, known)


@pytest.mark.parametrize(
    ("share_let_through", "started"),
    [(0.0, Tier.LOCAL), (0.1, Tier.LOCAL), (0.6, Tier.BULK), (0.95, Tier.BULK)],
)
def test_weak_checks_start_higher(share_let_through: float, started: Tier) -> None:
    beliefs = learned({Tier.LOCAL: 0.46, Tier.BULK: 0.57, Tier.TOP: 0.65})
    estimate = Estimate(input_tokens=1650, output_tokens=1000)
    asked = request(estimate=estimate, strength=lets_through(share_let_through), outlook=Outlook(beliefs=beliefs))
    assert choose_route(asked, (LOCAL, BULK, TOP)).start is started


def test_a_strong_local_model_is_found_out_and_a_hopeless_one_too() -> None:
    strong = Outlook(beliefs=learned({Tier.LOCAL: 0.9, Tier.BULK: 0.92, Tier.TOP: 0.93}))
    asked = request(strength=lets_through(0.3), outlook=strong)
    route = choose_route(asked, (LOCAL, BULK, TOP))
    assert route.start is Tier.LOCAL
    assert "cheaper-ladder" in [reason.code for reason in route.reasons]

    hopeless = Outlook(beliefs=learned({Tier.LOCAL: 0.01, Tier.BULK: 0.6, Tier.TOP: 0.8}))
    asked = request(Difficulty.MECHANICAL, strength=lets_through(0.9), outlook=hopeless)
    assert choose_route(asked, (LOCAL, BULK, TOP)).start is not Tier.LOCAL


def test_a_few_outcomes_do_not_move_the_start() -> None:
    few = Outlook(beliefs=learned({Tier.LOCAL: 1.0, Tier.BULK: 0.5, Tier.TOP: 0.5}, n=2))
    assert choose_route(request(outlook=few), (LOCAL, BULK, TOP)).start is Tier.BULK


def test_equally_good_ladders_take_turns() -> None:
    beliefs = learned({Tier.LOCAL: 0.46, Tier.BULK: 0.57, Tier.TOP: 0.65})
    estimate = Estimate(input_tokens=1650, output_tokens=1000)
    for share in range(100):
        asked = request(estimate=estimate, strength=lets_through(share / 100), outlook=Outlook(beliefs=beliefs))
        starts = {choose_route(replace(asked, draw=draw), (LOCAL, BULK, TOP)).start for draw in (0.0, 0.4, 0.9)}
        if len(starts) > 1:
            return
    pytest.fail("no strength of the checks makes two ladders equally good")


@given(requests(), candidate_lists(), st.floats(0, 1, exclude_max=True))
def test_baselines_keep_the_bounds_too(asked: RouteRequest, there: tuple[Candidate, ...], chance: float) -> None:
    allowed = [one for one in there if is_allowed(asked, one)]
    routes: dict[str, Route] = {
        "top": always_top(asked, there),
        "random": random_route(asked, there, chance),
        "cascade": cascade_route(asked, there),
        "fixed": fixed_route(asked, there, Tier.BULK),
    }
    for route in routes.values():
        assert set(route.ladder) <= set(allowed)
        assert route.reasons
    assert len(routes["cascade"].ladder) == len(allowed)
    assert {one.tier for one in routes["top"].ladder} == (
        {max((one.tier for one in allowed), key=ORDER.__getitem__)} if allowed else set()
    )
    assert len({one.tier for one in routes["random"].ladder}) == (1 if allowed else 0)
