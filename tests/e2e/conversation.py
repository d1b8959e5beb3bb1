"""One client's side of the protocol, message by message, with a real server on its standard streams."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from e2e.editor import environment, prepared
from e2e.loaded import tierwise
from tierwise.lsp.frames import encode_frame

_ANSWERS: dict[str, Any] = {
    "window/workDoneProgress/create": None,
    "window/showDocument": {"success": True},
    "workspace/configuration": [None],
}
"""What is answered at once to requests that no test is about."""
PATIENCE_S = float(os.environ.get("PATIENCE_S", "60"))


class Conversation:
    """Every request of the client has exactly one answer, which is checked as it comes in."""

    def __init__(self) -> None:
        self.edits: list[dict[str, Any]] = []
        """Requests to apply an edit that have come in and were not answered yet, oldest first."""
        self.told: list[str] = []
        self.asked: list[Any] = []
        """Messages with buttons."""
        self.choose: Callable[[list[str]], str | None] = lambda _: None
        """Which button the user presses."""
        self.proposals: list[Any] = []
        self.titles: list[str] = []
        """Of every progress bar that was begun."""
        self.encoding = "utf-16"
        self.on_answer: Callable[[int], None] = lambda _: None
        self._answers: dict[int, dict[str, Any]] = {}
        self._faults: list[Exception] = []
        self._n_requests = 0
        self._changed = asyncio.Condition()

    async def start(self, root: Path, config: str, introduction: dict[str, Any]) -> "Conversation":
        """Start a server and shake hands."""
        home = prepared(root, config)
        self._process = await asyncio.create_subprocess_exec(
            *tierwise("serve"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(home),
            limit=2**24,
        )
        self._reading = asyncio.create_task(self._read())
        answer = await self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), **introduction})
        self.encoding = answer["result"]["capabilities"]["positionEncoding"]
        self.notify("initialized", {})
        await self.barrier()
        return self

    def forget(self) -> None:
        """Put away what was said and shown so far."""
        for journal in (self.told, self.asked, self.proposals, self.titles):
            journal.clear()
        self.choose = lambda _: None

    async def stop(self) -> int | None:
        """Say goodbye; the server's exit code."""
        await self.ask("shutdown", None)
        self.notify("exit", None)
        await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        await self._reading
        return self._process.returncode

    # Out

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def begin(self, method: str, params: Any) -> int:
        """Send a request; its id."""
        self._n_requests += 1
        self._send({"id": self._n_requests, "method": method, "params": params})
        return self._n_requests

    def answer(self, request: dict[str, Any], result: Any) -> None:
        """Answer a request of the server; a text stands for an error."""
        outcome = {"error": {"code": -32603, "message": result}} if isinstance(result, str) else {"result": result}
        self._send({"id": request["id"], **outcome})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(encode_frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))

    # In

    def outcome(self, number: int) -> dict[str, Any] | None:
        """The answer to a request, if there is one by now."""
        return self._answers.get(number)

    async def ask(self, method: str, params: Any) -> dict[str, Any]:
        """Send a request and wait for its answer, whole."""
        number = self.begin(method, params)
        await self.until(lambda: number in self._answers)
        return self._answers[number]

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run one of the server's commands; its result."""
        answer = await self.ask("workspace/executeCommand", {"command": name, "arguments": list(arguments)})
        return answer["result"]

    async def barrier(self) -> None:
        """Wait until the server has taken in everything that was sent before."""
        await self.ask("workspace/executeCommand", {"command": "tierwise.why"})

    async def until(self, is_met: Callable[[], bool]) -> None:
        """Wait for something that a message brings."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: bool(self._faults) or is_met())
        if self._faults:
            raise self._faults.pop()

    async def changed(self) -> None:
        """Wake whoever waits; called also by what happens beside the conversation."""
        async with self._changed:
            self._changed.notify_all()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        stream = self._process.stdout
        while header := await stream.readline():
            length = int(header.removeprefix(b"Content-Length: "))
            await stream.readline()
            try:
                self._take(json.loads(await stream.readexactly(length)))
            except Exception as fault:
                # Raised again where somebody waits, since nobody waits for the reading.
                self._faults.append(fault)
            await self.changed()

    def _take(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params")
        if method is None:
            assert message["id"] not in self._answers, f"a second answer: {message}"
            self._answers[message["id"]] = message
            self.on_answer(message["id"])
        elif method == "workspace/applyEdit":
            self.edits.append(message)
        elif method == "window/showMessageRequest":
            self.asked.append(params)
            chosen = self.choose([action["title"] for action in params["actions"]])
            self.answer(message, None if chosen is None else {"title": chosen})
        elif "id" in message:
            self.answer(message, _ANSWERS[method])
        elif method == "window/showMessage":
            self.told.append(params["message"])
        elif method == "tierwise/proposal":
            self.proposals.append(params)
        elif method == "$/progress" and params["value"]["kind"] == "begin":
            self.titles.append(params["value"]["title"])
