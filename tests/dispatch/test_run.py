"""The road of one action, from the click to the proposal, with scripted models on every tier."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import BROKEN, CODE, DOCUMENTED, Make, fenced, outcomes
from tierwise.dispatch import Proposal, Refusal
from tierwise.dispatch.opening import ledger_of
from tierwise.routing.tiers import Tier


async def test_an_edit_on_the_tier_that_fits(make: Make) -> None:
    project = make({"when": "document", "reply": fenced(DOCUMENTED)})
    snapshot = project.write("calc.py", CODE)
    outcome = await project.act("document", snapshot, "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "accepted", "")]
    assert outcome.changes[0].after == CODE.replace("def add(a, b):\n    return a + b\n", DOCUMENTED)
    assert outcome.changes[0].before is not None
    assert outcome.changes[0].before.version == 1
    assert outcome.cost_pico_usd is not None
    assert 0 < outcome.cost_pico_usd
    assert next(r.code for r in outcome.reasons) == "difficulty-standard"


async def test_a_rejected_edit_escalates_with_the_evidence(make: Make) -> None:
    project = make(
        {"when": r"was refused \(not-only-docs\)", "model": "top-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": fenced(BROKEN)},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "rejected", "not-only-docs"), ("top", "accepted", "")]
    assert any("changed more than documentation" in told.message for told in project.told)
    stats = project.ledger.stats()
    assert stats.total.n_calls == 2
    assert dict(stats.total.escalations) == {"not-only-docs": 1}
    assert stats.top.pico_usd_by_planned["escalated"] == stats.top.pico_usd > 0


async def test_a_failed_call_falls_back_without_counting_as_rejected(make: Make) -> None:
    project = make(
        {"when": ".", "model": "bulk-model", "fail": "rate-limited"},
        {"when": "document", "model": "top-model", "reply": fenced(DOCUMENTED)},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "failed", "rate-limited"), ("top", "accepted", "")]
    stats = project.ledger.stats()
    assert dict(stats.total.fallbacks) == {"rate-limited": 1}
    assert stats.total.n_rejected == 0


@pytest.mark.parametrize(
    "fault", ["connection-refused", "connection-lost", "timeout-first-token", "authentication", "no-model"]
)
async def test_a_failed_call_after_an_escalation_leaves_its_tier_another_model(make: Make, fault: str) -> None:
    project = make(
        {"when": ".", "model": "first", "fail": fault},
        {"when": r"was refused \(not-only-docs\)", "model": "second", "reply": fenced(DOCUMENTED)},
        {"when": "document", "reply": fenced(BROKEN)},
        tiers={
            "local": {"models": ["demo/small"]},
            "bulk": {"models": ["demo/medium"]},
            "top": {"models": ["demo/first", "demo/second"]},
        },
        actions={"document": {"tier": "local"}},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    asked = list(dict.fromkeys((attempt.model, attempt.outcome) for attempt in outcome.attempts))
    assert asked == [("small", "rejected"), ("medium", "rejected"), ("first", "failed"), ("second", "accepted")]


@pytest.mark.parametrize(
    ("fault", "is_helped"), [("connection-refused", True), ("no-model", True), ("server-error", False)]
)
async def test_where_nobody_was_reached_the_doctor_is_named(make: Make, fault: str, is_helped: bool) -> None:
    project = make({"when": ".", "fail": fault})
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert ("`tierwise doctor` says" in outcome.words) == is_helped


async def test_the_limit_on_calls_counts_what_models_wrote(make: Make) -> None:
    refs = [f"demo/m{number}" for number in range(6)]
    down = [{"when": ".", "model": f"m{number}", "fail": "connection-refused"} for number in range(3)]
    project = make(
        *down,
        {"when": ".", "fail": "server-error"},
        tiers={"local": {"models": []}, "bulk": {"models": refs}, "top": {"models": ["demo/high", "demo/higher"]}},
        limits={"max_attempts": 2},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert list(dict.fromkeys(attempt.model for attempt in outcome.attempts)) == ["m0", "m1", "m2", "m3", "m4"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I am sorry, I cannot do that.", "no-edits"),
        ("", "empty-reply"),
        (fenced("def add(a, b):\n    # ... rest of the code ...\n"), "elided-code"),
        (fenced("def add(a, b)\n    return a + b\n"), "does-not-parse"),
        (fenced("def add(a, b):\n    return a + b\n"), "no-change"),
        (fenced('def add(a, b):\n    """Sum.\u202e"""\n    return a + b\n'), "hidden-unicode"),
        ("```python\ndef add(a, b):\n    return", "truncated-reply"),
    ],
)
async def test_bad_replies_change_nothing_and_say_why(make: Make, reply: str, code: str) -> None:
    project = make({"when": ".", "reply": reply})
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == code
    assert outcome.words
    assert project.read(project.work / "calc.py").text == CODE  # type: ignore[union-attr]


async def test_a_free_model_may_mend_its_answer_once_when_nobody_stands_above(make: Make) -> None:
    project = make(
        {"when": "was refused", "reply": fenced(DOCUMENTED)},
        {"when": ".", "reply": fenced(BROKEN)},
        tiers={"local": {"models": ["demo/local-model"]}, "bulk": {"models": []}, "top": {"models": []}},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("local", "rejected", "not-only-docs"), ("local", "accepted", "")]


async def test_no_model_anywhere(make: Make) -> None:
    project = make(tiers={tier: {"models": []} for tier in ("local", "bulk", "top")})
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-model"
    assert "doctor" in outcome.words
    assert project.ledger.stats().total.n_calls == 0


async def test_a_tier_asked_for_by_name_is_the_only_one_asked(make: Make) -> None:
    project = make({"when": ".", "reply": fenced(BROKEN)})
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b", tier=Tier.TOP)
    assert isinstance(outcome, Refusal)
    assert outcomes(outcome) == [("top", "rejected", "not-only-docs")]
    assert project.ledger.stats().top.pico_usd_by_planned["forced"] > 0


async def test_cancel_books_the_call_and_makes_no_other(make: Make) -> None:
    project = make({"when": ".", "reply": fenced(DOCUMENTED), "hold": True})
    snapshot = project.write("calc.py", CODE)
    streaming = asyncio.Event()
    append = project.told.append

    class Told(list):  # type: ignore[type-arg]
        def append(self, progress: Any) -> None:
            append(progress)
            if "tokens so far" in progress.message:
                streaming.set()

    project.told = Told()
    running = asyncio.ensure_future(project.act("document", snapshot, "a + b"))
    await asyncio.wait_for(streaming.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    stats = project.ledger.stats()
    assert (stats.total.n_calls, stats.total.n_cancelled, stats.total.n_running) == (1, 1, 0)
    assert 0 < stats.total.pico_usd == stats.total.estimated_pico_usd


async def test_a_ledger_that_is_gone_does_not_take_the_edit_away(make: Make) -> None:
    project = make({"when": "document", "reply": fenced(DOCUMENTED)})
    project.ledger.close()
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert any(note.startswith("not booked") for note in outcome.notes)


def test_a_ledger_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    from tierwise.config import load_config

    (tmp_path / "file").write_text("x", "utf-8")
    settings = {"ledger": {"path": str(tmp_path / "file" / "ledger.sqlite3")}}
    ledger, problem = ledger_of(load_config(editor_settings=settings, trusted=True, env={}))
    assert ledger is None
    assert problem
