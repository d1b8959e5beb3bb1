"""Work of a raised cell starts a tier higher, until nobody is above."""

import pytest

from routing.candidates import ALL, BULK, BULK_2, LOCAL, TOP, off, request
from tierwise.actions import Difficulty
from tierwise.routing.outlook import Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Candidate, Tier
from tierwise.routing.tripwire import TripwireCell


def raised(difficulty: Difficulty, *cells: Candidate, action: str = "do", **more: object) -> RouteRequest:
    """A request where these models are raised for an action in Python."""
    found = frozenset(TripwireCell(action, "python", one.ref) for one in cells)
    return request(difficulty, outlook=Outlook(raised=found), **more)


CASES = [
    ("local", raised(Difficulty.MECHANICAL, LOCAL), ALL, ["medium", "medium-too", "large", "small"], "tripwire"),
    ("bulk", raised(Difficulty.STANDARD, BULK), ALL, ["large", "small", "medium", "medium-too"], "tripwire"),
    ("both", raised(Difficulty.MECHANICAL, LOCAL, BULK), ALL, ["large", "small", "medium", "medium-too"], "tripwire"),
    ("a fallback", raised(Difficulty.STANDARD, BULK_2), ALL, ["medium", "large", "small", "medium-too"], "tripwire"),
    ("beneath", raised(Difficulty.DEEP, LOCAL), ALL, ["large", "medium", "medium-too", "small"], "tripwire"),
    ("nobody above", raised(Difficulty.MECHANICAL, LOCAL), (LOCAL, off(TOP)), ["small"], "tripwire-nobody"),
    ("another action", raised(Difficulty.MECHANICAL, LOCAL, action="format"), ALL[:2], ["small", "medium"], None),
    ("forced", raised(Difficulty.MECHANICAL, LOCAL, forced=Tier.LOCAL), ALL, ["small"], None),
]


@pytest.mark.parametrize(("asked", "known", "ladder", "code"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_raised_cells(asked: RouteRequest, known: tuple[Candidate, ...], ladder: list[str], code: str | None) -> None:
    route = choose_route(asked, known)
    assert [one.model for one in route.ladder] == ladder
    codes = [reason.code for reason in route.reasons]
    assert [found for found in codes if found.startswith("tripwire")] == ([] if code is None else [code])
    assert "raised" not in codes
