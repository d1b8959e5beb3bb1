"""The transport under the OpenAI SDK, which stands on httpx2: nothing passes it unchecked."""

from collections.abc import AsyncIterator

import httpx2

from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.failures import HttpFailure, Site, unreachable
from tierwise.backends.wire import ERROR_CAP, Egress, Guard


class GatedTransport(httpx2.AsyncBaseTransport):
    """Sends to one origin only and raises BackendError or HttpFailure instead of httpx2's exceptions."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        # Certificates are needed for https alone, and loading them takes longer than a local call.
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False, verify=egress.origin.scheme == "https", retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; the answer has status 200 and bounded content."""
        request.headers = httpx2.Headers(self._egress.headers(str(request.url), dict(request.headers)))
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as err:
            raise failure_of(err, self._egress.site) from err
        try:
            guard = await self._check(response, request.url.path)
        except BaseException:
            await response.aclose()
            raise
        stream = GuardedStream(response.stream, guard, self._egress.site)
        extensions = response.extensions | {"guard": guard}
        return httpx2.Response(200, headers=response.headers, stream=stream, extensions=extensions)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    async def _check(self, response: httpx2.Response, path: str) -> Guard:
        if response.status_code != httpx2.codes.OK:
            raise HttpFailure(response.status_code, response.headers, await read_error(response))
        return self._egress.guard(path, dict(response.headers))


class GuardedStream(httpx2.AsyncByteStream):
    """The content of an answer, through its guard."""

    def __init__(self, inner: httpx2.SyncByteStream | httpx2.AsyncByteStream, guard: Guard, site: Site) -> None:
        assert isinstance(inner, httpx2.AsyncByteStream)  # noqa: S101
        self._inner = inner
        self._guard = guard
        self._site = site

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what may be read. Raises BackendError."""
        try:
            async for chunk in self._inner:
                if passed := self._guard.feed(chunk):
                    yield passed
        except httpx2.TransportError as err:
            raise failure_of(err, self._site) from err
        if rest := self._guard.finish():
            yield rest

    async def aclose(self) -> None:
        """Close the connection unless the content was read to its end."""
        await self._inner.aclose()


async def read_error(response: httpx2.Response) -> str:
    """The beginning of an error body; undecodable bytes and broken connections do not hide the status."""
    assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101
    body = bytearray()
    try:
        async for chunk in response.stream:
            body += chunk
            if ERROR_CAP <= len(body):
                break
    except httpx2.TransportError:
        pass
    finally:
        await response.aclose()
    return body[:ERROR_CAP].decode("utf-8", "replace")


def failure_of(err: httpx2.TransportError, site: Site) -> BackendError:
    """Our failure for one of httpx2's."""
    match err:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            return BackendError(FailureKind.TIMEOUT_CONNECT, f"{site.name} did not take the connection in time")
        case httpx2.ConnectError():
            return unreachable(site, err)
        case _:
            return BackendError(FailureKind.CONNECTION, f"the connection to {site.name} broke off in the middle")
