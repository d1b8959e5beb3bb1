"""Whether new imports lead anywhere, found out without importing anything."""

import ast
import asyncio
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tierwise.checks.base import Accepted, Change, Verdict
from tierwise.checks.reading import parse_python
from tierwise.checks.running.interpreters import find_interpreter
from tierwise.checks.running.project_files import import_roots
from tierwise.syntax.languages import grammar_of
from tierwise.text import Rejection

_ENDINGS = (".py", ".pyi", ".so", ".pyd")


async def imports_resolve(change: Change, root: Path, python: str | None) -> Verdict:
    """Refuse new imports of modules that neither the project nor its interpreter has.

    Only Python is looked at, and only the first part of a module's name. Imports that may fail, under `try` or
    `TYPE_CHECKING`, are left alone. Without an interpreter nothing can be said, and the verdict says so.
    """
    if grammar_of(change.language) != "python" or change.after is None:
        return Accepted()
    new = _imported(change.after) - _imported(change.before or "")
    new -= sys.stdlib_module_names
    if not new:
        return Accepted()
    if python is None or find_interpreter(python) is None:
        return Accepted(("new imports were not looked up, because the project's Python is not known",))
    folders = await asyncio.to_thread(_search_folders, root, change.path, Path(python))
    missing = await asyncio.to_thread(_missing, sorted(new), folders)
    if missing:
        return Rejection(
            "unresolved-import", f"neither the project nor its Python has the module {missing[0]!r}; use what is there"
        )
    return Accepted()


def _imported(text: str) -> set[str]:
    """First parts of the absolute imports that have to succeed."""
    tree = parse_python(text)
    return set(_required(tree)) if isinstance(tree, ast.Module) else set()


def _required(tree: ast.Module) -> Iterator[str]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Try) or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            continue
        else:
            pending.extend(ast.iter_child_nodes(node))


def _search_folders(root: Path, path: str, python: Path) -> list[Path]:
    """Where the project's interpreter would look, with what its path files add."""
    folders = [Path(folder) for folder in import_roots(root, [path])]
    interpreter = find_interpreter(python)
    prefixes = [python.absolute().parent.parent, *(interpreter.folders if interpreter else ()), Path("/usr")]
    for prefix in prefixes:
        for pattern in ("lib*/python3*/site-packages", "lib*/python3*/dist-packages", "Lib/site-packages"):
            for site in prefix.glob(pattern):
                folders += [site, *_added(site)]
    return folders


def _added(site: Path) -> Iterator[Path]:
    """Folders that the path files of a site name, and the finders of editable installs."""
    for file in site.glob("*.pth"):
        for line in file.read_text("utf-8", "replace").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield site / line.strip()
    yield from site.glob("__editable__*.py")


def _missing(names: Iterable[str], folders: Sequence[Path]) -> list[str]:
    return [name for name in names if not any(_has(folder, name) for folder in folders)]


def _has(folder: Path, name: str) -> bool:
    if folder.suffix == ".py":
        text = folder.read_text("utf-8", "replace") if folder.is_file() else ""
        return re.search(rf"['\"]{re.escape(name)}['\"]", text) is not None
    is_plain = (folder / name).is_dir() or any((folder / f"{name}{ending}").is_file() for ending in _ENDINGS)
    return is_plain or any(folder.glob(f"{name}.*.so"))
