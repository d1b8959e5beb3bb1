"""Just enough HTTP/1.1 to serve tests, with full control over every byte."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Request:
    """One request, read whole."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def document(self) -> Any:
        """The JSON in it; None when there is none."""
        try:
            return json.loads(self.content) if self.content else None
        except ValueError:
            return None


Serve = Callable[[Request, asyncio.StreamReader, "Responder"], Awaitable[None]]
"""Answers one request; the reader tells when the client goes."""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request; None when the client closes."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    try:
        content = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    return Request(method, path, headers, content)


class Listener:
    """A loopback port on which every connection runs a function, all of them ended with the listener."""

    def __init__(self, serve: Serve, port: int = 0) -> None:
        self._serve = serve
        self.port = port
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await read_request(reader)) is not None:
                out = Responder(writer)
                await self._serve(request, reader, out)
                if out.must_close:
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()


class Responder:
    """Writes one answer."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.has_started = False
        self.must_close = False

    async def whole(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        """Send an answer in one piece."""
        await self.head(status, {**headers, "Content-Length": str(len(content))})
        await self.raw(content)

    async def document(self, status: int, document: Any, headers: Mapping[str, str] | None = None) -> None:
        """Send a JSON document."""
        content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        await self.whole(status, content, {"Content-Type": "application/json", **(headers or {})})

    async def stream(self, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Begin an answer in chunks."""
        await self.head(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked", **(headers or {})})

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head alone."""
        self.has_started = True
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self.raw("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def chunk(self, content: bytes) -> None:
        """Send one chunk."""
        await self.raw(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    async def end(self) -> None:
        """Send the last, empty chunk."""
        await self.raw(b"0\r\n\r\n")

    async def raw(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(content)
        await self._writer.drain()

    def reset(self) -> None:
        """Break the connection off with RST instead of an orderly end."""
        self.must_close = True
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
