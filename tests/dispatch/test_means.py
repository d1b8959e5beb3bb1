"""Menus know the budgets: an entry that nobody can be paid for says so, and can be chosen again once there is money."""

from typing import Any

import pytest

from dispatch.project import CODE, DOCUMENTED, Make, Project, fenced
from tierwise.dispatch import Offer, offers
from tierwise.dispatch.means import Means
from tierwise.routing.tiers import Tier
from tierwise.syntax.outline import outline
from tierwise.text import Snapshot, Span

ALL_PAID = {tier: {"models": [f"demo/{tier}-model"]} for tier in ("bulk", "top")} | {"local": {"models": []}}
GOOD = {"when": "document", "reply": fenced(DOCUMENTED)}


def entry(project: Project, snapshot: Snapshot, action: str = "document") -> Offer:
    """The menu's entry for the first function."""
    at = snapshot.text.index("add")
    menu = project.runtime.menu(snapshot.uri, snapshot.language, project.roots, has_twins=True)
    found = offers(menu, snapshot, outline(snapshot.text, "python"), Span(at, at))
    return next(offer for offer in found if offer.action_id == action)


@pytest.mark.parametrize(
    ("budgets", "setting"),
    [
        ({"action": {"hard_usd": "0.001"}}, "budgets.action.hard_usd"),
        ({"day": {"hard_usd": "0.001"}}, "budgets.day.hard_usd"),
        ({"day": {"hard_usd": "5"}, "month": {"hard_usd": "0.001"}}, "budgets.month.hard_usd"),
    ],
)
async def test_what_nobody_can_be_paid_for_says_so(make: Make, budgets: dict[str, Any], setting: str) -> None:
    project = make(GOOD, budgets=budgets, tiers=ALL_PAID)
    await project.runtime.learn()
    offer = entry(project, project.write("calc.py", CODE))
    assert offer.disabled_reason is not None
    assert setting in offer.disabled_reason
    assert "0.1 ¢" in offer.disabled_reason
    assert offer.title.endswith("· over budget")
    assert offer.twins == ()


async def test_who_can_be_paid_is_offered(make: Make) -> None:
    snapshot = make().write("calc.py", CODE)
    for usd, tiers in (("0.03", {Tier.BULK}), ("5", {Tier.BULK, Tier.TOP})):
        project = make(GOOD, budgets={"day": {"hard_usd": usd}}, tiers=ALL_PAID)
        await project.runtime.learn()
        offer = entry(project, snapshot)
        assert offer.disabled_reason is None
        assert offer.tier is Tier.BULK
        assert {offer.tier, *(twin.tier for twin in offer.twins)} == tiers


async def test_a_free_model_is_always_within_the_budget(make: Make) -> None:
    project = make(GOOD, budgets={"day": {"hard_usd": "0"}})
    await project.runtime.learn()
    offer = entry(project, project.write("calc.py", CODE))
    assert (offer.disabled_reason, offer.tier) == (None, Tier.LOCAL)


async def test_without_a_budget_nothing_is_looked_up(make: Make) -> None:
    project = make(GOOD, tiers=ALL_PAID)
    project.ledger.close()
    await project.runtime.means.look()
    assert entry(project, project.write("calc.py", CODE)).disabled_reason is None


async def test_what_an_action_cost_is_gone_from_the_next_menu(make: Make) -> None:
    project = make(GOOD, budgets={"day": {"hard_usd": "0.0125"}}, tiers=ALL_PAID)
    await project.runtime.learn()
    snapshot = project.write("calc.py", CODE)
    for number in range(20):
        if entry(project, snapshot).disabled_reason is not None:
            break
        await project.act("document", project.write(f"calc{number}.py", CODE), "a + b")
    assert project.ledger.spent().day > 0
    assert "budgets.day.hard_usd" in (entry(project, snapshot).disabled_reason or "")


async def test_what_another_window_spent_is_seen_after_a_while(make: Make) -> None:
    clock = [0.0]
    project = make(GOOD, budgets={"day": {"hard_usd": "0.0095"}}, tiers=ALL_PAID)
    project.runtime.means = Means(project.runtime.config.budgets, project.ledger, now=lambda: clock[0])
    await project.runtime.means.look()
    snapshot = project.write("calc.py", CODE)
    other = make(GOOD, tiers=ALL_PAID)
    for number in range(16):
        await other.act("document", other.write(f"calc{number}.py", CODE), "a + b")
    assert entry(project, snapshot).disabled_reason is None
    clock[0] = 60.0
    entry(project, snapshot)
    await project.runtime.means.aclose()
    assert entry(project, snapshot).disabled_reason is not None
