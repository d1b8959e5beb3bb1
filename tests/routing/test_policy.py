"""The policy as a table: difficulty, hints and obstacles in, a ladder with reasons out."""

import pytest

from routing.candidates import ALL, BULK, BULK_2, LOCAL, TOP, candidate, off, request
from tierwise.actions import Difficulty
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.rungs import next_rung
from tierwise.routing.tiers import Availability, Candidate, Tier

CASES = [
    (
        "mechanical",
        request(Difficulty.MECHANICAL),
        ALL,
        ["small", "medium", "medium-too", "large"],
        "difficulty-mechanical",
    ),
    ("standard", request(), ALL, ["medium", "medium-too", "large", "small"], "difficulty-standard"),
    ("deep", request(Difficulty.DEEP), ALL, ["large", "medium", "medium-too", "small"], "difficulty-deep"),
    ("hint high", request(hint="high"), ALL, ["large", "medium", "medium-too", "small"], "hint-high"),
    ("hint low", request(hint="low"), ALL, ["small", "medium", "medium-too", "large"], "hint-low"),
    ("hint low at the bottom", request(Difficulty.MECHANICAL, hint="low"), ALL[:1], ["small"], "hint-low"),
    (
        "long instruction",
        request(instruction="x" * 2001),
        ALL,
        ["large", "medium", "medium-too", "small"],
        "long-instruction",
    ),
    (
        "several files",
        request(Difficulty.MECHANICAL, n_files=3),
        ALL,
        ["medium", "medium-too", "large", "small"],
        "several-files",
    ),
    ("forced", request(forced=Tier.TOP), ALL, ["large"], "forced"),
    ("local down", request(Difficulty.MECHANICAL), (off(LOCAL), BULK, TOP), ["medium", "large"], "raised"),
    ("top down", request(Difficulty.DEEP), (LOCAL, BULK, off(TOP)), ["medium", "small"], "lowered"),
    ("no key", request(), (LOCAL, off(BULK, Availability.NO_KEY), TOP), ["large", "small"], "skipped-no-key"),
    ("local only", request(is_local_only=True), ALL, ["small"], "skipped-local-only"),
    ("window", request(), (candidate(Tier.BULK, "tiny", window=600), TOP), ["large"], "skipped-window"),
    (
        "not kept on local",
        request(Difficulty.MECHANICAL, rejected_on=Tier.LOCAL),
        ALL,
        ["medium", "medium-too", "large", "small"],
        "repeated",
    ),
    ("not kept on bulk", request(rejected_on=Tier.BULK), ALL, ["large", "medium", "medium-too", "small"], "repeated"),
    ("not kept on top", request(rejected_on=Tier.TOP), ALL, ["large", "medium", "medium-too", "small"], "repeated"),
    (
        "not kept beneath",
        request(rejected_on=Tier.LOCAL),
        ALL,
        ["medium", "medium-too", "large", "small"],
        "difficulty-standard",
    ),
    ("configured", request(start=Tier.TOP), ALL, ["large", "medium", "medium-too", "small"], "configured-start"),
    ("budget", request(budget_pico_usd=10_000_000_000), ALL, ["medium", "medium-too", "small"], "skipped-budget"),
    ("budget of nothing", request(budget_pico_usd=0), ALL, ["small"], "skipped-budget"),
    (
        "budget, price unknown",
        request(budget_pico_usd=10**12),
        (candidate(Tier.BULK, "x", price=None), TOP),
        ["large"],
        "skipped-budget",
    ),
    ("nobody", request(), (off(LOCAL), off(TOP)), [], "skipped-unreachable"),
    ("nothing configured", request(), (), [], "difficulty-standard"),
]


@pytest.mark.parametrize(("asked", "candidates", "models", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_ladder(asked: RouteRequest, candidates: tuple[Candidate, ...], models: list[str], code: str) -> None:
    route = choose_route(asked, candidates)
    assert [c.model for c in route.ladder] == models
    assert code in [reason.code for reason in route.reasons]
    assert all(reason.words for reason in route.reasons)


@pytest.mark.parametrize(
    ("ladder", "at", "event", "following"),
    [
        ((BULK, BULK_2, TOP), 0, "fallback", 1),
        ((BULK, BULK_2, TOP), 0, "escalated", 2),
        ((BULK, BULK_2, TOP), 1, "fallback", 2),
        ((BULK, TOP, LOCAL), 1, "fallback", 2),
        ((BULK, TOP, LOCAL), 1, "escalated", None),
        ((LOCAL,), 0, "fallback", None),
        ((LOCAL, TOP), 0, "escalated", 1),
    ],
)
def test_next_rung(ladder: tuple[Candidate, ...], at: int, event: str, following: int | None) -> None:
    assert next_rung(ladder, at, event) == following  # type: ignore[arg-type]
