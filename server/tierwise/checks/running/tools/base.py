"""The words in which tools are asked about a text that is not on disk, and in which they answer."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from tierwise.text import Rejection

TIMEOUT_S = 60.0
"""Seconds one tool may take for one text and its predecessor together."""
MAX_ANSWER = 1 << 24
"""Bytes of standard output."""

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

_T = TypeVar("_T")

Gravity = Literal["error", "warning", "layout"]
"""`layout` is what a formatter mends: it is told, never refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic of a tool."""

    code: str
    message: str
    line: int
    """From 1."""
    gravity: Gravity = "error"
    path: str = ""
    """The file, relative to the project; empty for the one that was asked about."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A tool could not be asked."""

    reason: str
    """The rest of a sentence that begins with `mypy was not asked again, because`."""


Findings = tuple[Finding, ...]
Answer = tuple[Findings, ...] | NotAsked
"""What a tool says of each text, in order."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ended by itself."""

    exit_code: int
    output: bytes
    errors: bytes


class Talk(Protocol):
    """A running program that is spoken with."""

    @property
    def reader(self) -> asyncio.StreamReader:
        """Its standard output."""
        ...

    @property
    def writer(self) -> asyncio.StreamWriter:
        """Its standard input."""
        ...


class Toolbox(Protocol):
    """The programs one project has, and what may be done with them; whatever is started is ended with its task."""

    @property
    def root(self) -> Path:
        """The project's folder."""
        ...

    @property
    def is_trusted(self) -> bool:
        """Whether the project's own programs and settings may be obeyed."""
        ...

    @property
    def python(self) -> str | None:
        """The project's interpreter."""
        ...

    @property
    def cache(self) -> Path | None:
        """A folder outside the project that tools may keep what they worked out in."""
        ...

    def find(self, name: str, folders: Sequence[Path]) -> str | None:
        """The program of that name in the environments of the folders, else on PATH; None in an untrusted project."""
        ...

    async def run(
        self,
        command: Sequence[str],
        given: bytes = b"",
        *,
        cwd: Path,
        timeout_s: float = TIMEOUT_S,
        environment: Mapping[str, str] | None = None,
    ) -> Ran | Rejection:
        """Run a program with `given` on its standard input and a bare environment."""
        ...

    def talk(self, command: Sequence[str], *, cwd: Path) -> AbstractAsyncContextManager[Talk]:
        """Start a program to speak with; it and all it started are killed at the end. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Which file the texts are of."""

    path: Path
    """Absolute; the file may hold something else, or not be there."""
    root: Path
    language: str
    """The grammar that reads it."""
    code: str = ""
    """The code of the diagnostic that is asked about, for tools that can be asked for more than is configured."""
    beside: tuple[Mapping[Path, str], ...] = ()
    """For each text, what other files hold that differ from those on disk."""

    def beside_of(self, index: int) -> Mapping[Path, str]:
        """Other files as they are together with the text of this number."""
        return self.beside[index] if self.beside else {}

    @property
    def folders(self) -> tuple[Path, ...]:
        """The file's folder and those above it, up to the project's."""
        folder = self.path.parent
        if not folder.is_relative_to(self.root):
            return (folder,)
        return tuple(one for one in (folder, *folder.parents) if one.is_relative_to(self.root))

    def folder_with(self, *names: str) -> Path | None:
        """The nearest folder that holds a file of one of these names."""
        return next((one for one in self.folders if any((one / name).is_file() for name in names)), None)

    def is_same(self, path: str, cwd: Path) -> bool:
        """Whether a path that a tool printed means this file."""
        return os.path.realpath(cwd / path) == os.path.realpath(self.path)


Ask = Callable[[Place, Sequence[str], Toolbox], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool that reports diagnostics, and how it is asked."""

    name: str
    sources: frozenset[str]
    """What diagnostics of this tool call their source in editors, in lower case."""
    grammars: frozenset[str]
    ask: Ask
    is_configured: Callable[[Place], bool] = field(default=lambda _: False)
    """Whether the project says in writing that it uses the tool; such a tool is asked about every change."""


def missing(name: str, hint: str) -> NotAsked:
    """The answer of a tool that is not there."""
    return NotAsked(f"{name} is not installed in the project; {hint}")


def all_saved(place: Place) -> NotAsked | None:
    """The answer of a tool that only sees files that are there, when one is not."""
    for path in (place.path, *(path for beside in place.beside for path in beside)):
        if not path.is_file():
            return NotAsked(f"{path.name!r} is not saved as a file yet")
    return None


def why_not(ran: Rejection) -> NotAsked:
    """The answer of a tool that was ended or could not be started."""
    return NotAsked(ran.detail)


def failed(ran: Ran) -> NotAsked:
    """The answer of a tool that did not do its work, with the first thing it said."""
    words = _ESCAPES.sub("", (ran.errors or ran.output).decode(errors="replace")).split("\n")
    said = next((line.strip() for line in words if line.strip()), f"exit code {ran.exit_code}")
    return NotAsked(f"it failed: {said[:200]}".rstrip("."))


def encoded(text: str) -> bytes:
    """A text for a tool's standard input."""
    return text.encode("utf-8", "surrogatepass")


async def ask_each(texts: Iterable[_T], ask: Callable[[_T], Awaitable[Findings | NotAsked]]) -> Answer:
    """Ask about every text at the same time; what could not be asked about one cannot be compared."""
    answers = await asyncio.gather(*(ask(text) for text in texts))
    found: list[Findings] = []
    for answer in answers:
        if isinstance(answer, NotAsked):
            return answer
        found.append(answer)
    return tuple(found)
