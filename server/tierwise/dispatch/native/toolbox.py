"""The programs of one project, for the checks that ask tools."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.running.tools.base import MAX_ANSWER, TIMEOUT_S, Ran
from tierwise.config import default_ledger_file
from tierwise.dispatch.native.children import Limits, child_environment, run_child
from tierwise.dispatch.native.programs import find_in_project, find_on_path, safe_search_path
from tierwise.text import Rejection

_KEPT = (
    *("GOPATH", "GOMODCACHE", "GOCACHE", "GOROOT", "GOEXPERIMENT", "CGO_ENABLED", "XDG_DATA_HOME", "MYPYPATH"),
    *("PROGRAMFILES", "COMSPEC", "PATHEXT"),
)
"""What these tools need of our environment beside what formatters do."""
_NO_TRACES = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "DO_NOT_TRACK": "1"}
_LINE_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Conversation:
    """A running program that is spoken with."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTools:
    """What the checks may run for one project. Nothing of an untrusted project is ever found."""

    root: Path
    is_trusted: bool
    python: str | None = None
    cache: Path | None = None

    def find(self, name: str, folders: Sequence[Path]) -> str | None:
        """The program in the environments of the folders, else on PATH; None in an untrusted project."""
        if not self.is_trusted:
            return None
        return find_in_project(name, folders) or find_on_path(name, self._search_path())

    async def run(
        self,
        command: Sequence[str],
        given: bytes = b"",
        *,
        cwd: Path,
        timeout_s: float = TIMEOUT_S,
        environment: Mapping[str, str] | None = None,
    ) -> Ran | Rejection:
        """Run a program; cancelling kills it and whatever it started."""
        limits = Limits(timeout_s, MAX_ANSWER, self._environment() | dict(environment or {}))
        ended = await run_child(command, given, cwd=cwd, search_path=self._search_path(), limits=limits)
        return ended if isinstance(ended, Rejection) else Ran(ended.exit_code, ended.output, ended.errors)

    @contextlib.asynccontextmanager
    async def talk(self, command: Sequence[str], *, cwd: Path) -> AsyncIterator[Conversation]:
        """Start a program to speak with; it and all it started are killed at the end. Raises OSError."""
        started = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=cwd,
                env=child_environment(os.environ, self._search_path(), self._environment()),
                start_new_session=True,
                limit=_LINE_LIMIT,
            )
        )
        try:
            process = await asyncio.shield(started)
            if process.stdout is None or process.stdin is None:
                raise OSError(0, "it has no standard streams")
            yield Conversation(process.stdout, process.stdin)
        finally:
            # A start that was interrupted is waited for, as a half started child cannot be ended.
            await _end(started)

    def _search_path(self) -> str:
        return safe_search_path(os.environ.get("PATH", os.defpath), None if self.is_trusted else self.root)

    def _environment(self) -> dict[str, str]:
        return {name: os.environ[name] for name in _KEPT if name in os.environ} | _NO_TRACES


def project_tools(root: Path, *, is_trusted: bool, python: Path | str | None) -> ProjectTools:
    """The tools of a project; what they work out is kept beside the ledger."""
    cache = default_ledger_file().parent / "tools"
    return ProjectTools(root=root, is_trusted=is_trusted, python=None if python is None else str(python), cache=cache)


async def _end(started: "asyncio.Future[asyncio.subprocess.Process]") -> None:
    try:
        process = await started
    except OSError:
        return
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.wait_closed()
    while process.stdout is not None and await process.stdout.read(_LINE_LIMIT):
        pass
    await process.wait()
