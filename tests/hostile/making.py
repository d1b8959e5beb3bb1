"""What a hostile repository is made of, and making it on disk."""

import os
import socket
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECRET = "correct-horse-battery-staple-4711"
"""Stands wherever no model and no other host may see it."""


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Program:
    """A file that can be run."""

    text: str


@dataclass(frozen=True)
class Pipe:
    """A named pipe, which holds up whoever opens it."""


@dataclass(frozen=True)
class Listener:
    """A socket of the file system."""


@dataclass(frozen=True)
class Device:
    """What never ends: the device itself where we may make one, else a link to it."""


@dataclass(frozen=True)
class Hole:
    """A file of so many bytes that takes no room."""

    n_bytes: int
    head: str = ""


@dataclass(frozen=True)
class Deep:
    """Folders in folders, with a file at the bottom."""

    n_folders: int


@dataclass(frozen=True)
class Many:
    """So many files."""

    n_files: int


Made = str | bytes | Link | Program | Pipe | Listener | Device | Hole | Deep | Many


@dataclass(frozen=True)
class Surroundings:
    """What the words in a repository's files stand for."""

    marks: Path
    """Canary programs make a file here when they are run."""
    url: str
    """A server that nobody has a reason to talk to."""
    outside: Path
    """A folder of the user's that is no part of any repository."""
    home: Path

    def said(self, text: str) -> str:
        """A text with its words replaced."""
        words = {"@MARK@": self.marks, "@URL@": self.url, "@OUTSIDE@": self.outside, "@HOME@": self.home}
        for word, meaning in (words | {"@SECRET@": SECRET}).items():
            text = text.replace(word, str(meaning))
        return text

    @property
    def fired(self) -> frozenset[str]:
        """The canaries that were run."""
        return frozenset(mark.name for mark in self.marks.iterdir())

    def forget(self) -> None:
        """Take the marks away."""
        for mark in self.marks.iterdir():
            mark.unlink()


def shell(name: str) -> Program:
    """A canary for whatever starts programs; as a formatter it hands on what it is given."""
    return Program(f"#!/bin/sh\n: > '@MARK@/{name}'\nexec cat\n")


def python(name: str) -> str:
    """A canary for whatever loads Python."""
    return f"open('@MARK@/{name}', 'w').close()\n"


def script(name: str) -> str:
    """A canary for whatever loads JavaScript."""
    return f"require('fs').writeFileSync('@MARK@/{name}', '')\n"


def make(root: Path, files: Mapping[str, Made], around: Surroundings) -> None:
    """Make the files of a repository; a name may hold bytes that are no UTF-8, as half surrogates."""
    root.mkdir(parents=True, exist_ok=True)
    for name, made in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_one(path, made, around)


def _make_one(path: Path, made: Made, around: Surroundings) -> None:  # noqa: C901 - one case for each kind.
    match made:
        case str():
            path.write_text(around.said(made), "utf-8")
        case bytes():
            path.write_bytes(made)
        case Link():
            path.symlink_to(around.said(made.target))
        case Program():
            path.write_text(around.said(made.text), "utf-8")
            path.chmod(0o755)
        case Pipe():
            os.mkfifo(path)
        case Listener():
            _listen(path)
        case Device():
            _device(path)
        case Hole():
            path.write_text(around.said(made.head), "utf-8")
            os.truncate(path, made.n_bytes)
        case Deep():
            _dig(path, made.n_folders)
        case Many():
            path.mkdir()
            for number in range(made.n_files):
                (path / f"module_{number}.py").touch()


def _listen(path: Path) -> None:
    """Bound from the folder, since names of sockets are short."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)


def _device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        path.symlink_to("/dev/zero")


def _dig(path: Path, n_folders: int) -> None:
    """Folders whose path is longer than the system takes at once."""
    path.mkdir()
    folder = os.open(path, os.O_RDONLY)
    for _ in range(n_folders):
        os.mkdir("a_folder_in_a_folder", dir_fd=folder)
        inner = os.open("a_folder_in_a_folder", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("bottom.py", os.O_WRONLY | os.O_CREAT, dir_fd=folder))
    os.close(folder)


def seen(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder as it lies there, without following links: kind, mode, size, time and number."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118 - names may be no text.
            try:
                status = os.lstat(path)
            except OSError:
                continue
            size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
            found[path] = (status.st_mode, size, status.st_mtime_ns, status.st_ino, status.st_nlink)
    return found
