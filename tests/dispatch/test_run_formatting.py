"""The action that formats, with and without a model."""

from dispatch.project import CODE, Make, fenced
from tierwise.dispatch import Proposal, Refusal, Task, run_action
from tierwise.routing.tiers import Tier
from tierwise.text import Span


async def test_a_formatted_selection_does_not_change_the_program(make: Make) -> None:
    project = make(tiers={tier: {"models": []} for tier in ("local", "bulk", "top")})
    project.write("pyproject.toml", "[tool.ruff]\n")
    snapshot = project.write("calc.py", "def f(x):\n  if x:\n    a()\n\n    b()\n")
    task = Task(action_id="format", snapshot=snapshot, selection=Span(10, 25), client="test")
    outcome = await run_action(project.runtime, task, project, project.told.append)
    assert isinstance(outcome, Refusal)


async def test_the_bundled_formatter_is_the_last_resort(make: Make) -> None:
    project = make({"when": ".", "fail": "connection-refused"})
    outcome = await project.act("format", project.write("calc.py", "x=[1,2]\n"))
    assert isinstance(outcome, Proposal), outcome
    assert (outcome.tier, outcome.changes[0].after) == (Tier.NATIVE, "x = [1, 2]\n")
    assert [a.outcome for a in outcome.attempts][-2:] == ["failed", "accepted"]


async def test_code_that_is_formatted_already_is_a_good_answer(make: Make) -> None:
    project = make({"when": ".", "reply": fenced(CODE)}, native={"enabled": False})
    outcome = await project.act("format", project.write("calc.py", CODE))
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes == ()


async def test_the_projects_formatter_formats_without_a_model(make: Make) -> None:
    project = make()
    project.write("pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    outcome = await project.act("format", project.write("calc.py", "x=[1,2]\n"))
    assert isinstance(outcome, Proposal), outcome
    assert (outcome.tier, outcome.model, outcome.cost_pico_usd) == (Tier.NATIVE, "ruff", 0)
    assert outcome.changes[0].after == "x = [1, 2]\n"
    again = await project.act("format", project.write("calc.py", "x = [1, 2]\n"))
    assert isinstance(again, Proposal)
    assert again.changes == ()
