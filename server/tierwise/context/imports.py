"""Where the names a text brings in may be declared: files of the same project, by their paths."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tierwise.context.gather import import_lines

_FROM = re.compile(r"^\s*from\s+(\.*)([\w.]*)\s+import\s+\(?([^)#]*)", re.MULTILINE)
_IMPORT = re.compile(r"^\s*import\s+([\w.]+)(?:\s+as\s+(\w+))?\s*$", re.MULTILINE)
_SCRIPT = re.compile(
    r"(?:import|export)\s+(?:type\s+)?([\w$*{},\s]+?)\s+from\s+['\"](\.[^'\"]*)['\"]"
    r"|(?:const|let|var)\s+([\w${},:\s]+?)\s*=\s*require\(['\"](\.[^'\"]*)['\"]\)"
)
_SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", "/index.ts", "/index.js")
_SCRIPT_LANGUAGES = ("javascript", "javascriptreact", "typescript", "typescriptreact")
_TOPS = ("", "src/", "lib/")


@dataclass(frozen=True, slots=True)
class Import:
    """Names brought in from one module."""

    paths: tuple[str, ...]
    """Where the module may lie, relative to the root, likeliest first."""
    names: frozenset[str]
    """The names as the module declares them; empty: any that are used by the module's own name."""
    module: str = ""
    """The name the module itself goes by in the text, where it does."""


def imports_of(text: str, path: str, language: str) -> tuple[Import, ...]:
    """The imports of a file, as far as they may come from its own project."""
    if language == "python":
        return tuple(_python(import_lines(text), path))
    if language in _SCRIPT_LANGUAGES:
        return tuple(_script(text, path))
    return ()


def _python(lines: str, path: str) -> Iterable[Import]:
    folder = PurePosixPath(path).parent
    for dots, module, listed in _FROM.findall(lines):
        names = frozenset(part.strip().split(" as ")[0].strip() for part in listed.split(",")) - {"", "*"}
        inner = module.replace(".", "/")
        if dots:
            base = posixpath.normpath(posixpath.join(str(folder), *[".."] * (len(dots) - 1), inner))
            yield Import(_python_files(base), names)
        else:
            yield Import(tuple(f for top in _tops(folder) for f in _python_files(top + inner)), names)
    for module, alias in _IMPORT.findall(lines):
        inner = module.replace(".", "/")
        paths = tuple(f for top in _tops(folder) for f in _python_files(top + inner))
        yield Import(paths, frozenset(), alias or module)


def _tops(folder: PurePosixPath) -> tuple[str, ...]:
    """Where packages may begin: at the root, in `src`, and beside the file."""
    beside = "" if str(folder) == "." else f"{folder}/"
    return tuple(dict.fromkeys((*_TOPS, beside)))


def _python_files(base: str) -> tuple[str, ...]:
    return (f"{base}.py", f"{base}/__init__.py") if base not in ("", ".") else ("__init__.py",)


def _script(text: str, path: str) -> Iterable[Import]:
    folder = str(PurePosixPath(path).parent)
    for imported, source, required, module in _SCRIPT.findall(text):
        base = posixpath.normpath(posixpath.join(folder, source or module))
        stem = re.sub(r"\.[cm]?jsx?$", "", base)
        words = re.split(r"[{},\s]+", re.sub(r"(\w+)\s*(?:as|:)\s*\w+", r"\1", imported or required))
        names = frozenset(word for word in words if word and word != "*")
        yield Import((base, *(stem + suffix for suffix in _SUFFIXES)), names)


def used_names(found: Import, text: str, words: frozenset[str]) -> frozenset[str]:
    """Which names of a module a text uses."""
    if found.names:
        return found.names & words
    dotted = re.escape(found.module)
    return frozenset(re.findall(rf"(?<![\w.]){dotted}\.([^\W\d]\w*)", text))
