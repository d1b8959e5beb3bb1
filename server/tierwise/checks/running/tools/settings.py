"""Whether a project says in writing that it uses a tool; only data is read here, nothing is run."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from tierwise.checks.running.tools.base import Place

_MAX_BYTES = 1 << 20
ESLINT_FILES = (
    *(f"eslint.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts", "mts", "cts")),
    *(f".eslintrc{suffix}" for suffix in (".js", ".cjs", ".json", ".yml", ".yaml", "")),
)
MYPY_FILES = ("mypy.ini", ".mypy.ini")
_WRITES_REPORTS = re.compile(r"^\s*(?:\w+_report|junit_xml)\s*=", re.MULTILINE)


def read_limited(path: Path) -> str:
    """A settings file; empty when it cannot be read or is too long to be one."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError):
        return ""
    return "" if _MAX_BYTES < len(content) else content.decode("utf-8-sig", "replace")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a table; empty when it is none."""
    try:
        return tomllib.loads(read_limited(path))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file as a table; empty when it is none."""
    try:
        found = json.loads(read_limited(path) or "{}")
    except (json.JSONDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def has_ruff(place: Place) -> bool:
    """Whether ruff is configured at or above the file."""
    return place.folder_with("ruff.toml", ".ruff.toml") is not None or _has_section(place, "ruff")


def mypy_settings(place: Place) -> Path | None:
    """The file that configures mypy."""
    for folder in place.folders:
        for name in MYPY_FILES:
            if (folder / name).is_file():
                return folder / name
        if "mypy" in _tools(folder):
            return folder / "pyproject.toml"
        if "[mypy]" in read_limited(folder / "setup.cfg"):
            return folder / "setup.cfg"
    return None


def has_mypy(place: Place) -> bool:
    """Whether mypy is configured."""
    return mypy_settings(place) is not None


def writes_reports(settings: Path | None) -> bool:
    """Whether a run of mypy would write reports into the project."""
    return settings is not None and _WRITES_REPORTS.search(read_limited(settings)) is not None


def has_pyright(place: Place) -> bool:
    """Whether pyright is configured."""
    is_file = place.folder_with("pyrightconfig.json") is not None
    return is_file or _has_section(place, "pyright") or _has_section(place, "basedpyright")


def has_typescript(place: Place) -> bool:
    """Whether TypeScript is configured."""
    names = ("tsconfig.json", "jsconfig.json") if place.language == "javascript" else ("tsconfig.json",)
    return place.folder_with(*names) is not None


def eslint_folder(place: Place) -> Path | None:
    """The folder whose files configure eslint."""
    for folder in place.folders:
        is_here = any((folder / name).is_file() for name in ESLINT_FILES)
        if is_here or "eslintConfig" in read_json(folder / "package.json"):
            return folder
    return None


def has_eslint(place: Place) -> bool:
    """Whether eslint is configured."""
    return eslint_folder(place) is not None


def has_module(place: Place) -> bool:
    """Whether the file lies in a Go module."""
    return place.folder_with("go.mod") is not None


def _has_section(place: Place, tool: str) -> bool:
    return any(tool in _tools(folder) for folder in place.folders)


def _tools(folder: Path) -> dict[str, Any]:
    found = read_toml(folder / "pyproject.toml").get("tool")
    return found if isinstance(found, dict) else {}
