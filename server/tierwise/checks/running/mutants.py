"""Programs broken on purpose: what a test that tests something has to notice."""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tierwise.checks.emptied import does_nothing
from tierwise.checks.reading import parse_python

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SWAPPED_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SWAPPED_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing broken."""

    text: str
    words: str
    """What was broken, for people."""


def mutants(target_text: str, test_text: str, limit: int, lines: tuple[int, int] | None = None) -> tuple[Mutant, ...]:
    """Broken versions of a module, the ones a real test is surest to notice first; all of them can be imported.

    Only the insides of functions are broken, so that importing alone shows nothing. `lines` names the first and the
    last line, from 1, of what the tests are for: a file that holds older tests of something else proves nothing of it.
    Without it the functions that the test names are broken. Empty where no function does something.
    """
    tree = parse_python(target_text)
    if not isinstance(tree, ast.Module):
        return ()
    named = set(re.findall(r"\w+", test_text))
    functions = [function for function in _functions(tree) if not does_nothing(function) and _lies(function, lines)]
    functions.sort(key=lambda function: function.name not in named and function.name != "__init__")
    tested = [f for f in functions if lines is not None or f.name in named] or functions
    # In turns over the functions: each is emptied before any is broken in a finer way.
    found: list[Mutant] = []
    for make in (_emptied, _returning_nothing, _compared_otherwise, _calculated_otherwise, _negated, _other_constant):
        for function in tested:
            mutant = _mutant(tree, function, make)
            if mutant is not None and mutant.text not in {known.text for known in found}:
                found.append(mutant)
    return tuple(found[:limit])


def _lies(function: _Function, lines: tuple[int, int] | None) -> bool:
    return lines is None or (lines[0] <= function.lineno and (function.end_lineno or 0) <= lines[1])


def _mutant(tree: ast.Module, function: _Function, make: Callable[[_Function], str | None]) -> Mutant | None:
    """A copy of the module in which one function was broken by `make`, which says how, or None when it could not."""
    broken = copy.deepcopy(tree)
    place = (function.lineno, function.col_offset)
    twin = next(node for node in _functions(broken) if (node.lineno, node.col_offset) == place)
    words = make(twin)
    if words is None:
        return None
    return Mutant(ast.unparse(ast.fix_missing_locations(broken)) + "\n", f"{function.name!r} {words}")


def _functions(tree: ast.Module) -> Iterator[_Function]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _inside(function: _Function) -> Iterator[ast.AST]:
    """All nodes of a body, not those of defaults and decorators, which run on import."""
    for statement in function.body:
        yield from ast.walk(statement)


def _emptied(function: _Function) -> str | None:
    function.body = [ast.Pass()]
    return "does nothing"


def _returning_nothing(function: _Function) -> str | None:
    returns = [node for node in _inside(function) if isinstance(node, ast.Return) and node.value is not None]
    for node in returns:
        node.value = ast.Constant(None)
    return "returns nothing" if returns else None


def _compared_otherwise(function: _Function) -> str | None:
    for node in _inside(function):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED_COMPARISONS:
            node.ops[0] = _SWAPPED_COMPARISONS[type(node.ops[0])]()
            return "compares the other way round"
    return None


def _calculated_otherwise(function: _Function) -> str | None:
    for node in _inside(function):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _SWAPPED_OPERATORS:
            node.op = _SWAPPED_OPERATORS[type(node.op)]()
            return "calculates otherwise"
    return None


def _negated(function: _Function) -> str | None:
    for node in _inside(function):
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "takes the other branch"
    return None


def _other_constant(function: _Function) -> str | None:
    for node in _inside(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            node.value = node.value + 1
            return "has another number"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            node.value = f"{node.value}x"
            return "has another text"
    return None
