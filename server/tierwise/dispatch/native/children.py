"""One short-lived child process that reads a text and writes a text."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.text import Rejection

MAX_ERROR_BYTES = 64 * 1024

_ALLOWED = frozenset(
    {
        *("HOME", "USERPROFILE", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "APPDATA"),
        *("LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "RUSTUP_HOME", "CARGO_HOME", "PYENV_ROOT"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A child that ended by itself."""

    exit_code: int
    output: bytes
    errors: bytes
    """At most MAX_ERROR_BYTES of standard error."""


def child_environment(
    environment: Mapping[str, str], search_path: str, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a tool may see of our environment: enough to find its home and speak the user's language, no keys."""
    kept = {name: value for name, value in environment.items() if name in _ALLOWED}
    return kept | {"PATH": search_path, "NO_COLOR": "1"} | dict(more or {})


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a child that does not end by itself."""

    timeout_s: float
    max_output: int
    """Bytes of standard output."""
    environment: Mapping[str, str] | None = None
    """What the child's environment has beside the usual."""


async def run_child(
    command: Sequence[str], given: bytes, *, cwd: Path, search_path: str, limits: Limits
) -> Ended | Rejection:
    """Run a command with `given` on its standard input, in its own process group.

    When the time is up, the output too long or the task cancelled, the whole group is killed before this returns.
    """
    name = Path(command[0]).name
    loop = asyncio.get_running_loop()
    started = asyncio.ensure_future(
        loop.subprocess_exec(
            lambda: _Talk(given, limits.max_output, loop),
            *command,
            cwd=cwd,
            env=child_environment(os.environ, search_path, limits.environment),
            start_new_session=True,
        )
    )
    try:
        async with asyncio.timeout(limits.timeout_s):
            transport, talk = await asyncio.shield(started)
            await talk.ended
    except TimeoutError:
        return Rejection("native-tool-timeout", f"{name} did not finish within {limits.timeout_s:g} s and was ended")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Rejection("native-tool-missing", f"{command[0]!r} cannot be started ({reason}); install {name} again")
    finally:
        await _clean_up(started)
    if limits.max_output < len(talk.output):
        return Rejection("native-tool-output", f"{name} wrote more than {limits.max_output} bytes and was ended")
    return Ended(exit_code=transport.get_returncode() or 0, output=bytes(talk.output), errors=bytes(talk.errors))


async def _clean_up(started: "asyncio.Future[tuple[asyncio.SubprocessTransport, _Talk]]") -> None:
    """Leave nothing behind. A start that was interrupted is waited for, as a half started child cannot be ended."""
    try:
        transport, talk = await started
    except OSError:
        return
    if not talk.is_over:
        _kill_group(transport)
    transport.close()
    await talk.exited


class _Talk(asyncio.SubprocessProtocol):
    """What is said to a child and what it says.

    `asyncio.subprocess.Process.wait` also waits for pipes nobody reads any more, so that it can hang on a child that
    was killed in the middle of a long answer; this does not.
    """

    def __init__(self, given: bytes, max_output: int, loop: asyncio.AbstractEventLoop) -> None:
        self._given = given
        self._max_output = max_output
        self.output = bytearray()
        self.errors = bytearray()
        self.ended = loop.create_future()
        """Done when the child and its pipes are gone, or when it said too much."""
        self.exited = loop.create_future()
        self.is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send everything at once; the transport buffers what the pipe does not take yet."""
        if isinstance(transport, asyncio.SubprocessTransport):
            stdin = transport.get_pipe_transport(0)
            if isinstance(stdin, asyncio.WriteTransport):
                stdin.write(self._given)
                stdin.write_eof()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep standard output up to just over the limit and the start of standard error."""
        if fd != 1:
            self.errors += data[: MAX_ERROR_BYTES - len(self.errors)]
        elif len(self.output) <= self._max_output:
            self.output += data
            if self._max_output < len(self.output):
                self._end()

    def process_exited(self) -> None:
        """The child is gone; its pipes may still hold some of its answer."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Child and pipes are gone."""
        self.is_over = True
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _kill_group(transport: asyncio.SubprocessTransport) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)
