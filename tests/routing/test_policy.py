"""The policy as a table: difficulty, hints and obstacles in, a ladder with reasons out."""

import pytest

from tierwise.actions import Difficulty
from tierwise.routing.estimate import Estimate
from tierwise.routing.money import FREE, Price
from tierwise.routing.policy import RouteRequest, choose_route, next_rung
from tierwise.routing.tiers import Availability, Candidate, Tier

SMALL = Estimate(input_tokens=500, output_tokens=200)


def candidate(tier: Tier, model: str, **more: object) -> Candidate:
    price = FREE if tier is Tier.LOCAL else Price(input=1_000_000, output=4_000_000)
    values: dict[str, object] = {"price": price, "is_on_this_machine": tier is Tier.LOCAL} | more
    return Candidate(tier=tier, backend="b", model=model, **values)  # type: ignore[arg-type]


LOCAL = candidate(Tier.LOCAL, "qwen")
BULK = candidate(Tier.BULK, "glm")
BULK_2 = candidate(Tier.BULK, "glm-cloud")
TOP = candidate(Tier.TOP, "opus")
ALL = (LOCAL, BULK, BULK_2, TOP)


def off(one: Candidate, availability: Availability = Availability.UNREACHABLE) -> Candidate:
    return candidate(one.tier, one.model, availability=availability, availability_detail="down")


def request(difficulty: Difficulty = Difficulty.STANDARD, **more: object) -> RouteRequest:
    return RouteRequest(difficulty=difficulty, estimate=SMALL, **more)  # type: ignore[arg-type]


CASES = [
    ("mechanical", request(Difficulty.MECHANICAL), ALL, ["qwen", "glm", "glm-cloud", "opus"], "difficulty-mechanical"),
    ("standard", request(), ALL, ["glm", "glm-cloud", "opus", "qwen"], "difficulty-standard"),
    ("deep", request(Difficulty.DEEP), ALL, ["opus", "glm", "glm-cloud", "qwen"], "difficulty-deep"),
    ("hint high", request(hint="high"), ALL, ["opus", "glm", "glm-cloud", "qwen"], "hint-high"),
    ("hint low", request(hint="low"), ALL, ["qwen", "glm", "glm-cloud", "opus"], "hint-low"),
    ("hint low at the bottom", request(Difficulty.MECHANICAL, hint="low"), ALL[:1], ["qwen"], "hint-low"),
    (
        "long instruction",
        request(instruction="x" * 2001),
        ALL,
        ["opus", "glm", "glm-cloud", "qwen"],
        "long-instruction",
    ),
    (
        "several files",
        request(Difficulty.MECHANICAL, n_files=3),
        ALL,
        ["glm", "glm-cloud", "opus", "qwen"],
        "several-files",
    ),
    ("forced", request(forced=Tier.TOP), ALL, ["opus"], "forced"),
    ("local down", request(Difficulty.MECHANICAL), (off(LOCAL), BULK, TOP), ["glm", "opus"], "raised"),
    ("top down", request(Difficulty.DEEP), (LOCAL, BULK, off(TOP)), ["glm", "qwen"], "lowered"),
    ("no key", request(), (LOCAL, off(BULK, Availability.NO_KEY), TOP), ["opus", "qwen"], "skipped-no-key"),
    ("local only", request(is_local_only=True), ALL, ["qwen"], "skipped-local-only"),
    ("window", request(), (candidate(Tier.BULK, "tiny", window=600), TOP), ["opus"], "skipped-window"),
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
