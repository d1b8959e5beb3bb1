"""A protocol without streams: messages go in as objects, what the server writes comes out as objects."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tierwise.lsp.server import TierwiseServer

Handler = Callable[[Any], Any]


class Speaker:
    """A server with an outbox that only remembers."""

    def __init__(self, **handlers: Handler) -> None:
        """`handlers` by method, with `__` for `/` and `_S_` for `$`; they replace the server's own."""
        self.sent: list[dict[str, Any]] = []
        self.codes: list[int] = []
        self._written = asyncio.Event()
        self.server = TierwiseServer()
        self.protocol = self.server.protocol
        self.protocol.outbox = self  # type: ignore[assignment]
        self.protocol.on_exit = self.codes.append
        for name, handler in handlers.items():
            self.protocol.fm.features[name.replace("__", "/")] = handler

    def put(self, body: bytes, *, may_be_dropped: bool = False) -> None:
        """What the protocol calls to write a message."""
        self.sent.append(json.loads(body))
        self._written.set()

    def say(self, message: Any) -> None:
        """Send one message to the server."""
        self.protocol.receive(message if isinstance(message, bytes) else json.dumps(message).encode())

    def request(self, message_id: Any, method: str, params: Any = None, **more: Any) -> None:
        """Send a request."""
        self.say({"jsonrpc": "2.0", "id": message_id, "method": method, "params": params, **more})

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.say({"jsonrpc": "2.0", "method": method, "params": params})

    def initialize(self, **params: Any) -> "Speaker":
        """Shake hands."""
        self.request(0, "initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params})
        assert "result" in self.sent.pop()
        return self

    def replies(self, message_id: Any) -> list[dict[str, Any]]:
        """Every reply under an id."""
        return [message for message in self.sent if message.get("id") == message_id and "method" not in message]

    async def reply(self, message_id: Any) -> dict[str, Any]:
        """Wait for the one reply under an id."""
        async with asyncio.timeout(10):
            while not self.replies(message_id):
                self._written.clear()
                await self._written.wait()
        (found,) = self.replies(message_id)
        return found

    async def error(self, message_id: Any) -> tuple[int, str]:
        """Wait for the one reply under an id, which must be an error."""
        error = (await self.reply(message_id))["error"]
        assert set(error) == {"code", "message"}
        return error["code"], error["message"]
