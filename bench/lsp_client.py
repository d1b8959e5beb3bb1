"""A language client that does as little as possible, so that what is measured is the server."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

URI = "file:///bench/document.py"
CAPABILITIES = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}},
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor"]}},
            "dataSupport": True,
            "tagSupport": {"valueSet": [1]},
        }
    },
}


class Peer:
    """One running server."""

    def __init__(self, command: list[str], home: Path) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED") and not name.endswith("_API_KEY")
        }
        environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}
        environment |= {"XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._n_sent = 0
        self.n_actions = 0

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer; None for an error."""
        self._n_sent += 1
        self._write({"jsonrpc": "2.0", "id": self._n_sent, "method": method, "params": params})
        while (message := self._read()).get("id") != self._n_sent or "method" in message:
            if "id" in message and "method" in message:
                self._write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message.get("result")

    def initialize(self) -> None:
        """Shake hands, without `initialized`."""
        self.request("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": CAPABILITIES})

    def open(self, text: str) -> None:
        """Begin to work on a document."""
        self.notify("initialized", {})
        item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def code_actions(self, line: int) -> None:
        """Ask for the menu in the middle of something."""
        here = {"line": line, "character": 8}
        where = {"textDocument": {"uri": URI}, "range": {"start": here, "end": here}}
        found = self.request("textDocument/codeAction", {**where, "context": {"diagnostics": [], "triggerKind": 1}})
        self.n_actions = len(found or ())

    def edit(self, version: int, line: int) -> None:
        """Type one character."""
        here = {"line": line, "character": 4}
        change = {"range": {"start": here, "end": here}, "text": "x"}
        document = {"uri": URI, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def barrier(self) -> None:
        """Return once the server has taken in everything sent before."""
        self.request("bench/barrier", {})

    def cpu_s(self) -> float:
        """CPU seconds of the process so far, to the nanosecond, of all threads that are still there."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def rss_mb(self) -> float:
        """Resident memory."""
        words = Path(f"/proc/{self._process.pid}/statm").read_text().split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def settle(self, quiet_s: float = 1.5, limit_s: float = 30.0) -> None:
        """Wait until the process has used next to no CPU for a while."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            before = self.cpu_s()
            time.sleep(quiet_s)
            if self.cpu_s() - before < 0.02:
                return

    def kill(self) -> float:
        """End it; the CPU seconds it took, children left out."""
        self._process.kill()
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = -9
        return usage.ru_utime + usage.ru_stime

    def _write(self, message: Any) -> None:
        assert self._process.stdin is not None
        body = json.dumps(message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> Any:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline()) != b"\r\n":
            assert line, "the server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return json.loads(stream.read(length))


Start = Callable[[], Peer]


def starter(*command: str) -> Start:
    """Start a server in an empty home, so that nobody's settings or ledger play a part."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    return lambda: Peer(list(command), home)


def median_ms(times: list[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(times) * 1000


def python_text(n_lines: int) -> str:
    """A plausible Python file of so many lines."""
    body = '''def task_{0}(items, n={0}):
    """Add up."""
    sum = 0
    for item in items:
        if item < n:
            sum += item
        else:
            sum -= 1
    return sum

'''
    n_blocks = n_lines // body.count("\n")
    return "".join(body.format(number) for number in range(n_blocks))
