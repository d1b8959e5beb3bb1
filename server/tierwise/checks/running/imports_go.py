"""Where Go's imports lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.running.disk import Disk
from tierwise.syntax.trees import parse

_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_BLOCK = re.compile(r"^(require|replace|use)\s*\(([^)]*)\)", re.MULTILINE)
_SINGLE = re.compile(r"^(require|replace|use)\s+(?!\()(.+)$", re.MULTILINE)


def imported_packages(text: str) -> set[str]:
    """The packages a text imports."""
    root = parse(text, "go")
    if root is None:
        return set()
    paths = (node.field("path") for node in root.find_all(kind="import_spec"))
    return {path.text().strip('"`') for path in paths if path is not None}


@dataclass(frozen=True, slots=True)
class GoProject:
    """Where a project's packages lie."""

    root: Path
    file: Path
    """The file that imports."""
    library: Path | None
    """The folder of the standard library's sources; None when it is not known."""

    def leads_nowhere(self, path: str, disk: Disk) -> str | None:
        """Why a package cannot be imported, in words; None when it can, or when it cannot be known."""
        if path == "C" or path.startswith("."):
            return None
        for module, folder in self._modules(disk):
            if path == module or path.startswith(f"{module}/"):
                package = folder / path[len(module) :].lstrip("/")
                has_code = any(name.endswith(".go") for name in disk.names(package))
                return None if has_code else f"the project has no package {path!r}"
        if "." not in path.split("/", maxsplit=1)[0]:
            is_known = self.library is None or disk.is_folder(self.library / path)
            return None if is_known else f"the standard library has no package {path!r}"
        if any(path == module or path.startswith(f"{module}/") for module in self._required(disk)):
            return None
        return f"no module that go.mod requires has the package {path!r}"

    def is_unknown(self, disk: Disk) -> bool:
        """Whether there is no go.mod that could say what the project uses."""
        return self._module_file(disk) is None

    def _module_file(self, disk: Disk) -> Path | None:
        folders = (self.file.parent, *self.file.parent.parents)
        return next((folder / "go.mod" for folder in folders if disk.is_file(folder / "go.mod")), None)

    def _modules(self, disk: Disk) -> Iterator[tuple[str, Path]]:
        """The modules whose code lies here: the own one, those of the workspace, and replacements by folders."""
        own = self._module_file(disk)
        if own is None:
            return
        found = [own.parent]
        found += [own.parent / target for _, target in _replaced(disk.read(own)) if target.startswith(".")]
        for folder in (own.parent, *own.parent.parents):
            work = disk.read(folder / "go.work")
            found += [folder / used.split()[0].strip('"') for used in _lines(work, "use") if used.split()]
        for folder in found:
            match = _MODULE.search(disk.read(folder / "go.mod"))
            if match is not None:
                yield match[1], folder
        for name, target in _replaced(disk.read(own)):
            if target.startswith("."):
                yield name, own.parent / target

    def _required(self, disk: Disk) -> Iterator[str]:
        own = self._module_file(disk)
        text = "" if own is None else disk.read(own)
        yield from (line.split()[0].strip('"') for line in _lines(text, "require") if line.split())
        yield from (name for name, _ in _replaced(text))


def _replaced(text: str) -> Iterator[tuple[str, str]]:
    for line in _lines(text, "replace"):
        old, arrow, new = line.partition("=>")
        if arrow and old.split() and new.split():
            yield old.split()[0].strip('"'), new.split()[0].strip('"')


def _lines(text: str, word: str) -> Iterator[str]:
    """What a go.mod or go.work says after a word, in its blocks and on single lines, without comments."""
    for block in _BLOCK.finditer(text):
        if block[1] == word:
            yield from (line.partition("//")[0].strip() for line in block[2].split("\n"))
    yield from (single[2].partition("//")[0].strip() for single in _SINGLE.finditer(text) if single[1] == word)
