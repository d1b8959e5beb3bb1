"""The gate as what clients of httpx send through, on which the Ollama SDK stands."""

from collections.abc import AsyncIterator

import httpx

from tierwise.backends.egress import Answer, Gate


class GatedTransport(httpx.AsyncBaseTransport):
    """Hands requests to the gate, which raises BackendError or HttpFailure where httpx would raise its own."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101
        timeouts = request.extensions.get("timeout")
        answer = await self._gate.send(request.method, str(request.url), request.headers, request.stream, timeouts)
        return httpx.Response(answer.status, headers=answer.headers, stream=GatedStream(answer))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._gate.aclose()


class GatedStream(httpx.AsyncByteStream):
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
