"""Which formatter serves a file: what the project configured, as far as it is installed and may be run."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from tierwise.dispatch.native.configured import CONFIG_FILES, FAMILIES, Configured, read_choice, rust_edition
from tierwise.dispatch.native.formatters import Formatter
from tierwise.dispatch.native.plain_settings import PLAIN_ARGUMENTS
from tierwise.dispatch.native.programs import (
    find_in_project,
    find_on_path,
    folders_up,
    leads_into,
    safe_search_path,
)

_CHOSEN_BY_MANIFEST = frozenset({"go.mod", "Cargo.toml"})

Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """What a search is about."""

    path: Path
    root: Path
    is_trusted: bool
    folders: tuple[Path, ...]
    search_path: str


class FormatterFinder:
    """Finds formatters, reading a configuration file again only when its time or size changed."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._choices: dict[tuple[str, str], tuple[Stamp, Configured | None]] = {}

    def configured(self, path: Path, language: str, root: Path) -> Configured | None:
        """The nearest choice at or above the file and inside `root`, whether or not the tool is installed."""
        family = FAMILIES.get(language)
        if family is None:
            return None
        for folder in folders_up(path.parent, root):
            choice = self._choice(folder, family)
            if choice is not None:
                return choice
        return None

    def find(
        self, path: Path, language: str, root: Path, *, is_trusted: bool, bundled: bool = True
    ) -> Formatter | None:
        """The formatter the project chose for this file.

        None when it chose none, when its choice is not installed, and when an untrusted workspace chose one that
        reads settings by itself: these name plug-ins that are loaded and files that are read, wherever these lie.
        `bundled` allows the ruff that comes with Tierwise where the project's choice is ruff.
        """
        choice = self.configured(path, language, root)
        if choice is None or (not is_trusted and choice.tool not in PLAIN_ARGUMENTS):
            return None
        search_path = safe_search_path(self._environment.get("PATH", os.defpath), None if is_trusted else root)
        place = _Place(path, root, is_trusted, folders_up(path.parent, root), search_path)
        program = _find_program(choice.tool, place)
        if program is not None:
            return _formatter(choice, program, place, is_bundled=False)
        own_ruff = _own_ruff() if bundled and choice.tool == "ruff" else None
        return None if own_ruff is None else _formatter(choice, own_ruff, place, is_bundled=True)

    def _choice(self, folder: Path, family: str) -> Configured | None:
        key = (str(folder), family)
        stamp = tuple(_stamp(f"{folder}{os.sep}{name}") for name in CONFIG_FILES[family])
        known = self._choices.get(key)
        if known is None or known[0] != stamp:
            known = (stamp, read_choice(folder, family))
            self._choices[key] = known
        return known[1]


def find_formatter(path: Path, language: str, root: Path, *, is_trusted: bool, bundled: bool) -> Formatter | None:
    """FormatterFinder.find for one question, without memory."""
    return FormatterFinder().find(path, language, root, is_trusted=is_trusted, bundled=bundled)


def bundled_formatter(language: str, path: Path | None = None) -> Formatter | None:
    """The formatter that comes with Tierwise, with its own defaults: ruff for Python, else None.

    `path` tells stub files from others.
    """
    program = _own_ruff() if language == "python" else None
    if program is None:
        return None
    return Formatter(
        name="ruff",
        command=(
            program,
            "format",
            "--isolated",
            "--stdin-filename",
            "text.py" if path is None else path.name,
            "-",
        ),
        source="the ruff that comes with Tierwise, with ruff's defaults",
        is_bundled=True,
        cwd=Path(Path(program).anchor),
        search_path="",
    )


def _formatter(choice: Configured, program: str, place: _Place, *, is_bundled: bool) -> Formatter:
    config = choice.config.relative_to(place.root) if choice.config.is_relative_to(place.root) else choice.config.name
    verb = "chosen by" if choice.config.name in _CHOSEN_BY_MANIFEST else "configured in"
    name = f"the {choice.tool} that comes with Tierwise" if is_bundled else choice.tool
    return Formatter(
        name=choice.tool,
        command=(program, *_arguments(choice, place)),
        source=f"{name}, {verb} {config}",
        is_bundled=is_bundled,
        # Version managers obey files of the folder they are started in, so an untrusted one is kept away from.
        cwd=choice.config.parent if place.is_trusted else Path(place.root.anchor),
        search_path=place.search_path,
    )


def _find_program(tool: str, place: _Place) -> str | None:
    if place.is_trusted:
        return find_in_project(tool, place.folders) or find_on_path(tool, place.search_path)
    found = find_on_path(tool, place.search_path)
    return None if found is None or leads_into(found, place.root) else found


def _arguments(choice: Configured, place: _Place) -> tuple[str, ...]:
    if place.is_trusted:
        return _ARGUMENTS[choice.tool](choice, place)
    return PLAIN_ARGUMENTS[choice.tool](choice, place.path)


def _own_ruff() -> str | None:
    try:
        return str(find_ruff_bin())
    except FileNotFoundError:
        return None


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def _ruff(_: Configured, place: _Place) -> tuple[str, ...]:
    return ("format", "--no-cache", "--stdin-filename", str(place.path), "-")


def _black(_: Configured, place: _Place) -> tuple[str, ...]:
    return ("--quiet", "--stdin-filename", str(place.path), "-")


def _prettier(_: Configured, place: _Place) -> tuple[str, ...]:
    return ("--stdin-filepath", str(place.path))


def _gofmt(_: Configured, __: _Place) -> tuple[str, ...]:
    return ()


def _rustfmt(_: Configured, place: _Place) -> tuple[str, ...]:
    edition = rust_edition(place.path.parent)
    settings = next((file for folder in place.folders for file in _rustfmt_settings(folder)), None)
    return (
        *("--quiet", "--emit", "stdout"),
        *(() if edition is None else ("--edition", edition)),
        *(() if settings is None else ("--config-path", str(settings))),
    )


def _rustfmt_settings(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / name for name in ("rustfmt.toml", ".rustfmt.toml") if (folder / name).is_file())


def _clang_format(_: Configured, place: _Place) -> tuple[str, ...]:
    return (f"--assume-filename={place.path}", "--style=file", "--fallback-style=none")


_ARGUMENTS: Mapping[str, Callable[[Configured, _Place], tuple[str, ...]]] = {
    "ruff": _ruff,
    "black": _black,
    "prettier": _prettier,
    "gofmt": _gofmt,
    "rustfmt": _rustfmt,
    "clang-format": _clang_format,
}
