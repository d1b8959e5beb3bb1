"""Which formatter the files of one folder configure.

Only data is read here: names of files, TOML and JSON. A formatter counts as chosen when the project says so in
writing; that a program happens to be installed proves nothing.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_CONFIG_BYTES = 1 << 20

_PRETTIER_SUFFIXES = ("json", "yml", "yaml", "json5", "toml", "js", "cjs", "mjs", "ts", "cts", "mts")
_PRETTIER_FILES = (
    ".prettierrc",
    *(f".prettierrc.{suffix}" for suffix in _PRETTIER_SUFFIXES),
    *(f"prettier.config.{suffix}" for suffix in ("js", "cjs", "mjs", "ts", "cts", "mts")),
)

CONFIG_FILES: Mapping[str, tuple[str, ...]] = {
    "python": (".ruff.toml", "ruff.toml", "pyproject.toml"),
    "prettier": (*_PRETTIER_FILES, "package.json"),
    "go": ("go.mod",),
    "rust": ("rustfmt.toml", ".rustfmt.toml", "Cargo.toml"),
    "clang": (".clang-format", "_clang-format"),
}
"""Family of languages → names of the files that can choose its formatter, the most telling first."""

_FAMILY_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "python": ("python",),
    "prettier": (
        *("javascript", "javascriptreact", "typescript", "typescriptreact", "json", "jsonc", "css", "scss", "less"),
        *("html", "vue", "markdown", "yaml", "graphql", "handlebars"),
    ),
    "go": ("go",),
    "rust": ("rust",),
    "clang": ("c", "cpp", "objective-c", "objective-cpp", "cuda-cpp", "proto"),
}

FAMILIES: Mapping[str, str] = {
    language: family for family, languages in _FAMILY_LANGUAGES.items() for language in languages
}
"""LSP language id → family."""


@dataclass(frozen=True, slots=True)
class Configured:
    """The formatter a folder's files choose."""

    tool: str
    """`ruff`, `black`, `prettier`, `gofmt`, `rustfmt` or `clang-format`."""
    config: Path
    """The file that says so."""


def read_choice(folder: Path, family: str) -> Configured | None:
    """What the files directly in `folder` choose for a family of languages; unreadable files choose nothing."""
    for name in CONFIG_FILES[family]:
        config = folder / name
        if not config.is_file():
            continue
        tool = _tool_chosen_by(config, family)
        if tool is not None:
            return Configured(tool, config)
    return None


def rust_edition(folder: Path) -> str | None:
    """The edition of the nearest Cargo package at or above `folder`, following `edition.workspace = true`.

    rustfmt cannot see it when it reads standard input.
    """
    for manifest in _manifests(folder):
        edition = _table(manifest, "package").get("edition")
        if isinstance(edition, str):
            return edition
        inherited = _table(_table(manifest, "workspace"), "package").get("edition")
        if isinstance(inherited, str):
            return inherited
        if "package" in manifest and edition is None:
            return "2015"
    return None


def _tool_chosen_by(config: Path, family: str) -> str | None:
    if config.name == "pyproject.toml":
        return _python_tool(read_toml(config))
    if config.name == "package.json":
        return "prettier" if _names_prettier(_read_json(config)) else None
    return {"python": "ruff", "prettier": "prettier", "go": "gofmt", "rust": "rustfmt", "clang": "clang-format"}[family]


def _python_tool(project: Mapping[str, Any]) -> str | None:
    """Ruff's settings may be there for its linter alone; Black's can only be there for formatting."""
    tools = _table(project, "tool")
    if "format" in _table(tools, "ruff"):
        return "ruff"
    if "black" in tools:
        return "black"
    return "ruff" if "ruff" in tools else None


def _names_prettier(package: Mapping[str, Any]) -> bool:
    return "prettier" in package or any(
        "prettier" in _table(package, group) for group in ("devDependencies", "dependencies")
    )


def _manifests(folder: Path) -> Iterator[Mapping[str, Any]]:
    for directory in (folder, *folder.parents):
        manifest = directory / "Cargo.toml"
        if manifest.is_file():
            yield read_toml(manifest)


def _table(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def read_toml(path: Path) -> Mapping[str, Any]:
    """A file of settings as a table; empty for one that is too large or no TOML."""
    try:
        return tomllib.loads(_read_text(path))
    except (ValueError, RecursionError):
        return {}


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(_read_text(path) or "{}")
    except (json.JSONDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
        return "" if MAX_CONFIG_BYTES < len(content) else content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
