"""One llama-server child: started, watched until it is ready, ended with certainty."""

import asyncio
import os
import re
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tierwise.backends import lifeline
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.door import Door
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site, tidy
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.origins import Origin

LISTENING = re.compile(rb"listening on http://127\.0\.0\.1:(\d+)")
FAULT = re.compile(r"(?:\bE\b|[Ee]rror|ERROR|failed|terminate called)")
POLL_S = 0.05
GRACE_S = 2.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
LOG_TAIL = 64 * 1024
_HEALTH_TIMEOUT = httpx2.Timeout(2.0)
_SITE = Site(name="llama-server", when_down="", when_key_refused="", when_model_missing="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is started."""

    model: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path | None
    timeout_s: float


class LlamaProcess:
    """A running child. `base_url` and `key` are how to talk to it."""

    def __init__(self, launch: Launch, egress: Egress) -> None:
        self._launch = launch
        self._egress = egress
        self._child: asyncio.subprocess.Process | None = None
        self._log = launch.log
        self.key = secrets.token_urlsafe(24)
        self.port = 0

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start and wait until it is ready. Raises BackendError, and then no child is left."""
        try:
            await self._spawn()
            async with asyncio.timeout(self._launch.timeout_s):
                await self._wait_until_ready()
        except TimeoutError as err:
            await self.stop()
            words = f"llama-server was not ready with {self._launch.model!r} within {self._launch.timeout_s:g} s"
            raise BackendError(FailureKind.TIMEOUT_FIRST_TOKEN, f"{words}{self._log_words()}") from err
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the child and its group; it is gone when this returns."""
        child = self._child
        if child is not None and child.returncode is None:
            _signal_group(child.pid, signal.SIGTERM)
            try:
                async with asyncio.timeout(GRACE_S):
                    await child.wait()
            except TimeoutError:
                _signal_group(child.pid, KILL)
                await child.wait()
        if self._launch.log is None and self._log is not None:
            self._log.unlink(missing_ok=True)

    async def _spawn(self) -> None:
        if self._launch.log is None:
            descriptor, name = tempfile.mkstemp(prefix="llama-server-", suffix=".log")
            self._log = Path(name)
        else:
            self._launch.log.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._launch.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid()), *self._launch.command),
                stdin=asyncio.subprocess.DEVNULL if sys.platform.startswith("linux") else asyncio.subprocess.PIPE,
                stdout=descriptor,
                stderr=descriptor,
                env=self._launch.environment | {"LLAMA_API_KEY": self.key},
                start_new_session=True,
            )
        finally:
            os.close(descriptor)

    async def _wait_until_ready(self) -> None:
        while not await self._is_ready():
            if not self.is_running:
                words = f"llama-server could not start with {self._launch.model!r}"
                raise BackendError(FailureKind.SERVER_ERROR, f"{words}{self._fault()}{self._log_words()}")
            await asyncio.sleep(POLL_S)

    async def _is_ready(self) -> bool:
        if not self.port:
            match = LISTENING.search(self._read_log())
            self.port = 0 if match is None else int(match[1])
        if not self.port:
            return False
        door = Door(origin=Origin.of(self.base_url), site=_SITE)
        try:
            async with client(self._egress.open(door), _HEALTH_TIMEOUT) as http:
                await http.get(f"http://127.0.0.1:{self.port}/health")
        except (BackendError, HttpFailure):
            return False
        return True

    def _read_log(self) -> bytes:
        assert self._log is not None  # noqa: S101
        with self._log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL))
            return file.read()

    def _fault(self) -> str:
        lines = self._read_log().decode("utf-8", "replace").splitlines()
        faults = [line for line in lines if FAULT.search(line)] or lines[-1:]
        return f": {tidy(faults[-1])}" if faults else ""

    def _log_words(self) -> str:
        return "" if self._launch.log is None else f"; its log is {str(self._launch.log)!r}"


def _signal_group(pid: int, number: int) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        pass
