"""A server process and a client that can send any bytes, for what a well-behaved client library cannot do."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from e2e.editor import environment, prepared
from e2e.loaded import Forked, LoadedServer
from tierwise.lsp.frames import encode_frame


def _started(command: list[str], env: dict[str, str], cwd: Path | None) -> "subprocess.Popen[bytes] | Forked":
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd=cwd)


class RawClient:
    """Frames in, frames out; replies are collected by a thread."""

    def __init__(
        self,
        root: Path,
        config: str = "",
        *,
        reads: bool = True,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        before: tuple[str, ...] = (),
        loaded: LoadedServer | None = None,
    ) -> None:
        """`reads` False: nothing the server writes is taken off the pipe; `before`: what the command stands behind;
        `loaded`: what is forked instead of starting the command."""
        self.root = root
        whole = environment(prepared(root, config)) | (env or {})
        command = [*before, sys.executable, "-P", "-m", "tierwise", "serve"]
        self.process = _started(command, whole, cwd) if loaded is None else loaded.start(whole)
        assert self.process.stdin is not None
        self._stdin = self.process.stdin
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.stderr = bytearray()
        self.n_strange_bytes = 0
        works = (self._read, self._read_errors) if reads else (self._read_errors,)
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def send(self, message: Any) -> None:
        """Send an object as a frame, or bytes as they are."""
        self._stdin.write(message if isinstance(message, bytes) else encode_frame(json.dumps(message).encode()))
        self._stdin.flush()

    def request(self, message_id: Any, method: str, params: Any = None) -> None:
        """Send a request."""
        self.send({"jsonrpc": "2.0", "id": message_id, "method": method, "params": params})

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def initialize(
        self, process_id: int | None = None, options: dict[str, Any] | None = None, **capabilities: Any
    ) -> Self:
        """Shake hands."""
        folders = [{"uri": self.root.as_uri(), "name": "ws"}]
        params = {"processId": process_id, "rootUri": None, "workspaceFolders": folders, "capabilities": capabilities}
        self.request(0, "initialize", {**params, "initializationOptions": options or {"trusted": True}})
        assert "result" in self.reply(0)
        self.notify("initialized", {})
        return self

    def reply(self, message_id: Any, timeout_s: float = 60.0) -> dict[str, Any]:
        """Wait for a reply; everything else that comes meanwhile is dropped."""
        end = time.monotonic() + timeout_s
        while True:
            message = self.messages.get(timeout=max(0.01, end - time.monotonic()))
            assert message is not None, f"the server has ended: {bytes(self.stderr)!r}"
            if message.get("id") == message_id and "method" not in message:
                return message

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline():
            if line.startswith(b"Content-Length: "):
                length = int(line[16:])
            elif line == b"\r\n":
                self.messages.put(json.loads(stream.read(length)))
            else:
                self.n_strange_bytes += len(line)
        self.messages.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while piece := os.read(self.process.stderr.fileno(), 65536):
            self.stderr += piece
