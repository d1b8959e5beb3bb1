"""Connections whose other end is looked at before anything is sent."""

import ipaddress
from collections.abc import Iterable
from typing import Any

import httpcore2

from tierwise.backends.base import BackendError, FailureKind


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections and closes those that ended elsewhere than they may.

    A name can stand for another address than it did a moment ago. So the question whether something stays on this
    machine is answered by the connection that stands, not by its name. Link-local addresses, where clouds keep the
    secrets of their machines, are never connected to.
    """

    def __init__(self, inner: httpcore2.AsyncNetworkBackend | None, *, must_be_here: bool, name: str) -> None:
        self._inner = httpcore2.AnyIOBackend() if inner is None else inner
        self._must_be_here = must_be_here
        self._name = name

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature.
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect, and look where that led. Raises BackendError, and then nothing was sent."""
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        address = stream.get_extra_info("server_addr")
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if (self._must_be_here and not ip.is_loopback) or ip.is_link_local:
            await stream.aclose()
            where = "another machine" if self._must_be_here else "an address that no model server has"
            words = f"{host!r} stands for {where} ({ip}), so nothing was sent to {self._name}: write its number instead"
            raise BackendError(FailureKind.NOT_CONFIGURED, words)
        return stream

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature.
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no model server is configured by a path."""
        raise BackendError(FailureKind.NOT_CONFIGURED, f"{self._name} cannot be reached at {path!r}")

    async def sleep(self, seconds: float) -> None:
        """Wait between tries."""
        await self._inner.sleep(seconds)
