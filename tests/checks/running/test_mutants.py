"""Broken programs: what is broken, and that they can be imported."""

import ast

import pytest

from tierwise.checks.running.mutants import mutants

CASES = [
    (
        "def f(a):\n    return a + 1\n",
        {"does nothing", "returns nothing", "calculates otherwise", "has another number"},
    ),
    (
        "def f(a):\n    if a > 1:\n        g()\n",
        {"does nothing", "compares the other way round", "takes the other branch"},
    ),
    ("def f():\n    return 'a'\n", {"has another text"}),
    ("async def f():\n    await g()\n", {"does nothing"}),
    ("class A:\n    def m(self):\n        return self.x\n", {"returns nothing"}),
    ("def f(): ...\n", set()),
    ("x = 1\n", set()),
    ("def f(:\n", set()),
]


@pytest.mark.parametrize(("target", "expected"), CASES)
def test_kinds(target: str, expected: set[str]) -> None:
    found = mutants(target, "", 20)
    assert expected <= {mutant.words.split("' ", 1)[1] for mutant in found}
    assert bool(found) == bool(expected)
    assert all(ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(target)) for mutant in found)


def test_functions_the_test_names_come_first() -> None:
    found = mutants("def f():\n    return 1\ndef g():\n    return 2\n", "assert g() == 2", 3)
    assert {mutant.words.split("'")[1] for mutant in found} == {"g"}


def test_importing_is_left_alone() -> None:
    target = "def f(a=1 + 1, *, b=[] or 2):\n    return a\n\nX = f(3) + 1\n"
    for mutant in mutants(target, "", 20):
        tree = ast.parse(mutant.text)
        assert "a=1 + 1" in ast.unparse(tree)
        assert "X = f(3) + 1" in ast.unparse(tree)


def test_there_are_no_more_than_asked() -> None:
    target = "".join(f"def f{i}(a):\n    return a + {i}\n" for i in range(20))
    assert len(mutants(target, "", 5)) == 5


def test_only_the_asked_lines_are_broken() -> None:
    target = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    assert {mutant.words.split("'")[1] for mutant in mutants(target, "f() g()", 20, (5, 6))} == {"g"}
    assert mutants(target, "f() g()", 20, (3, 4)) == ()
