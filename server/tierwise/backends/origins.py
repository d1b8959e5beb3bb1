"""Addresses of model servers: what a key is bound to, and what stays on this machine."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*")
"""A host name as it is looked up: plain ASCII, without the dot at its end that would make the same host another name.
Names with other letters are written in their `xn--` form, so that nobody mistakes one for its double."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port; a key goes to its own origin and to no other."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Read the origin of an address.

        Raises ValueError, in words for the user, for anything but a plain http or https address.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as err:
            raise ValueError(f"{url!r} is not an address of a server: {err}") from err
        if parts.scheme not in DEFAULT_PORTS or not host:
            raise ValueError(f"{url!r} is not an address of a server: write it like 'http://127.0.0.1:11434'")
        _check(url, parts, host)
        return cls(parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is a loopback address, by number or as `localhost`.

        No name is looked up here: any other one counts as elsewhere, and where a connection to this machine really
        ends is looked at again when it stands.
        """
        return self.host == "localhost" or is_loopback_address(self.host)


def _check(url: str, parts: SplitResult, host: str) -> None:
    """Raise ValueError for what a client might read otherwise than we do."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise ValueError(f"the address {url!r} has characters in it that no address has")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"the address of {host!r} must have no user name, '?' or '#' in it")
    is_number = ":" in host and _is_ip_address(host)
    if not is_number and not _NAME.fullmatch(host):
        raise ValueError(
            f"{host!r} is not a host name: write it in plain letters, the 'xn--' form where it has others,"
            " and without a dot at its end"
        )


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback_address(host: str) -> bool:
    """Whether a host is a loopback address, written as a number."""
    return _is_ip_address(host) and ipaddress.ip_address(host).is_loopback


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine. Raises ValueError as `Origin.of` does."""
    return Origin.of(url).is_loopback
