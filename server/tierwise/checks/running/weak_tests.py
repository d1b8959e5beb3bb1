"""What is weak about Python tests, read from their text: words that help whoever writes them again."""

import ast
from collections.abc import Iterator

from tierwise.checks.reading import parse_python

_Test = ast.FunctionDef | ast.AsyncFunctionDef
_CLAIMING_CALLS = ("raises", "warns", "approx", "fail")
_OF_EXISTENCE = {"isinstance", "callable", "hasattr", "issubclass", "bool"}
_UNITTEST_OF_EXISTENCE = {"assertIsInstance", "assertIsNotNone", "assertTrue", "assertNotIsInstance"}


def weaknesses(text: str) -> tuple[str, ...]:
    """One clause for each test that cannot test much, e.g. `'test_a' asserts nothing`; empty where nothing is seen."""
    tree = parse_python(text)
    if not isinstance(tree, ast.Module):
        return ()
    return tuple(f"{test.name!r} {words}" for test in _tests(tree) if (words := _weakness(test)) is not None)


def are_all_of_existence(text: str) -> bool:
    """Whether every claim of every test is about a type, or about there being something at all."""
    tree = parse_python(text)
    tests = list(_tests(tree)) if isinstance(tree, ast.Module) else []
    claims = [claim for test in tests for claim in _claims(test)]
    return bool(claims) and all(_is_of_existence(claim) for claim in claims)


def _tests(tree: ast.Module) -> Iterator[_Test]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            yield node


def _weakness(test: _Test) -> str | None:
    claims = list(_claims(test))
    if not claims:
        return "asserts nothing"
    if all(_is_constant(claim) for claim in claims):
        return "asserts only what is always true"
    if all(_is_of_existence(claim) for claim in claims):
        return "asserts only that there is something, or its type"
    if any(_catches(node) for node in ast.walk(test)):
        return "catches the errors of its own assertions"
    if any(_ends(statement) for statement in test.body[:-1]):
        return "ends before its assertions"
    return None


def _claims(test: _Test) -> Iterator[ast.expr]:
    """What is asserted: the conditions of asserts, and the calls that claim something."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            yield node.test
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name.startswith("assert") or name in _CLAIMING_CALLS:
                yield node


def _is_constant(claim: ast.expr) -> bool:
    if isinstance(claim, ast.BoolOp) and isinstance(claim.op, ast.Or):
        return any(isinstance(value, ast.Constant) and bool(value.value) for value in claim.values)
    return not any(isinstance(node, (ast.Name, ast.Call, ast.Attribute)) for node in ast.walk(claim))


def _is_of_existence(claim: ast.expr) -> bool:
    if isinstance(claim, ast.BoolOp):
        return all(_is_of_existence(value) for value in claim.values)
    if isinstance(claim, ast.Call):
        function = claim.func
        if isinstance(function, ast.Name):
            return function.id in _OF_EXISTENCE
        name = function.attr if isinstance(function, ast.Attribute) else ""
        is_wrapped = name == "assertTrue" and bool(claim.args) and _is_of_existence(claim.args[0])
        return is_wrapped or name in _UNITTEST_OF_EXISTENCE - {"assertTrue"}
    if not isinstance(claim, ast.Compare):
        return isinstance(claim, ast.Constant)
    is_not_none = isinstance(claim.ops[0], (ast.IsNot, ast.NotEq)) and _is_none(claim.comparators[0])
    return is_not_none or any(_is_type_call(side) for side in (claim.left, *claim.comparators))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_type_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


def _catches(node: ast.AST) -> bool:
    """A handler that would take an assertion's error and go on."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else set()
    is_wide = node.type is None or bool(names & {"AssertionError", "Exception", "BaseException"})
    return is_wide and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def _ends(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return)
