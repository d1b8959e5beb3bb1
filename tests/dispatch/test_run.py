"""The road of one action, from the click to the proposal, with scripted models on every tier."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Project, fenced
from tierwise.dispatch import Diagnostic, Proposal, Refusal, Task, recheck, run_action
from tierwise.dispatch.opening import ledger_of
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection, Snapshot, Span

CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
DOCUMENTED = 'def add(a, b):\n    """Return the sum of a and b."""\n    return a + b\n'
BROKEN = 'def add(a, b):\n    """Return the sum of a and b."""\n    return a - b\n'

Make = Callable[..., Project]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes projects and closes them."""
    made: list[Project] = []

    def build(*rules: dict[str, Any], **settings: Any) -> Project:
        made.append(Project(tmp_path, rules=rules, settings=settings))
        return made[-1]

    yield build
    for project in made:
        await project.close()


def outcomes(outcome: Proposal | Refusal) -> list[tuple[str, str, str]]:
    """Tier, outcome and code of each attempt."""
    return [(str(a.tier), a.outcome, a.code) for a in outcome.attempts]


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
    assert any("refused (not-only-docs)" in told.message for told in project.told)
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


async def test_an_instruction_in_a_comment_goes_away_with_the_edit(make: Make) -> None:
    project = make({"when": "Instruction: add three", "reply": fenced("def add(a, b, c=0):\n    return a + b + c\n")})
    snapshot = project.write("calc.py", "# tw: add three numbers\n" + CODE)
    outcome = await project.act("do", snapshot, "# tw")
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes[0].after is not None
    assert "tw:" not in outcome.changes[0].after
    assert "b + c" in outcome.changes[0].after


async def test_a_fix_is_asked_again_of_the_tool(make: Make) -> None:
    text = "import os\n\n\ndef f(x):\n    if x == None:\n        return 1\n    return os.sep\n"
    span = Span(text.index("x == None"), text.index("x == None") + 9)
    diagnostic = Diagnostic(
        span=span, message="Comparison to `None` should be `cond is None`", code="E711", source="Ruff"
    )
    fixed = "def f(x):\n    if x is None:\n        return 1\n    return os.sep\n"
    unfixed = "def f(x):\n    if None == x:\n        return 1\n    return os.sep\n"
    project = make(
        {"when": ".", "model": "local-model", "reply": fenced(unfixed)},
        {"when": "E711", "model": "bulk-model", "reply": fenced(fixed)},
    )
    outcome = await project.act("fix_diagnostic", project.write("f.py", text), "x == None", diagnostics=(diagnostic,))
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome)[0][:2] == ("local", "rejected")
    assert outcome.changes[0].after == text.replace("x == None", "x is None")


async def test_a_change_across_files(make: Make) -> None:
    reply = """\
calc.py
```python
<<<<<<< SEARCH
def add(a, b):
=======
def plus(a, b):
>>>>>>> REPLACE
```

use.py
```python
<<<<<<< SEARCH
from calc import add

print(add(1, 2))
=======
from calc import plus

print(plus(1, 2))
>>>>>>> REPLACE
```
"""
    project = make({"when": "rename add", "model": "top-model", "reply": reply})
    project.write("use.py", "from calc import add\n\nprint(add(1, 2))\n")
    project.write("other.py", "x = 1\n")
    snapshot = project.write("calc.py", CODE)
    outcome = await project.act("refactor_across_files", snapshot, "a + b", instruction="rename add to plus")
    assert isinstance(outcome, Proposal), outcome
    assert {change.path.name for change in outcome.changes} == {"calc.py", "use.py"}


async def test_a_file_that_was_not_shown_is_not_touched(make: Make) -> None:
    reply = "/etc/x.py\n```\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n```\n"
    project = make({"when": ".", "reply": reply})
    outcome = await project.act(
        "refactor_across_files", project.write("calc.py", CODE), "a + b", instruction="rename add to plus"
    )
    assert isinstance(outcome, Refusal), outcome


async def test_private_files(make: Make) -> None:
    never = make({"when": ".", "reply": fenced(DOCUMENTED)}, privacy={"never_send": ["secret*"]})
    outcome = await never.act("document", never.write("secret_calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "never-sent"
    assert never.ledger.stats().total.n_calls == 0


async def test_local_only_files_go_to_models_on_this_machine_alone(make: Make) -> None:
    remote = {"type": "openai", "base_url": "https://llm.invalid/v1"}
    project = make(
        {"when": "document", "reply": fenced(DOCUMENTED)},
        privacy={"local_only": ["billing/"]},
        backends={"demo": {"type": "scripted", "script": "unused"}, "far": remote},
        tiers={"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": ["far/top"]}},
    )
    outcome = await project.act("document", project.write("billing/calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-model"
    assert {r.code for r in outcome.reasons} >= {"skipped-local-only"}
    menu = project.runtime.menu((project.work / "billing" / "calc.py").as_uri(), "python", project.roots)
    assert menu.is_local_only


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (CODE, CODE.replace("def add(a, b):\n    return a + b\n", DOCUMENTED)),
        (
            CODE.replace("a - b", "b - a"),
            CODE.replace("a - b", "b - a").replace("def add(a, b):\n    return a + b\n", DOCUMENTED),
        ),
        (CODE.replace("def add(a, b):\n    return", "def add(a, b):\n    'typed'\n    return"), "conflict"),
    ],
    ids=["unchanged", "changed elsewhere", "changed in the same place"],
)
async def test_what_the_user_typed_meanwhile(make: Make, now: str, expected: str) -> None:
    project = make({"when": "document", "reply": fenced(DOCUMENTED)})
    snapshot = project.write("calc.py", CODE)
    outcome = await project.act("document", snapshot, "a + b")
    assert isinstance(outcome, Proposal)
    current = Snapshot(uri=snapshot.uri, text=now, language="python", version=7)
    rebased = recheck(outcome.changes[0], current)
    if expected == "conflict":
        assert isinstance(rebased, Rejection)
        assert rebased.code == "conflict"
    else:
        assert not isinstance(rebased, Rejection), rebased
        assert rebased.after == expected
        assert rebased.before is current


async def test_line_endings_are_kept(make: Make) -> None:
    project = make({"when": "document", "reply": fenced(DOCUMENTED)})
    snapshot = project.write("calc.py", CODE.replace("\n", "\r\n"))
    outcome = await project.act("document", snapshot, "a + b")
    assert isinstance(outcome, Proposal), outcome
    after = outcome.changes[0].after
    assert after is not None
    assert after.count("\n") == after.count("\r\n") == CODE.count("\n") + 1


async def test_written_tests_are_run(make: Make) -> None:
    good = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
    vacuous = "from calc import add\n\n\ndef test_add():\n    assert add is not None\n"
    project = make(
        {"when": ".", "model": "bulk-model", "reply": fenced(vacuous)},
        {"when": "refused", "model": "top-model", "reply": fenced(good)},
    )
    outcome = await project.act("write_tests", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "rejected", "vacuous-tests"), ("top", "accepted", "")]
    assert outcome.changes[0].path.name == "test_calc.py"
    assert outcome.changes[0].before is None
    assert outcome.changes[0].after == good


async def test_older_tests_of_something_else_prove_nothing(make: Make) -> None:
    old = "from calc import sub\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n"
    vacuous = old.replace("import sub", "import add, sub") + "\n\ndef test_add():\n    assert add is not None\n"
    project = make({"when": ".", "reply": fenced(vacuous)})
    project.write("tests/test_calc.py", old)
    outcome = await project.act("write_tests", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == "vacuous-tests"


async def test_imports_in_front_of_the_target_are_moved_to_the_top(make: Make) -> None:
    body = "class Box:\n    def first(self, items):\n        return next(iter(items), os.sep)\n"
    text = '"""Doc."""\n\nimport os\n\n\n' + body
    hinted = (
        "from collections.abc import Iterable\n\ndef first(self, items: Iterable[str]) -> str:\n"
        "    return next(iter(items), os.sep)\n"
    )
    project = make({"when": "add type hints", "reply": fenced(hinted)})
    outcome = await project.act("add_type_hints", project.write("box.py", text), "return next")
    assert isinstance(outcome, Proposal), outcome
    expected = text.replace("import os\n", "import os\nfrom collections.abc import Iterable\n")
    assert outcome.changes[0].after == expected.replace("(self, items)", "(self, items: Iterable[str]) -> str")


async def test_a_type_nobody_imports_is_refused(make: Make) -> None:
    project = make({"when": ".", "reply": fenced('def add(a: "Number", b: "Number"):\n    return a + b\n')})
    outcome = await project.act("add_type_hints", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == "undefined-name"


async def test_tests_that_were_there_stay(make: Make) -> None:
    old = "from calc import sub\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n"
    new = "from calc import add\n\n\ndef test_add():\n    assert add(3, 2) == 5\n"
    project = make({"when": ".", "reply": fenced(new)})
    project.write("tests/test_calc.py", old)
    outcome = await project.act("write_tests", project.write("calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == "tests-lost"


@pytest.mark.parametrize(
    ("content", "code"), [(b"# \xe9\nx = 1\n", "unreadable"), (b"x = 1\n" * 9000, "too-large")], ids=["latin-1", "long"]
)
async def test_a_test_file_nobody_can_show_is_left_alone(make: Make, content: bytes, code: str) -> None:
    project = make({"when": ".", "reply": fenced("def test_x():\n    pass\n")})
    snapshot = project.write("calc.py", CODE)
    (project.work / "tests").mkdir()
    (project.work / "tests" / "test_calc.py").write_bytes(content)
    outcome = await project.act("write_tests", snapshot, "a + b")
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.attempts) == (code, ())


@pytest.mark.parametrize("name", ["billing/../billing/calc.py", "../work/billing/calc.py", "linked/calc.py"])
async def test_no_way_of_writing_a_path_gets_a_file_out(make: Make, name: str) -> None:
    remote = {"type": "openai", "base_url": "https://llm.invalid/v1"}
    project = make(
        privacy={"local_only": ["billing/"]},
        backends={"far": remote},
        tiers={"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": []}},
    )
    snapshot = project.write("billing/calc.py", CODE)
    (project.work / "linked").symlink_to(project.work / "billing")
    uri = "file://" + str(project.work) + "/" + name
    outcome = await project.act("document", Snapshot(uri=uri, text=snapshot.text, language="python"), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-model"


async def test_a_link_does_not_show_what_must_never_be_seen(make: Make) -> None:
    project = make({"when": ".", "reply": fenced(DOCUMENTED)}, privacy={"never_send": ["secrets.py"]})
    snapshot = project.write("secrets.py", CODE)
    (project.work / "conf.py").symlink_to(project.work / "secrets.py")
    uri = (project.work / "conf.py").as_uri()
    outcome = await project.act("document", Snapshot(uri=uri, text=snapshot.text, language="python"), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "never-sent"


async def test_a_formatted_selection_does_not_change_the_program(make: Make) -> None:
    project = make(tiers={tier: {"models": []} for tier in ("local", "bulk", "top")})
    project.write("pyproject.toml", "[tool.ruff]\n")
    snapshot = project.write("calc.py", "def f(x):\n  if x:\n    a()\n\n    b()\n")
    task = Task(action_id="format", snapshot=snapshot, selection=Span(10, 25), client="test")
    outcome = await run_action(project.runtime, task, project, project.told.append)
    assert isinstance(outcome, Refusal)


async def test_what_was_typed_must_go_with_the_change(make: Make) -> None:
    before = "def f(x):\n  if x:\n    a()\n    b()\n  return x\n"
    after = "def f(x):\n    if x:\n        a()\n        b()\n    return x\n"
    project = make({"when": "format", "reply": fenced(after)}, native={"enabled": False})
    snapshot = project.write("calc.py", before)
    outcome = await project.act("format", snapshot)
    assert isinstance(outcome, Proposal), outcome
    typed = Snapshot(
        uri=snapshot.uri, text=before.replace("  return", "    c()\n  return"), language="python", version=2
    )
    rebased = recheck(outcome.changes[0], typed)
    assert isinstance(rebased, Rejection)
    assert rebased.code == "conflict"


@pytest.mark.parametrize(
    ("head", "moved"),
    [
        ("#!/usr/bin/env python3\n\n", "#!/usr/bin/env python3\nfrom typing import Any\n\n"),
        ("import os\r\n\r\n", "import os\r\nfrom typing import Any\r\n\r\n"),
        ("from typing import Any\r\n\r\n", "from typing import Any\r\n\r\n"),
    ],
    ids=["shebang", "crlf", "there already"],
)
async def test_moved_imports_find_their_place(make: Make, head: str, moved: str) -> None:
    end = "\r\n" if "\r" in head else "\n"
    body = f"def f(x):{end}    return x{end}"
    project = make({"when": ".", "reply": fenced("from typing import Any\n\ndef f(x: Any) -> Any:\n    return x\n")})
    outcome = await project.act("add_type_hints", project.write("f.py", head + body), "return")
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes[0].after == moved + body.replace("f(x)", "f(x: Any) -> Any")


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
