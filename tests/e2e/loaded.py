"""The product loaded once and forked for each session or command, for tests of what comes after the start.

Loading takes most of a short session's time. The process that loads has one thread and serves nobody; each session is a
process of its own with streams, environment, group and end of its own, like one that was started anew.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn, Self

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.relay import BROKEN, MAX_REQUEST, ask

PACKAGES = (
    *("actions", "backends", "checks", "config", "context", "dispatch", "evals", "lsp", "routing", "store"),
    *("syntax", "telemetry", "cli"),
)
N_STREAMS = 3


class Forked:
    """One session's process, with as much of `Popen` as tests ask for."""

    def __init__(self, address: str, env: dict[str, str], folder: Path) -> None:
        ours, theirs = zip(*(_ends(is_read) for is_read in (True, False, False)), strict=True)
        self._line, self.pid = ask(address, list(theirs), env, str(folder), ["serve"])
        for descriptor in theirs:
            os.close(descriptor)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(ours[0], "wb"),
            os.fdopen(ours[1], "rb"),
            os.fdopen(ours[2], "rb"),
        )
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once there is one. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = int(self._line.recv(64) or BROKEN)
            except TimeoutError:
                raise subprocess.TimeoutExpired("serve", timeout or 0) from None
            self._line.close()
        return self.returncode

    def terminate(self) -> None:
        """Send the polite signal."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send the other one."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class LoadedServer:
    """The process that has loaded the server."""

    def __init__(self) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="tw")
        self._address = f"{self._place.name}/s"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(self._address)
            listening.listen(64)
            command = [sys.executable, "-P", str(Path(__file__)), str(listening.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[listening.fileno()], stdin=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; sessions go on without it."""
        self._process.communicate()
        self._place.cleanup()

    def start(self, env: dict[str, str], folder: Path | None = None) -> Forked:
        """One more session."""
        return Forked(self._address, env, folder or Path.cwd())

    def command(self, *arguments: str) -> list[str]:
        """What stands for `python -m tierwise` with these arguments: a small process which ends as the forked one."""
        return [sys.executable, "-I", "-S", str(Path(__file__).with_name("relay.py")), self._address, *arguments]


@functools.cache
def shared() -> LoadedServer:
    """The one of this process."""
    server = LoadedServer()
    atexit.register(server.close)
    return server


def tierwise(*arguments: str) -> list[str]:
    """The command with these arguments, for tests of what comes after the start."""
    return shared().command(*arguments) if hasattr(os, "pidfd_open") else [sys.executable, "-m", "tierwise", *arguments]


def _ends(is_read: bool) -> tuple[int, int]:
    """The ends of a pipe, ours first; `is_read`: by the session."""
    reading, writing = os.pipe()
    return (writing, reading) if is_read else (reading, writing)


def load() -> None:
    """Import what a session ever imports."""
    import tierwise

    for name in PACKAGES:
        package = importlib.import_module(f"{tierwise.__name__}.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


class Nursery:
    """Forks for each request, and says how each child ended, until its owner is gone."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._selector = selectors.DefaultSelector()
        self._selector.register(listening, selectors.EVENT_READ, None)
        self._selector.register(0, selectors.EVENT_READ, None)
        self._sessions: dict[int, tuple[int, socket.socket]] = {}
        """By the descriptor of the process: the process, and the line to whoever asked."""

    def serve(self) -> None:
        """Go on until standard input ends."""
        while True:
            for key, _ in self._selector.select():
                if key.fd == 0:
                    return
                if key.fd == self._listening.fileno():
                    self._begin()
                elif key.fd in self._sessions:
                    self._end(key.fd)
                elif key.data in self._sessions:
                    # Whoever asked is gone, or was killed: so is the session.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(self._sessions[key.data][0], signal.SIGKILL)
                    self._selector.unregister(key.fd)

    def _begin(self) -> None:
        line, _ = self._listening.accept()
        request, streams, _, _ = socket.recv_fds(line, MAX_REQUEST, N_STREAMS)
        if not request:
            line.close()
            return
        child = os.fork()
        if child == 0:
            self._forget(line)
            _become_a_session(streams, *json.loads(request))
        for descriptor in streams:
            os.close(descriptor)
        process = os.pidfd_open(child)
        self._sessions[process] = child, line
        self._selector.register(process, selectors.EVENT_READ)
        self._selector.register(line, selectors.EVENT_READ, process)
        line.send(str(child).encode())

    def _end(self, process: int) -> None:
        child, line = self._sessions.pop(process)
        _, status = os.waitpid(child, 0)
        self._selector.unregister(process)
        os.close(process)
        with contextlib.suppress(KeyError):
            self._selector.unregister(line)
        with line, contextlib.suppress(OSError):
            line.send(str(os.waitstatus_to_exitcode(status)).encode())

    def _forget(self, line: socket.socket) -> None:
        """In a child: close what belongs to the others."""
        self._selector.close()
        self._listening.close()
        line.close()
        for process, (_, other) in self._sessions.items():
            os.close(process)
            other.close()


def _become_a_session(streams: list[int], env: dict[str, str], folder: str, arguments: list[str]) -> NoReturn:
    from tierwise.__main__ import main

    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = ["tierwise", *arguments]
    # What is a terminal is written to by the line.
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    code = 0
    try:
        for place in filter(None, env.get("PYTHONPATH", "").split(os.pathsep)):
            if (Path(place) / "sitecustomize.py").exists():
                # As the interpreter would have done at its start.
                runpy.run_path(str(Path(place) / "sitecustomize.py"))
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = BROKEN
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    load()
    Nursery(socket.socket(fileno=int(sys.argv[1]))).serve()
