"""Whether functions that did something still do."""

import ast
import re

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.python_program import docstring_of
from tierwise.checks.reading import Reading
from tierwise.syntax.comments import comments
from tierwise.syntax.outline import Symbol
from tierwise.text import Rejection

_NOTHING = re.compile(
    r"""\{?\s*(?:
        (?:throw|raise)\b[^;\n]*(?:not[\s_]*(?:yet[\s_]*)?implemented|unsupported)[^;\n]*;?
        | (?:panic|unimplemented|todo|unreachable)!?\([^;\n]*\)\s*;?
        | error\(\s*["']not\simplemented[^\n]*
        | pass | \.\.\. | ; | :
    )?\s*\}?""",
    re.IGNORECASE | re.VERBOSE,
)


def not_emptied(before: Reading, after: Reading) -> Verdict:
    """Refuse a change that turns the body of a function into nothing or into "not implemented".

    A function may be declared several times, as overloads are; it is empty when none of its bodies does anything.
    """
    if before.grammar is None:
        return Accepted()
    if isinstance(before.python, ast.Module) and isinstance(after.python, ast.Module) and before.grammar == "python":
        full, empty = _python_bodies(before.python, full=True), _python_bodies(after.python, full=False)
        empty -= _python_bodies(after.python, full=True)
    else:
        full = {symbol.path for symbol in _functions(before) if not _is_empty(symbol, before)}
        empty = {symbol.path for symbol in _functions(after) if _is_empty(symbol, after)}
        empty -= {symbol.path for symbol in _functions(after) if not _is_empty(symbol, after)}
    emptied = sorted(full & empty)
    if emptied:
        return Rejection("emptied-body", f"the body of {emptied[0]!r} is gone; keep what it does")
    return Accepted()


def _functions(reading: Reading) -> list[Symbol]:
    return [symbol for symbol in reading.symbols if symbol.kind in ("function", "method") and symbol.body_span]


def _is_empty(symbol: Symbol, reading: Reading) -> bool:
    if symbol.body_span is None:
        return False
    body = reading.text[symbol.body_span.start : symbol.body_span.end]
    for comment in reversed(comments(body, reading.language) if "<?" not in body else ()):
        body = body[: comment.span.start] + body[comment.span.end :]
    return _NOTHING.fullmatch(body.strip()) is not None


def _python_bodies(tree: ast.Module, *, full: bool) -> set[str]:
    """Paths of the functions that do something, or of those that do nothing."""
    found: set[str] = set()
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, path = pending.pop()
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", None)
            is_scope = isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            inner = f"{path}.{name}".lstrip(".") if is_scope else path
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and does_nothing(child) is not full:
                found.add(inner)
            pending.append((child, inner))
    return found


def does_nothing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a body is a docstring, `pass`, `...` or not implemented."""
    body = function.body[1:] if docstring_of(function) is not None else function.body
    return all(_is_nothing(statement) for statement in body)


def _is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
