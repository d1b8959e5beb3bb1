"""Where a program is: in the project's environment or on PATH.

A program that lies inside an untrusted workspace is never returned, whichever way leads to it: an activated
environment puts the workspace on PATH, and a link may point back into it.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ENVIRONMENTS = (".venv", "venv")
_SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
_SUFFIXES = (".exe", ".cmd", ".bat") if sys.platform == "win32" else ("",)


def folders_up(start: Path, root: Path) -> tuple[Path, ...]:
    """`start` and its parents up to and including `root`; `start` alone when it does not lie inside `root`."""
    if not start.is_relative_to(root):
        return (start,)
    return tuple(folder for folder in (start, *start.parents) if folder.is_relative_to(root))


def find_in_project(name: str, folders: Iterable[Path]) -> str | None:
    """The program of that name in the nearest `.venv` or `node_modules`. For trusted workspaces only."""
    for folder in folders:
        places = (*(folder / environment / _SCRIPTS for environment in ENVIRONMENTS), folder / "node_modules" / ".bin")
        for place in places:
            found = _executable(place, name)
            if found is not None:
                return found
    return None


def find_on_path(name: str, search_path: str) -> str | None:
    """The program of that name in the first folder of `search_path` that has it."""
    for entry in search_path.split(os.pathsep):
        found = _executable(Path(entry), name) if entry else None
        if found is not None:
            return found
    return None


def safe_search_path(search_path: str, untrusted_root: Path | None) -> str:
    """PATH without relative folders, and without any that leads into the untrusted workspace."""
    return os.pathsep.join(_safe_entries(search_path.split(os.pathsep), untrusted_root))


def narrow_search_path(untrusted: Iterable[Path]) -> None:
    """Take everything relative, and all that leads into untrusted workspaces, out of the PATH of this process.

    Whatever looks for a program from then on, also in a library, finds none that such a workspace brought.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for root in (None, *untrusted):
        entries = list(_safe_entries(entries, root))
    os.environ["PATH"] = os.pathsep.join(entries)


def leads_into(program: str, root: Path) -> bool:
    """Whether a path lies inside `root`, by its own words or once links are followed."""
    real_root = Path(os.path.realpath(root))
    return Path(program).is_relative_to(root) or Path(os.path.realpath(program)).is_relative_to(real_root)


def _safe_entries(entries: Iterable[str], untrusted_root: Path | None) -> Iterator[str]:
    for entry in entries:
        if not Path(entry).is_absolute():
            continue
        if untrusted_root is None or not leads_into(entry, untrusted_root):
            yield entry


def _executable(folder: Path, name: str) -> str | None:
    for suffix in _SUFFIXES:
        program = os.path.join(folder, name + suffix)  # noqa: PTH118
        if os.path.isfile(program) and os.access(program, os.X_OK):  # noqa: PTH113
            return program
    return None
