"""Addresses of model servers: what a key is bound to, and what stays on this machine."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


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
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is not an address of a server: write it like 'http://127.0.0.1:11434'")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError(f"the address of {parts.hostname!r} must have no user name, '?' or '#' in it")
        return cls(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether the host is a loopback address, by number or as `localhost`; no name is looked up."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine. Raises ValueError as `Origin.of` does."""
    return Origin.of(url).is_loopback
