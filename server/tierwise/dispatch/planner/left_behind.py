"""Files that went away, and who still imports them: no piece of a change shows that alone."""

import ast
import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tierwise.checks.reading import parse_python
from tierwise.checks.running.imports_python import Module, imported_members, imported_modules
from tierwise.checks.running.imports_scripts import imported_paths
from tierwise.dispatch.planner.field import Field
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

_SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_COMPILED = (".js", ".mjs", ".cjs", ".jsx")
"""Endings TypeScript is imported with under the name it will be compiled to."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in one file of the finished change."""

    path: str
    rejection: Rejection


def left_behind(field: Field) -> Iterator[Fault]:
    """Files that still import one that went away (Python, JavaScript, TypeScript)."""
    gone = [path for path, text in field.changed().items() if text is None]
    if not gone:
        return
    kept = field.texts()
    yield from _python(gone, kept)
    yield from _scripts(gone, kept)


def _fault(path: str, gone: str) -> Fault:
    return Fault(path, Rejection("still-imported", f"{gone!r} goes away, but {path!r} still imports it"))


def _python(gone: Collection[str], kept: Mapping[str, str]) -> Iterator[Fault]:
    sources = {path: text for path, text in kept.items() if path.endswith(".py")}
    # A module that became a package of the same name, or the other way round, is still there.
    there = {dotted(path): path for path in sources}
    missing = {name: path for path in gone if path.endswith(".py") and (name := dotted(path)) not in there}
    if not missing:
        return
    for path, text in sources.items():
        modules = {absolute(module, path) for module in imported_modules(text)}
        members = {absolute(module, path) for module in imported_members(text)} & missing.keys()
        for name in sorted((modules & missing.keys()) | {one for one in members if not _is_bound(one, there, kept)}):
            yield _fault(path, missing[name])


def _is_bound(name: str, there: Mapping[str, str], kept: Mapping[str, str]) -> bool:
    """Whether a package itself declares what is imported from it, so that no module of that name is needed."""
    package, _, member = name.rpartition(".")
    init = there.get(package)
    tree = None if init is None else parse_python(kept[init])
    if init is None or not isinstance(tree, ast.Module):
        return False
    own = {absolute(module, init) for module in imported_members(kept[init])}
    names = {bound for node in ast.walk(tree) for bound in _bound_by(node)}
    return bool(names & {member, "__getattr__"}) or (name not in own and member in _imported_as(tree))


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case _:
            return


def _imported_as(tree: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}


def dotted(path: str) -> str:
    """The name a file is imported by."""
    parts = PurePosixPath(path).with_suffix("").parts
    named = parts[1:] if parts[0] in ("src", "lib") and 1 < len(parts) else parts
    return ".".join(named[:-1] if named[-1] == "__init__" else named)


def absolute(module: Module, path: str) -> str:
    """The name of an imported module, dots in front of it followed from the importing file."""
    if not module.level:
        return module.name
    package = dotted(str(PurePosixPath(path).parent / "__init__.py")).split(".")
    above = package[: len(package) - module.level + 1]
    return ".".join((*above, module.name)) if any(above) else module.name


def _scripts(gone: Collection[str], kept: Mapping[str, str]) -> Iterator[Fault]:
    scripts = {path for path in gone if path.endswith(_ENDINGS)}
    if not scripts:
        return
    for path, text in kept.items():
        if language_of(path) not in _SCRIPTS:
            continue
        for source in sorted(imported_paths(text, language_of(path))):
            places = _places(path, source)
            lost = next((place for place in places if place in scripts), None)
            if lost is not None and not any(place in kept for place in places):
                yield _fault(path, lost)


def _places(path: str, source: str) -> tuple[str, ...]:
    """Where a relative import may lead; a package's name leads nowhere in the project."""
    if not source.startswith("."):
        return ()
    plain = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
    stems = [plain, *(plain.removesuffix(ending) for ending in _COMPILED if plain.endswith(ending))]
    files = [stem + ending for stem in stems for ending in _ENDINGS]
    return (plain, *files, *(f"{plain}/index{ending}" for ending in _ENDINGS))
