"""The only way from this program to a network: it owns every connection and writes down what went where.

A client gets a gate, which lets it reach one origin. No proxy, redirect or variable of the environment moves what it
sends, and a gate to this machine connects to no address elsewhere, whatever the name it is given stands for.
"""

import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from typing import Any

import httpcore2

from tierwise.backends.account import Account, Sent, current_account
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.door import Door
from tierwise.backends.failures import HttpFailure, Site, unreachable
from tierwise.backends.network import CheckedNetwork
from tierwise.backends.wire import ERROR_CAP, Guard

_REMEMBERED = 1000
_FOREIGN = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    httpcore2.ConnectionNotAvailable,
)


class Egress:
    """Hands out gates and remembers what passed them."""

    def __init__(self, network: httpcore2.AsyncNetworkBackend | None = None) -> None:
        self._network = network
        self._sent: deque[Sent] = deque(maxlen=_REMEMBERED)

    def open(self, door: Door) -> "Gate":
        """The gate of one client; the client closes it."""
        return Gate(door, self._note, self._network)

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The latest requests, oldest first."""
        return tuple(self._sent)

    def _note(self, sent: Sent) -> None:
        self._sent.append(sent)


class Gate:
    """The connections of one client to the one origin of its door."""

    def __init__(self, door: Door, note: Callable[[Sent], None], network: httpcore2.AsyncNetworkBackend | None) -> None:
        self.door = door
        self._note = note
        origin, proxy = door.origin, door.proxy
        checked = CheckedNetwork(network, must_be_here=origin.is_loopback, name=door.site.name)
        if proxy is None:
            self._pool = httpcore2.AsyncConnectionPool(
                max_connections=None, keepalive_expiry=60.0, network_backend=checked, ssl_context=_trusted(door)
            )
        else:
            # The proxy itself may be anywhere; what it carries is encrypted for the server behind it.
            free = CheckedNetwork(network, must_be_here=False, name=door.site.name)
            self._pool = httpcore2.AsyncHTTPProxy(
                str(proxy), max_connections=None, network_backend=free, ssl_context=_trusted(door)
            )

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: AsyncIterable[bytes], timeouts: Any = None
    ) -> "Answer":
        """Send one request. Raises BackendError, or HttpFailure for an answer whose status is not 200."""
        door, account = self.door, current_account()
        self._check(method, account)
        leaving = door.headers(url, headers)
        target = _target(url)
        counted = Counted(body)
        request = httpcore2.Request(
            method,
            httpcore2.URL(scheme=door.origin.scheme, host=door.origin.host, port=door.origin.port, target=target),
            headers=list(leaving.items()),
            content=counted,
            extensions={} if timeouts is None else {"timeout": timeouts},
        )
        try:
            response = await self._pool.handle_async_request(request)
        except _FOREIGN as err:
            raise failure_of(err, door.site) from err
        finally:
            if counted.n_bytes:
                self._book(method, target, counted.n_bytes, account)
        try:
            return await self._answer(response, target)
        except BaseException:
            await response.aclose()
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def _check(self, method: str, account: Account | None) -> None:
        if self.door.is_download and method != "GET":
            raise BackendError(FailureKind.PROTOCOL, f"nothing may be sent to {self.door.site.name}")
        if account is not None and account.must_stay and not self.door.origin.is_loopback:
            words = f"what may be seen on this machine only was about to leave for {self.door.site.name}"
            raise BackendError(FailureKind.NOT_CONFIGURED, f"{words}: nothing was sent")

    def _book(self, method: str, target: str, n_bytes: int, account: Account | None) -> None:
        about = account or Account()
        sent = Sent(
            origin=str(self.door.origin),
            method=method,
            path=target.partition("?")[0],
            n_bytes=n_bytes,
            is_on_this_machine=self.door.origin.is_loopback,
            at=time.time(),
            model=about.model,
            n_tokens=about.n_tokens,
            files=about.files,
        )
        about.sent.append(sent)
        self._note(sent)

    async def _answer(self, response: httpcore2.Response, target: str) -> "Answer":
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        passing = (200, 206) if self.door.is_download else (200,)
        if response.status not in passing:
            raise HttpFailure(response.status, headers, await read_error(response))
        return Answer(response, self.door.guard(target, headers), self.door.site, headers)


def _trusted(door: Door) -> Any:
    """The certificates that are trusted; needed for https alone, and loading them takes longer than a local call.

    Variables of the environment name no others: whoever can set one could read along.
    """
    if door.origin.scheme != "https":
        return None
    import httpx2  # noqa: PLC0415 - a window that asks nobody but a server on this machine does without it.

    return httpx2.create_ssl_context(trust_env=False)


def _target(url: str) -> str:
    """The path and query of an address, as they stand in a request line."""
    rest = url.partition("://")[2]
    at = rest.find("/")
    return "/" if at < 0 else rest[at:]


class Counted:
    """A body on its way out."""

    def __init__(self, body: AsyncIterable[bytes]) -> None:
        self._body = body
        self.n_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield and count."""
        async for chunk in self._body:
            self.n_bytes += len(chunk)
            yield chunk


class Answer:
    """An answer with status 200, read through its guard."""

    def __init__(self, response: httpcore2.Response, guard: Guard, site: Site, headers: dict[str, str]) -> None:
        self._response = response
        self._site = site
        self.status = response.status
        self.guard = guard
        self.headers = headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what may be read. Raises BackendError."""
        assert isinstance(self._response.stream, AsyncIterable)  # noqa: S101
        try:
            async for chunk in self._response.stream:
                if passed := self.guard.feed(chunk):
                    yield passed
        except _FOREIGN as err:
            raise failure_of(err, self._site) from err
        if rest := self.guard.finish():
            yield rest

    async def aclose(self) -> None:
        """Close the connection unless the content was read to its end."""
        await self._response.aclose()


async def read_error(response: httpcore2.Response) -> str:
    """The beginning of an error body; undecodable bytes and broken connections do not hide the status."""
    assert isinstance(response.stream, AsyncIterable)  # noqa: S101
    body = bytearray()
    try:
        async for chunk in response.stream:
            body += chunk
            if ERROR_CAP <= len(body):
                break
    except _FOREIGN:
        pass
    finally:
        await response.aclose()
    return body[:ERROR_CAP].decode("utf-8", "replace")


def failure_of(err: Exception, site: Site) -> BackendError:
    """Our failure for one of the connection library's."""
    match err:
        case httpcore2.ConnectTimeout() | httpcore2.PoolTimeout():
            return BackendError(FailureKind.TIMEOUT_CONNECT, f"{site.name} did not take the connection in time")
        case httpcore2.ProxyError():
            return BackendError(FailureKind.REFUSED, f"the proxy to {site.name} refused: check this backend's proxy")
        case httpcore2.ConnectError():
            return unreachable(site, err)
        case _:
            return BackendError(FailureKind.CONNECTION, f"the connection to {site.name} broke off in the middle")
