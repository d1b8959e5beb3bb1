"""Whether what others may use of a file is still there."""

import ast
import re

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.reading import Reading
from tierwise.syntax.outline import Symbol
from tierwise.text import Rejection

_HIDDEN = re.compile(r"\b(?:private|fileprivate|internal)\b|^\s*static\b(?=.*\()")
_VISIBLE = {
    "go": re.compile(r""),
    "rust": re.compile(r"\bpub\b|^\s*(?:trait|impl|macro_rules!)"),
    "java": re.compile(r"\b(?:public|protected)\b"),
    "csharp": re.compile(r"\b(?:public|protected|interface|namespace)\b"),
}


def public_names_kept(path: str, before: Reading, after: Reading) -> Verdict:
    """Refuse a change that takes away a name which other files may use."""
    if before.grammar is None:
        return Accepted((f"{before.language} files cannot be parsed here, so public names were not compared",))
    if before.grammar == "python" and isinstance(before.python, ast.Module) and isinstance(after.python, ast.Module):
        kept = bound_names(before.python, with_imports=path.endswith("__init__.py"))
        gone = sorted(kept - bound_names(after.python, with_imports=True))
    else:
        gone = sorted(_public(before) - {symbol.path for symbol in after.symbols})
    if gone:
        return Rejection("public-name-lost", f"{gone[0]!r} is gone, which other files may use; keep the name")
    return Accepted()


def bound_names(tree: ast.Module, *, with_imports: bool) -> set[str]:
    """Public names a module binds, and public members of its public classes as `Class.member`."""
    names: set[str] = set()
    for statement in _module_statements(tree):
        if isinstance(statement, ast.ClassDef):
            names |= {f"{statement.name}.{name}" for name in _bound_by(statement.body, with_imports=False)}
    names |= _bound_by(list(_module_statements(tree)), with_imports=with_imports)
    exported = _exported(tree)
    return {name for name in names if not _is_private(name) or name in exported}


def _module_statements(tree: ast.Module) -> list[ast.stmt]:
    """Statements of the module, also those under `if` and `try`."""
    found: list[ast.stmt] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in ("body", "orelse", "finalbody", "handlers"):
            for child in getattr(node, name, []):
                if isinstance(child, ast.stmt):
                    found.append(child)
                if isinstance(child, (ast.If, ast.Try, ast.With, ast.ExceptHandler, ast.For, ast.While)):
                    pending.append(child)
    return found


def _bound_by(statements: list[ast.stmt], *, with_imports: bool) -> set[str]:
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found = [node for target in targets for node in ast.walk(target)]
            names |= {node.id for node in found if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        elif with_imports and isinstance(statement, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return names


def _exported(tree: ast.Module) -> set[str]:
    """What `__all__` names."""
    found: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AugAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
                found |= {
                    n.value
                    for n in ast.walk(statement.value)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    return found


def _is_private(path: str) -> bool:
    return any(part.startswith("_") and not (part.startswith("__") and part.endswith("__")) for part in path.split("."))


def _public(reading: Reading) -> set[str]:
    """Names of symbols outside functions that the language lets others use."""
    functions = [symbol for symbol in reading.symbols if symbol.kind in ("function", "method")]
    inside = [symbol.body_span for symbol in functions if symbol.body_span]
    return {
        symbol.path
        for symbol in reading.symbols
        if _is_visible(symbol, reading) and not any(span.contains(symbol.span) for span in inside)
    }


def _is_visible(symbol: Symbol, reading: Reading) -> bool:
    if reading.grammar == "go":
        return symbol.name[:1].isupper()
    visible = _VISIBLE.get(reading.grammar or "")
    if visible is not None:
        return visible.search(symbol.signature) is not None
    if reading.grammar in ("javascript", "typescript", "tsx"):
        has_exports = re.search(r"^\s*export\b", reading.text, re.MULTILINE) is not None
        is_exported = symbol.signature.startswith("export") or symbol.parent is not None
        is_listed = re.search(rf"export\s*\{{[^}}]*\b{re.escape(symbol.name)}\b", reading.text) is not None
        return (is_exported or is_listed or not has_exports) and not symbol.name.startswith(("_", "#"))
    return not symbol.name.startswith("_") and _HIDDEN.search(symbol.signature) is None
