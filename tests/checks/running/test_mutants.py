"""Broken programs: what is broken, that they can be imported, and that types stay."""

import ast
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tierwise.checks.running.mutants import mutants, reworded
from tierwise.checks.running.other_value import _tierwise_other
from tierwise.syntax.outline import outline
from tierwise.syntax.trees import parse

PYTHON = [
    (
        "def f(a):\n    return a + 1\n",
        {"returns other values of the same type", "calculates otherwise on line 2", "has another constant on line 2"},
    ),
    (
        "def f(a):\n    if a > 1:\n        g()\n",
        {"does nothing", "compares the other way round on line 2", "takes the other branch on line 2"},
    ),
    ("def f():\n    return 'a'\n", {"has another constant on line 2", "returns larger values"}),
    ("async def f():\n    await g()\n", {"does nothing"}),
    ("def f(a):\n    for x in a:\n        yield x\n", {"returns other values of the same type"}),
    ("class A:\n    def m(self):\n        self.x = 1\n        return self.x\n", {"lacks what line 3 does"}),
    ("def f(a, b):\n    return a and b\n", {"joins conditions otherwise on line 2"}),
    ("def f(): ...\n", set()),
    ('def f():\n    """Only words."""\n', set()),
    ("x = 1\n", set()),
    ("def f(:\n", set()),
]


def words_of(target: str, language: str = "python") -> set[str]:
    """What is broken, without the name of the function."""
    return {mutant.words.split("' ", 1)[1] for mutant in mutants(target, "", 40, None, language)}


@pytest.mark.parametrize(("target", "expected"), PYTHON)
def test_kinds(target: str, expected: set[str]) -> None:
    found = mutants(target, "", 40)
    assert expected <= words_of(target)
    assert bool(found) == bool(expected)
    assert all(ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(target)) for mutant in found)


def test_a_function_that_returns_something_is_never_emptied() -> None:
    assert "does nothing" not in words_of("def f(a):\n    g(a)\n    return a\n")
    assert "does nothing" not in words_of("function f(a) { g(a); return a; }\n", "javascript")
    assert "does nothing" not in words_of("package a\nfunc F(a int) int { g(a); return a }\n", "go")


def test_functions_the_test_names_come_first() -> None:
    found = mutants("def f():\n    return 1\ndef g():\n    return 2\n", "assert g() == 2", 3)
    assert {mutant.words.split("'")[1] for mutant in found} == {"g"}


def test_importing_is_left_alone() -> None:
    target = "def f(a=1 + 1, *, b=[] or 2):\n    return a\n\nX = f(3) + 1\n"
    for mutant in mutants(target, "", 20):
        tree = ast.parse(mutant.text)
        assert "a=1 + 1" in ast.unparse(tree)
        assert "X = f(3) + 1" in ast.unparse(tree)


def test_what_a_broken_module_needs_stands_behind_what_must_stand_first() -> None:
    target = '"""Words."""\nfrom __future__ import annotations\n\n@deco\ndef f() -> X:\n    """Doc."""\n    return 1\n'
    broken = next(m for m in mutants(target, "", 20) if "returns" in m.words)
    names = [getattr(node, "name", type(node).__name__) for node in ast.parse(broken.text).body]
    assert (names[:2], names[-1]) == (["Expr", "ImportFrom"], "f")
    assert "_tierwise_other" in names
    assert "@deco\ndef f" in broken.text


def test_there_are_no_more_than_asked() -> None:
    target = "".join(f"def f{i}(a):\n    return a + {i}\n" for i in range(20))
    assert len(mutants(target, "", 5)) == 5


def test_only_the_asked_lines_are_broken() -> None:
    target = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    assert {mutant.words.split("'")[1] for mutant in mutants(target, "f() g()", 20, (5, 6))} == {"g"}
    assert mutants(target, "f() g()", 20, (3, 4)) == ()


TREES = [
    (
        "typescript",
        "export const f = (a: number): number => a + 1;\n",
        "export const f = (a: number): number => __tierwiseOther(a + 1);",
    ),
    ("javascript", "function f(a) { if (a) { return 1; } }\n", "function f(a) { if (!(a)) { return 1; } }"),
    ("javascript", "function f(a) { return a < 1; }\n", "function f(a) { return a >= 1; }"),
    ("javascript", "function f(a) { a.push('one'); }\n", "function f(a) {}"),
    ("javascript", "function f(a) { a.push('one'); }\n", "function f(a) { a.push('xne'); }"),
    ("javascript", "class A { m(a) { return a - 1; } }\n", "class A { m(a) { return a + 1; } }"),
    ("go", "package a\nfunc F(a int) int { return a * 2 }\n", "func F(a int) int { return a + 2 }"),
    ("go", "package a\nfunc F() (int, error) { return 1, nil }\n", "{ return tierwiseOther[int](1), nil }"),
    ("go", "package a\nfunc (s *S) F(a int) { s.n = a }\n", "func (s *S) F(a int) {}"),
    ("go", "package a\nfunc F(a int) int { if a > 1 { return 2 }\n return 1 }\n", "if !(a > 1) {"),
]


@pytest.mark.parametrize(("language", "target", "expected"), TREES)
def test_trees(language: str, target: str, expected: str) -> None:
    found = mutants(target, "", 40, None, language)
    assert any(expected in mutant.text for mutant in found), [mutant.text for mutant in found]
    for mutant in found:
        for text in (mutant.text, *mutant.files.values()):
            root = parse(text, language)
            assert root is not None
            assert root.find(kind="ERROR") is None


def test_a_broken_go_package_gets_the_file_it_needs() -> None:
    found = mutants("package sums\n\nfunc F() string { return `a` }\n", "", 20, None, "go")
    files = next(mutant.files for mutant in found if mutant.files)
    assert all(text.startswith("package sums\n") and "func tierwiseOther" in text for text in files.values())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(a):  # words\n    return  a\n"),
        ("javascript", "function f(a) { return a }\n"),
        ("go", "package a\nfunc F() int { return 1 }\n"),
    ],
)
def test_the_same_program_in_other_words(language: str, text: str) -> None:
    other = reworded(text, language)
    first = next(iter(outline(text, language)))
    assert text[first.span.start : first.span.end] not in other
    assert [symbol.path for symbol in outline(other, language)] == [symbol.path for symbol in outline(text, language)]


class Color(Enum):
    """Three of them."""

    RED = 1
    BLUE = 2


class Point(NamedTuple):
    """Two numbers."""

    x: int
    y: int


class Box:
    """Something held."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Box) and other.held == self.held

    def __repr__(self) -> str:
        # Names of tests must not depend on addresses, or two workers collect different ones.
        return f"Box({self.held!r})"

    __hash__ = None  # type: ignore[assignment]


VALUES: list[Any] = [
    0, 1.5, 2j, True, "", "abc", b"", b"ab", [], [1, "a"], (), (1,), {}, {"a": 1}, {"a": None}, set(), {1}, Color.RED,
    Point(1, 2), date(2024, 2, 29), timedelta(1), Path("a/b"), Box(1), Box([]), [None], frozenset({2}),
]  # fmt: skip


@pytest.mark.parametrize("is_larger", [False, True])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_another_value_has_the_same_type(value: Any, is_larger: bool) -> None:
    other = _tierwise_other(value, is_larger)
    assert type(other) is type(value)
    assert other != value


@pytest.mark.parametrize("value", [None, int, len, ast], ids=repr)
def test_some_values_have_no_other(value: Any) -> None:
    assert _tierwise_other(value) is value


def test_what_a_generator_and_a_function_give_is_changed() -> None:
    assert list(_tierwise_other(x for x in (1, 2))) == [2, 3]
    assert _tierwise_other(lambda a: a * 2)(3) == 7
