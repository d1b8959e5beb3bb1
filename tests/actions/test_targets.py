"""Where each action applies, and where it must not."""

import pytest

from actions.check_actions import check_not_offered, check_rejected, site_of
from tierwise.actions import CATALOGUE, CustomAction, custom_action

BY_ID = {action.id: action for action in CATALOGUE}

MODULE = """\
import os


class Shop:
    def open(self, hour):
        return hour > 8

    def close(self):
        pass


def total(items):
    return sum(items)
"""


def at(marked_line: str) -> str:
    """The module with the cursor in the first line that holds the words."""
    start = MODULE.index(marked_line)
    return MODULE[:start] + "$0" + MODULE[start:]


@pytest.mark.parametrize(
    ("action_id", "before", "name"),
    [
        ("document", at("return hour"), "open"),
        ("document", at("    def open"), "open"),
        ("document", at("class Shop"), "Shop"),
        ("add_type_hints", at("def total"), "total"),
        ("write_tests", at("sum(items)"), "total"),
        ("refactor", at("return sum"), "total"),
        ("format", at("import os"), "sample.py"),
        ("do", at("return hour"), "open"),
        ("do", at("import os"), "sample.py"),
        ("refactor", "x = 1\n$0y = 2\nz = 3$0\n", "selection"),
        ("format", "x = 1\n$0y = 2$0\nz = 3\n", "selection"),
    ],
)
def test_target(action_id: str, before: str, name: str) -> None:
    target = BY_ID[action_id].find_target(site_of(before))
    assert target is not None
    assert target.name == name


@pytest.mark.parametrize(
    ("action_id", "before"),
    [
        ("document", at("import os")),
        ("add_type_hints", at("import os")),
        ("write_tests", at("import os")),
        ("fix_diagnostic", at("def total")),
        ("format", "$0"),
        ("format", "  \n$0\n"),
        ("refactor", "x = 1\n$0   $0y = 2\n"),
    ],
)
def test_not_offered(action_id: str, before: str) -> None:
    check_not_offered(BY_ID[action_id], before)


def test_selection_grows_to_whole_lines() -> None:
    target = BY_ID["refactor"].find_target(site_of("if a:\n    b = $0c + d\n    e = c$0 + d\n"))
    assert target is not None
    assert (target.span.start, target.span.end) == (6, 33)


@pytest.mark.parametrize(
    ("before", "name", "instruction"),
    [
        ("# tw: sort the names$0\ndef f(x):\n    return x\n", "f", "sort the names"),
        ("def f(x):\n    # tw: return None for 0$0\n    return x\n", "f", "return None for 0"),
        ("def f(x):\n    # tw: return None for 0\n    return x$0\n", "f", "return None for 0"),
        ("x = 1\n# tw: make it a constant$0\ny = 2\n", "sample.py", "make it a constant"),
    ],
)
def test_instruction_in_a_comment(before: str, name: str, instruction: str) -> None:
    target = BY_ID["do"].find_target(site_of(before))
    assert target is not None
    assert (target.name, target.instruction) == (name, instruction)
    assert target.dropped is not None


REJECTED = [
    ("format", "def f(a):$0\n  return +a\n", "```python\ndef f(a):\n    return -a\n```", "not-the-same-program"),
    (
        "document",
        "def f(a):$0\n    return a\n",
        '```python\ndef f(a):\n    """Doc."""\n    return a + 1\n```',
        "not-only-docs",
    ),
    (
        "add_type_hints",
        "def f(a=1):$0\n    return a\n",
        "```python\ndef f(a: int = 2):\n    return a\n```",
        "not-only-hints",
    ),
    ("refactor", "def f(a):$0\n    return a\n", "```python\ndef f(a)\n    return a\n```", "does-not-parse"),
    ("refactor", "def f(a):$0\n    return a\n", "```python\ndef g(a):\n    return a\n```", "public-name-lost"),
    ("refactor", "def f(a):$0\n    b = a * 2\n    return b\n", "```python\ndef f(a):\n    ...\n```", "emptied-body"),
]


@pytest.mark.parametrize(("action_id", "before", "reply", "code"), REJECTED, ids=[f"{r[0]}-{r[3]}" for r in REJECTED])
def test_rejected(action_id: str, before: str, reply: str, code: str) -> None:
    check_rejected(BY_ID[action_id], before, reply, code)


def test_an_action_of_the_users_own() -> None:
    action = custom_action(
        CustomAction(
            id="add_logging", title="Log {target}", instructions="Log it.", kind="refactor.rewrite", tier="local"
        )
    )
    target = action.find_target(site_of(at("def total")))
    assert target is not None
    assert action.title_for(target) == "Log total"
    assert action.kind == "refactor.rewrite.tierwise.addLogging"
    braces = custom_action(CustomAction(id="braces", title="Use {} here", instructions="x"))
    assert braces.title_for(target) == "Use {} here: total"
