"""A change of which only a part is taken: names that one Python file gives another, and that are not there any more."""

import ast
from collections.abc import Iterator, Mapping

from tierwise.checks.reading import parse_python
from tierwise.checks.running.imports_python import Module
from tierwise.dispatch.planner.field import Texts
from tierwise.dispatch.planner.left_behind import Fault, absolute, dotted
from tierwise.text import Rejection

_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def torn(before: Texts, whole: Texts, taken: Texts) -> Iterator[Fault]:
    """Faults that neither the files before the change nor all of the change have, only what is taken of it.

    All three have the texts of the same files by path. A name counts as missing only where the same file has it before
    the change or after all of it, so what nobody can know, such as what a star imports, is no fault.
    """
    trees = {path: tree for path, text in taken.items() if (tree := _tree(path, text)) is not None}
    given = {path: _names(tree) for path, tree in trees.items()}
    known = {path: [_names(tree) for state in (before, whole) if (tree := _tree(path, state[path]))] for path in trees}
    modules = {dotted(path): path for path in trees}
    for path, tree in trees.items():
        for module, name in _wanted(tree, path):
            source = _source(module, modules)
            if source in (None, path) or source is None or name in given[source]:
                continue
            if any(name in names for names in known[source]):
                words = f"{path!r} takes {name!r} from {source!r}, which does not have it"
                yield Fault(path, Rejection("torn", words))
        for name in sorted(set.intersection(*known[path]) - given[path]) if len(known[path]) == 2 else ():
            yield Fault(path, Rejection("torn", f"{path!r} has lost {name!r}"))


def _tree(path: str, text: str | None) -> ast.Module | None:
    tree = parse_python(text) if text is not None and path.endswith(".py") else None
    return tree if isinstance(tree, ast.Module) else None


def _source(module: str, modules: Mapping[str, str]) -> str | None:
    """The file of this name, wherever in the project its package begins."""
    found = [path for name, path in modules.items() if name == module or name.endswith(f".{module}")]
    return found[0] if len(found) == 1 else None


def _names(tree: ast.Module) -> set[str]:
    """What others can take from a file."""
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        match node := pending.pop():
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case _:
                pass
        if not isinstance(node, _OWN_SCOPE):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _wanted(tree: ast.Module, path: str) -> Iterator[tuple[str, str]]:
    """What a file takes from others: the module and the name."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = absolute(Module(node.module or "", node.level), path)
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
                yield module, alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            module = aliases.get(ast.unparse(node.value), "")
            if module:
                yield module, node.attr
