"""An editor that opens whatever folder it is given, runs every action it is offered, and writes nothing."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from e2e.raw import RawClient

CAPABILITIES: dict[str, Any] = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
        "workspaceFolders": True,
    },
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    },
    "window": {"workDoneProgress": True},
}
UNTRUSTED = {"proposals": True, "status": True, "instructionBox": True}
"""What our Neovim client says of a folder nobody has agreed to."""
TRUSTED = UNTRUSTED | {"trusted": True}


class Window(RawClient):
    """A client that answers what the server asks."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.edits: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.apply: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {"applied": False}
        """What becomes of an edit."""
        self._numbers = itertools.count(1)
        self._sending = threading.Lock()
        super().__init__(*arguments, **more)

    def send(self, message: Any) -> None:
        """Send one message at a time."""
        with self._sending:
            super().send(message)

    def begin(self, method: str, params: Any) -> int:
        """Send a request; its number."""
        number = next(self._numbers)
        self.request(number, method, params)
        return number

    def ask(self, method: str, params: Any, timeout_s: float = 120.0) -> Any:
        """Send a request and wait for its answer, whole."""
        return self.reply(self.begin(method, params), timeout_s)

    def command(self, name: str, *arguments: Any) -> Any:
        """Run one of the server's commands; its result."""
        answer = self.ask("workspace/executeCommand", {"command": name, "arguments": list(arguments)})
        assert "result" in answer, (answer, bytes(self.stderr).decode("utf-8", "replace")[-3000:])
        return answer["result"]

    def reply(self, message_id: Any, timeout_s: float = 120.0) -> dict[str, Any]:
        """Wait for a reply, and answer what the server asks meanwhile."""
        end = time.monotonic() + timeout_s
        while True:
            message = self.messages.get(timeout=max(0.01, end - time.monotonic()))
            assert message is not None, f"the server has ended: {bytes(self.stderr).decode()[-3000:]}"
            if "method" not in message:
                if message["id"] == message_id:
                    return message
            else:
                self._take(message)

    def leave(self) -> int:
        """Say goodbye; the server's exit code."""
        self.ask("shutdown", None)
        self.notify("exit")
        return self.process.wait(timeout=60)

    def hear(self) -> list[str]:
        """Wait until the user is told something; everything that was told."""
        while not self.told:
            message = self.messages.get(timeout=120.0)
            assert message is not None
            if "method" in message:
                self._take(message)
        return list(self.told)

    def _take(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message.get("params")
        result: Any = None
        if method == "workspace/applyEdit":
            self.edits.append(params["edit"])
            result = self.apply(params["edit"])
        elif method == "window/showMessage":
            self.told.append(params["message"])
        if "id" in message:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    # Folders and documents

    def change_folders(self, added: list[Path], removed: list[Path]) -> None:
        """Open and close folders, and wait until the server has taken that in."""
        event = {
            kind: [{"uri": path.as_uri(), "name": "ws"} for path in paths]
            for kind, paths in (("added", added), ("removed", removed))
        }
        self.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        self.command("tierwise.reload")

    def open(self, path: Path, text: str | None = None, language: str | None = None) -> str:
        """Open a file as an editor does; its URI."""
        said = path.read_bytes().decode("utf-8", "replace") if text is None else text
        item = {"uri": path.as_uri(), "languageId": language or LANGUAGES.get(path.suffix, "plaintext"), "version": 1}
        self.notify("textDocument/didOpen", {"textDocument": item | {"text": said}})
        return path.as_uri()

    def close(self, uri: str) -> None:
        """Close a document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def menu(self, uri: str, line: int, diagnostics: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Everything that is offered in a line."""
        here = {"start": {"line": line, "character": 5}, "end": {"line": line, "character": 5}}
        context = {"diagnostics": list(diagnostics), "triggerKind": 1}
        answer = self.ask("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": here, "context": context})
        return list(answer["result"] or ())


LANGUAGES = {
    ".py": "python",
    ".PY": "python",
    ".js": "javascript",
    ".ts": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".c": "c",
    ".sh": "shellscript",
}
