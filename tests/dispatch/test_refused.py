"""What the next prompt shows of an answer that was refused: the answer, shortened, marked, and counted."""

from typing import Any

import pytest

from dispatch.project import BROKEN, CODE, DOCUMENTED, Make, fenced, outcomes
from servers.fault import FaultServer
from servers.scenarios import Book, Call
from tierwise.dispatch import Proposal, Refusal
from tierwise.dispatch.attempt import Attempted
from tierwise.dispatch.refused import REFUSED_TOKENS, shortened, worth_showing
from tierwise.dispatch.values import AttemptSummary
from tierwise.routing.estimate import estimate_tokens
from tierwise.routing.tiers import Tier
from tierwise.store.rows import AttemptRow
from tierwise.text import Rejection

SHOWN = "The answer that was refused last"


async def test_the_refused_answer_is_shown_with_the_reason(make: Make) -> None:
    sees = rf"refused \(not-only-docs\).*{SHOWN}.*return a - b"
    project = make(
        {"when": sees, "model": "top-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": fenced(BROKEN)},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "rejected", "not-only-docs"), ("top", "accepted", "")]


async def test_a_free_model_mends_its_own_answer(make: Make) -> None:
    project = make(
        {"when": f"{SHOWN}.*return a - b", "model": "local-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "local-model", "reply": fenced(BROKEN)},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b", tier=Tier.LOCAL)
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("local", "rejected", "not-only-docs"), ("local", "accepted", "")]


@pytest.mark.parametrize(
    ("reply", "code"),
    [("I cannot do that.", "no-edits"), (fenced("def add(a, b):\n    return a + b\n"), "no-change")],
)
async def test_an_answer_that_teaches_nothing_is_not_shown(make: Make, reply: str, code: str) -> None:
    project = make(
        {"when": SHOWN, "model": "top-model", "fail": "server-error"},
        {"when": "document", "model": "top-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": reply},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert outcomes(outcome)[0] == ("bulk", "rejected", code)
    assert isinstance(outcome, Proposal), outcome


async def test_after_a_failed_call_the_refused_answer_is_still_shown(make: Make) -> None:
    project = make(
        {"when": ".", "model": "first", "fail": "server-error"},
        {"when": f"{SHOWN}.*return a - b", "model": "second", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": fenced(BROKEN)},
        tiers={"bulk": {"models": ["demo/bulk-model"]}, "top": {"models": ["demo/first", "demo/second"]}},
    )
    outcome = await project.act("document", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert [(a.model, a.outcome) for a in outcome.attempts] == [
        ("bulk-model", "rejected"), ("first", "failed"), ("second", "accepted"),
    ]  # fmt: skip


async def test_what_it_adds_is_in_the_estimate(make: Make) -> None:
    project = make(
        {"when": "document", "model": "top-model", "reply": fenced(DOCUMENTED)},
        {"when": "document", "model": "bulk-model", "reply": fenced(BROKEN)},
    )
    await project.act("document", project.write("calc.py", CODE), "a + b")
    first, second = (row for row in project.ledger.attempt_rows() if isinstance(row, AttemptRow))
    assert first.estimated_input_tokens is not None
    assert second.estimated_input_tokens is not None
    assert first.estimated_input_tokens + 40 < second.estimated_input_tokens


async def test_a_full_window_leaves_the_refused_answer_out(make: Make) -> None:
    long = "".join(f"    total += {number}  # {'many words ' * 4}\n" for number in range(60))
    code = f"def add(total):\n{long}    return total\n"
    broken = code.replace("(total):\n", '(total):\n    """Add."""\n').replace("return total", "return None")

    def reply(call: Call) -> str:
        prompts.append(call.messages[-1]["content"])
        return fenced(broken)

    prompts: list[str] = []
    async with FaultServer(Book(reply=reply)) as server:
        for window in (20_000, 4_000):
            settings: dict[str, Any] = {
                "backends": {"good": {"type": "openai", "base_url": server.openai_url}},
                "tiers": {tier: {"models": [f"good/{tier}"]} for tier in ("bulk", "top")},
                "models": {"good/bulk": {"window": 20_000}, "good/top": {"window": window}},
            }
            project = make(**settings)
            outcome = await project.act("document", project.write("calc.py", code), "add")
            assert isinstance(outcome, Refusal)
            assert [a.outcome for a in outcome.attempts] == ["rejected", "rejected"], outcome.attempts
    assert [SHOWN in prompt for prompt in prompts] == [False, True, False, False]


@pytest.mark.parametrize("tier", list(REFUSED_TOKENS))
def test_a_long_answer_is_shortened_in_the_middle(tier: Tier) -> None:
    budget = REFUSED_TOKENS[tier]
    lines = [f"    total += {number}" for number in range(3000)]
    shown = shortened("\n".join(lines), budget)
    head, _, rest = shown.partition("\n[")
    words, _, tail = rest.partition("]\n")
    assert estimate_tokens(shown) <= budget + 30
    assert lines[: head.count("\n") + 1] == head.split("\n")
    assert lines[-tail.count("\n") - 1 :] == tail.split("\n")
    left_out = len(lines) - head.count("\n") - tail.count("\n") - 2
    assert words == f"{left_out} lines of the refused answer are not shown"


def test_short_answers_and_endless_lines() -> None:
    assert shortened("a\nb", 100) == "a\nb"
    assert shortened("", 100) == ""
    assert shortened("x" * 9000, 100) == ""


def test_thoughts_are_left_out() -> None:
    summary = AttemptSummary(tier=Tier.BULK, model="m", outcome="rejected")
    said = "<think>\nhm\n</think>\nx = 1\n"
    attempted: Attempted[object] = Attempted(summary, Rejection("does-not-parse", "line 1"), reply=said)
    assert worth_showing(attempted) == "x = 1"
