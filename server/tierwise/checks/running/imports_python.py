"""Where Python's imports lead, without importing anything."""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.reading import parse_python
from tierwise.checks.running.disk import Disk, has_stem
from tierwise.checks.running.interpreters import find_interpreter
from tierwise.checks.running.tools.settings import read_toml

_SITES = ("lib*/python3*/site-packages", "lib*/python3*/dist-packages", "Lib/site-packages")
_GENERATED = re.compile(r"_?version|.*_pb2(?:_grpc)?|_.*ext|generated.*")
"""Modules that often exist only once a project is built."""
_DYNAMIC = ("__path__", "sys.modules", "lazy_loader")
_INI_PATH = re.compile(r"^\s*pythonpath\s*=\s*(.+)$", re.MULTILINE)
_CONDITION = re.compile(r"TYPE_CHECKING|version_info|sys\.platform|os\.name|find_spec|PY\d")
"""What says that an import below is not for every machine."""
_MARKERS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")
_SKIPPED = frozenset({"node_modules", "__pycache__", "dist", "build", "target"})


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """What an import statement names."""

    name: str
    """Dotted, without the leading dots."""
    level: int = 0
    """How many dots stand in front."""

    @property
    def first(self) -> str:
        """The first part of the name."""
        return self.name.split(".")[0]


def imported_modules(text: str) -> set[Module]:
    """What a text imports without leaving itself a way out, such as `try` or `TYPE_CHECKING`."""
    found: set[Module] = set()
    for node in _required(text):
        if isinstance(node, ast.Import):
            found |= {Module(alias.name) for alias in node.names}
        elif node.module:
            found.add(Module(node.module, node.level))
    return found


def imported_members(text: str) -> set[Module]:
    """What a text takes from packages by `from … import …`, each as the module it is if it is one."""
    return {
        Module(".".join(filter(None, (node.module, alias.name))), node.level)
        for node in _required(text)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name != "*"
    }


def _required(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements that may not fail."""
    tree = parse_python(text)
    pending: list[ast.AST] = [tree] if isinstance(tree, ast.Module) else []
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not _is_lenient(node):
            pending.extend(ast.iter_child_nodes(node))


def _is_lenient(node: ast.AST) -> bool:
    """Whether imports below this node may fail."""
    match node:
        case ast.Try() | ast.TryStar():
            return True
        case ast.If(test=test):
            return _CONDITION.search(ast.unparse(test)) is not None
        case ast.With(items=items):
            return any("suppress(" in ast.unparse(item) or "raises(" in ast.unparse(item) for item in items)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class PythonProject:
    """Where a project's modules lie."""

    root: Path
    file: Path
    """The file that imports."""
    near: tuple[Path, ...]
    """Other files whose own folder may be a place to import from, such as what a test tests."""
    python: Path | None

    @property
    def top(self) -> Path:
        """The folder of the whole project, of which perhaps only a part is open."""
        folders = (self.root, *self.root.parents)
        return next((one for one in folders if any((one / name).exists() for name in _MARKERS)), self.root)

    def leads_nowhere(self, module: Module, disk: Disk) -> str | None:
        """Why a module cannot be imported, in words; None when it can, or when it cannot be known."""
        if module.level:
            return self._relative_leads_nowhere(module, disk)
        if module.name in sys.builtin_module_names or module.first in sys.stdlib_module_names:
            return None
        is_installed = any(_has(disk, folder, module.first) for folder in self._sites())
        parts = module.name.split(".")
        if is_installed or any(_resolves(disk, folder, parts) for folder in (*self._roots(disk), *self._around())):
            return None
        if any(has_stem(disk, folder, module.first) for folder in self._roots(disk)):
            return f"the project's own {module.first!r} has no module {module.name!r}"
        if self.python is None or self._is_deeper(module.first, disk):
            return None
        return f"neither the project nor its Python has the module {module.first!r}"

    def is_unknown(self, module: Module, disk: Disk) -> bool:
        """Whether only the project's interpreter, which nobody named, could tell of this module."""
        is_own = module.level or module.first in sys.stdlib_module_names
        return (
            self.python is None
            and not is_own
            and not any(has_stem(disk, folder, module.first) for folder in self._roots(disk))
        )

    def _relative_leads_nowhere(self, module: Module, disk: Disk) -> str | None:
        folder = self.file.parent
        for _ in range(module.level - 1):
            folder = folder.parent
        if _resolves(disk, folder, module.name.split(".")):
            return None
        return f"{'.' * module.level}{module.name} leads to no module of the project"

    def _roots(self, disk: Disk) -> list[Path]:
        """Folders the project's own modules are imported from."""
        top = self.top
        found = [top, top / "src", self.root, *(_above_package(path, disk) for path in self._files)]
        found += [top / folder for folder in _configured(top, disk)]
        return list(dict.fromkeys(found))

    def _around(self) -> list[Path]:
        """Folders that some projects also import from, so that what lies there is not missing."""
        top = self.top
        folders = [top / "lib"]
        for path in self._files:
            folders += [place for folder in path.parents for place in (folder, folder / "src")]
        return [folder for folder in dict.fromkeys(folders) if folder.is_relative_to(top)]

    @property
    def _files(self) -> tuple[Path, ...]:
        return (self.file, *self.near)

    def _sites(self) -> list[Path]:
        """Where the project's interpreter keeps what was installed, with what its path files add."""
        if self.python is None:
            return []
        found = find_interpreter(self.python)
        folders: list[Path] = []
        for prefix in (self.python.absolute().parent.parent, *(found.folders if found else ()), Path("/usr")):
            for pattern in _SITES:
                for site in prefix.glob(pattern):
                    folders += [site, *_added(site)]
        return folders

    def _is_deeper(self, name: str, disk: Disk) -> bool:
        """Whether one of several packages in one repository has the module: up to two folders down."""
        folders = [self.top]
        for _ in range(2):
            folders = [
                folder / child
                for folder in folders
                for child in sorted(disk.names(folder))
                if not child.startswith(".") and child not in _SKIPPED and (folder / child).is_dir()
            ]
            if any(has_stem(disk, place, name) for folder in folders for place in (folder, folder / "src")):
                return True
        return False


def _above_package(path: Path, disk: Disk) -> Path:
    """The folder above the outermost package a file is in."""
    folder = path.parent
    while folder != folder.parent and disk.is_file(folder / "__init__.py"):
        folder = folder.parent
    return folder


def _configured(root: Path, disk: Disk) -> Iterator[str]:
    """What the settings of pytest and of setuptools add to the places to import from."""
    tool = read_toml(root / "pyproject.toml").get("tool", {})
    pytest_path = tool.get("pytest", {}).get("ini_options", {}).get("pythonpath", ())
    yield from pytest_path.split() if isinstance(pytest_path, str) else map(str, pytest_path)
    package_dir = tool.get("setuptools", {}).get("package-dir", {})
    yield from map(str, package_dir.values() if isinstance(package_dir, dict) else ())
    for name in ("pytest.ini", "tox.ini", "setup.cfg"):
        for match in _INI_PATH.finditer(disk.read(root / name)):
            yield from match[1].split()


def _resolves(disk: Disk, folder: Path, parts: Sequence[str]) -> bool:
    """Whether a dotted name leads to a module below a folder; also where a package makes up its own path."""
    for number, part in enumerate(parts, 1):
        if _GENERATED.fullmatch(part):
            return True
        if not has_stem(disk, folder, part):
            init = disk.read(folder / "__init__.py")
            return any(words in init for words in _DYNAMIC)
        if number < len(parts) and not disk.is_folder(folder / part):
            text = disk.read(folder / f"{part}.py")
            return any(words in text for words in _DYNAMIC)
        folder = folder / part
    return True


def _added(site: Path) -> Iterator[Path]:
    """Folders that the path files of a site name, and the finders of editable installs."""
    for file in site.glob("*.pth"):
        for line in file.read_text("utf-8", "replace").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield site / line.strip()
    yield from site.glob("__editable__*.py")


def _has(disk: Disk, folder: Path, name: str) -> bool:
    if folder.suffix == ".py":
        return re.search(rf"['\"]{re.escape(name)}['\"]", disk.read(folder)) is not None
    return has_stem(disk, folder, name)
