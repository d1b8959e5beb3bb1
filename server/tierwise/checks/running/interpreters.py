"""Which folders an interpreter needs, found without running it."""

import sys
from dataclasses import dataclass
from pathlib import Path

_SYSTEM_FOLDERS = tuple(map(Path, ("/usr", "/lib", "/lib64", "/bin", "/sbin")))


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and what it reads from this machine."""

    program: Path
    folders: tuple[Path, ...]
    """Its own prefix and, for a virtual environment, the one it was made from."""


def find_interpreter(program: str | Path) -> Interpreter | None:
    """What a Python needs to run; None when there is no such program.

    A repository can bring its own environment, with files that run at every start, so nothing is run to find out.
    """
    path = Path(program)
    if not path.is_file():
        return None
    folders: list[Path] = []
    prefix = path.absolute().parent.parent
    settings = prefix / "pyvenv.cfg"
    if settings.is_file():
        folders.append(prefix)
        folders += [Path(home).parent for home in _homes(settings)]
    folders.append(path.resolve().parent.parent)
    folders += [link.parent.parent for link in _links(path)]
    return Interpreter(path.absolute(), _outermost(folders))


def own_interpreter() -> Interpreter | None:
    """The interpreter the server runs on."""
    return find_interpreter(sys.executable)


def _homes(settings: Path) -> list[str]:
    lines = (line.partition("=") for line in settings.read_text(errors="replace").splitlines())
    return [value.strip() for key, _, value in lines if key.strip() == "home"]


def _links(path: Path) -> list[Path]:
    """The places a chain of links passes through."""
    found: list[Path] = []
    while path.is_symlink() and len(found) < 20:
        path = path.parent / path.readlink()
        found.append(path)
    return found


def _outermost(folders: list[Path]) -> tuple[Path, ...]:
    """Without repetitions, without folders inside others, and without what every sandbox has."""
    kept: list[Path] = []
    for folder in sorted({folder.absolute() for folder in folders}):
        is_known = any(folder.is_relative_to(known) for known in (*kept, *_SYSTEM_FOLDERS))
        if not is_known and folder != Path("/") and folder.is_dir():
            kept.append(folder)
    return tuple(kept)
