"""The gate as what clients of httpx2 send through."""

from collections.abc import AsyncIterator

import httpx2

from tierwise.backends.egress import Answer, Gate


class GatedTransport(httpx2.AsyncBaseTransport):
    """Hands requests to the gate, which raises BackendError or HttpFailure where httpx2 would raise its own."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        assert isinstance(request.stream, httpx2.AsyncByteStream)  # noqa: S101
        timeouts = request.extensions.get("timeout")
        answer = await self._gate.send(request.method, str(request.url), request.headers, request.stream, timeouts)
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=GatedStream(answer), extensions={"guard": answer.guard}
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._gate.aclose()


class GatedStream(httpx2.AsyncByteStream):
    """The content of an answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what the guard passes."""
        async for chunk in self._answer:
            yield chunk

    async def aclose(self) -> None:
        """Close the connection unless the content was read to its end."""
        await self._answer.aclose()


def client(gate: Gate, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    """A client that can send through this gate only."""
    return httpx2.AsyncClient(transport=GatedTransport(gate), trust_env=False, follow_redirects=False, timeout=timeout)
