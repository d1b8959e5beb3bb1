"""How single actions change text, on the road from the click to the proposal."""

import pytest

from dispatch.project import CODE, DOCUMENTED, Make, fenced, outcomes
from tierwise.dispatch import Diagnostic, Proposal, Refusal, recheck
from tierwise.text import Rejection, Snapshot, Span


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
    refused = await project.act(
        "refactor_across_files", snapshot, "a + b", instruction="rename add to plus", scope=("calc.py",)
    )
    assert isinstance(refused, Refusal), refused
    assert refused.attempts[-1].code == "wrong-file", refused


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
