"""Node and Go as they are installed on this machine: where they lie and what they read."""

import functools
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ASK_S = 10.0
_ELF = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class NodeProgram:
    """A Node."""

    program: Path
    folders: tuple[Path, ...]
    """What the sandbox has to show besides the system's own folders."""


@dataclass(frozen=True, slots=True)
class GoProgram:
    """A Go with its caches; those are only read."""

    program: Path
    folders: tuple[Path, ...]
    cache: Path | None
    modules: Path | None


@functools.cache
def find_node() -> NodeProgram | None:
    """The Node on the search path; None when there is none. A program that only starts another is asked for it."""
    found = shutil.which("node")
    if found is None:
        return None
    program = Path(found).resolve()
    with program.open("rb") as file:
        is_program = file.read(4) == _ELF
    if not is_program or not program.name.startswith("node"):
        told = _ask([found, "-p", "process.execPath"])
        if not told:
            return None
        program = Path(told).resolve()
    return NodeProgram(program, _shown(program.parent.parent))


@functools.cache
def find_go() -> GoProgram | None:
    """The Go on the search path; None when there is none or it does not answer."""
    found = shutil.which("go")
    told = _ask([found, "env", "-json", "GOROOT", "GOCACHE", "GOMODCACHE"]) if found else ""
    try:
        places = json.loads(told)
        root = Path(places["GOROOT"])
    except (ValueError, KeyError):
        return None
    cache, modules = (path if path.is_dir() else None for path in map(Path, (places["GOCACHE"], places["GOMODCACHE"])))
    return GoProgram(root / "bin" / "go", _shown(root), cache, modules)


def _ask(command: list[str]) -> str:
    """What a program prints; nothing when it fails. It starts in a folder in which no project can change its ways."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""


def _shown(folder: Path) -> tuple[Path, ...]:
    """The folder, unless the sandbox shows it anyway."""
    return () if folder.is_relative_to("/usr") or folder == Path("/") else (folder,)
