"""Budgets on the road of one action: what is refused, what is said, when the user is asked."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch.project import CODE, DOCUMENTED, Make, Project, fenced, outcomes
from store.ledgers import CLICK, END, START
from tierwise.dispatch import Proposal, Question, Refusal, Task, run_action
from tierwise.routing.tiers import Tier
from tierwise.text import Span

GOOD = {"when": "document", "reply": fenced(DOCUMENTED)}
DOWN = {"when": ".", "model": "bulk-model", "fail": "connection-refused"}
ONLY_PAID: dict[str, Any] = {
    tier: {"models": [] if tier == "local" else [f"demo/{tier}-model"]} for tier in ("local", "bulk", "top")
}


async def act(project: Project, *, tier: Tier | None = None, answer: bool | None = None) -> Proposal | Refusal:
    """Document one function; `answer` is what the user says to every question, None: nobody may ask."""
    snapshot = project.write("calc.py", CODE)
    asked: list[str] = []

    async def ask(question: Question) -> bool:
        asked.append(question.words)
        assert answer is not None, question
        return answer

    task = Task(action_id="document", snapshot=snapshot, selection=Span(20, 20), tier=tier, client="test")
    outcome = await run_action(project.runtime, task, project, project.told.append, ask)
    assert len(asked) <= 1
    assert project.ledger.spent().held == 0
    return outcome


def spend(project: Project, tier: Tier, usd: float) -> None:
    """Put so much money into the ledger."""
    key = project.ledger.begin_action(CLICK)
    number = project.ledger.begin_attempt(replace(START, action_key=key, tier=tier))
    project.ledger.settle_attempt(number, replace(END, cost_pico_usd=int(usd * 10**12)))


@pytest.mark.parametrize("period", ["action", "day", "month"])
async def test_a_hard_bound_leaves_what_is_free(make: Make, period: str) -> None:
    project = make(GOOD, budgets={period: {"hard_usd": 0}})
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [
        ("bulk", "skipped", "over-budget"),
        ("top", "skipped", "over-budget"),
        ("local", "accepted", ""),
    ]
    assert any("in place of bulk-model" in note for note in outcome.notes)
    assert [row.planned for row in project.ledger.attempt_rows()] == ["fallback"]  # type: ignore[union-attr]
    assert dict(project.ledger.stats().total.fallbacks) == {"over-budget": 1}


@pytest.mark.parametrize("period", ["action", "day", "month"])
async def test_a_hard_bound_refuses_in_words(make: Make, period: str) -> None:
    outcome = await act(make(GOOD, budgets={period: {"hard_usd": "0.0001"}}, tiers=ONLY_PAID))
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == "over-budget"
    assert f"budgets.{period}.hard_usd" in outcome.words
    assert outcome.cost_pico_usd == 0


async def test_a_bound_that_is_wide_enough_changes_nothing(make: Make) -> None:
    bound = {"hard_usd": 1, "soft_usd": 1}
    outcome = await act(make(GOOD, budgets={"action": bound, "day": bound, "month": bound}))
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "accepted", "")]
    assert outcome.notes == ()


async def test_a_soft_bound_is_said(make: Make) -> None:
    outcome = await act(make(GOOD, budgets={"day": {"soft_usd": "0.000001"}, "action": {"soft_usd": "0.000001"}}))
    assert isinstance(outcome, Proposal), outcome
    assert ["budgets.action.soft_usd" in note for note in outcome.notes] == [True, False]
    assert "budgets.day.soft_usd" in outcome.notes[1]


async def test_what_was_spent_before_counts(make: Make) -> None:
    project = make(GOOD, budgets={"day": {"hard_usd": 2}}, tiers=ONLY_PAID)
    spend(project, Tier.BULK, 1.999)
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert "$2.00 are spent today" in outcome.words


@pytest.mark.parametrize(("ceiling", "code"), [(None, "unknown-price"), ("5", ""), ("1000", "over-budget")])
async def test_an_unknown_price(make: Make, ceiling: str | None, code: str) -> None:
    tiers: dict[str, Any] = {tier: {"models": []} for tier in ("local", "bulk", "top")} | {"bulk": {"models": ["x/m"]}}
    budgets: dict[str, Any] = {"day": {"hard_usd": "0.1"}}
    if ceiling is not None:
        budgets["unknown_price_usd_per_million"] = ceiling
    backends = {"x": {"type": "openai", "base_url": "http://127.0.0.1:9/v1"}}
    outcome = await act(make(tiers=tiers, budgets=budgets, backends=backends))
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == (code or "connection-refused")


@pytest.mark.parametrize(
    ("asking", "share", "answer", "expected"),
    [
        ("never", 0.5, None, "accepted"),
        ("over-share", 0.1, None, "accepted"),
        ("over-share", 0.5, True, "accepted"),
        ("over-share", 0.5, False, "skipped"),
        ("always", 0.0, True, "accepted"),
        ("always", 0.0, False, "skipped"),
    ],
)
async def test_the_user_is_asked_before_the_top_tier(
    make: Make, asking: str, share: float, answer: bool | None, expected: str
) -> None:
    project = make(DOWN, GOOD, budgets={"ask_before_top": asking})
    spend(project, Tier.TOP, 10 * share)
    spend(project, Tier.BULK, 10 - 10 * share)
    outcome = await act(project, answer=answer)
    assert isinstance(outcome, Proposal), outcome
    top = next(attempt for attempt in outcome.attempts if attempt.tier is Tier.TOP)
    assert top.outcome == expected
    assert top.code == ("not-agreed" if expected == "skipped" else "")
    said = [note for note in outcome.notes if "top_share_percent" in note]
    assert len(said) == (share > 0.15)
    assert all("planned" in note and "escalated" in note and "by name" in note for note in said)


async def test_nobody_is_asked_about_a_tier_asked_for_by_name(make: Make) -> None:
    outcome = await act(make(GOOD, budgets={"ask_before_top": "always"}), tier=Tier.TOP)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.tier is Tier.TOP


async def test_what_was_refused_before_is_not_forgotten(make: Make) -> None:
    bad = {"when": "document", "model": "bulk-model", "reply": "I cannot do that."}
    outcome = await act(make(bad, GOOD, tiers=ONLY_PAID, budgets={"ask_before_top": "always"}), answer=False)
    assert isinstance(outcome, Refusal), outcome
    assert outcomes(outcome) == [("bulk", "rejected", "no-edits"), ("top", "skipped", "not-agreed")]
    assert "did not; the answer of bulk-model had been refused: " in outcome.words


async def test_without_a_ledger_a_budget_cannot_be_kept(make: Make) -> None:
    project = make(GOOD, budgets={"day": {"hard_usd": 5}}, tiers=ONLY_PAID)
    project.runtime.ledger = None
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert "no ledger" in outcome.words
    assert (await act(make(GOOD, tiers=ONLY_PAID))).cost_pico_usd
