"""Addresses of a team's servers: taken apart, kept without their passwords, refused where they would leave in clear."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tierwise.backends.origins import is_loopback_address

POSTGRES_SCHEMES = ("postgresql", "postgres")
REDIS_SCHEMES = ("redis", "rediss", "unix")
_EXAMPLES = {
    POSTGRES_SCHEMES: "postgresql://tierwise@db.example.com/tierwise",
    REDIS_SCHEMES: "rediss://cache.example.com:6379/0",
}
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_SECRET_WORDS = ("password", "sslpassword", "oauth_client_secret")


@dataclass(frozen=True, slots=True)
class TeamAddress:
    """Where a server of the team is, and what lets us in."""

    url: str
    """Without a password."""
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address for messages: scheme, host, port and name of the database."""
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query))
        place = parts.netloc.rpartition("@")[2] or query.get("host", "")
        return f"{parts.scheme}://{place}{parts.path}"

    @property
    def is_here(self) -> bool:
        """Whether what is sent stays on this machine, as far as the address tells."""
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return True
        query = dict(parse_qsl(parts.query))
        hosts = (query.get("hostaddr") or query.get("host") or _hosts(parts)).split(",")
        return all(
            not host or host.startswith("/") or host == "localhost" or is_loopback_address(host) for host in hosts
        )


def read_address(url: str, schemes: tuple[str, ...]) -> TeamAddress:
    """Take an address apart; raises ValueError, in words for the user, for what is none."""
    example = _EXAMPLES[schemes]
    try:
        parts = urlsplit(url)
        _ = parts.port if "," not in parts.netloc else None
    except ValueError as err:
        raise ValueError(f"this is not the address of a server ({err}); write it like {example!r}") from err
    if parts.scheme not in schemes or not (parts.netloc or parts.query or parts.path.strip("/")):
        raise ValueError(f"this is not the address of a server; write it like {example!r}")
    if not url.isprintable() or " " in url:
        raise ValueError(f"the address has characters in it that no address has; write it like {example!r}")
    if any(name in _SECRET_WORDS for name, _ in parse_qsl(parts.query)):
        raise ValueError("the address must not hold a password after '?'; name the variable that holds it")
    password = unquote(parts.password or "")
    user, _, place = parts.netloc.rpartition("@")
    bare = f"{user.partition(':')[0]}@{place}" if user else place
    plain = parts._replace(netloc=bare).geturl()
    # An address without a host loses the slashes before its path on the way.
    if parts.scheme + "://" not in plain:
        plain = re.sub(r"^(\w+):/*", r"\1:///", plain)
    return TeamAddress(plain, password)


def refuse_clear(address: TeamAddress, *, is_allowed: bool) -> TeamAddress:
    """The address as it is to be used: encrypted, on this machine, or as the user allows it. Raises ValueError."""
    if is_allowed or address.is_here:
        return address
    parts = urlsplit(address.url)
    if parts.scheme in POSTGRES_SCHEMES:
        mode = dict(parse_qsl(parts.query)).get("sslmode")
        if mode is None:
            query = f"{parts.query}&sslmode=require" if parts.query else "sslmode=require"
            return replace(address, url=parts._replace(query=query).geturl())
        if mode in _ENCRYPTED:
            return address
    elif parts.scheme == "rediss":
        return address
    words = (
        f"{address.shown!r} is on another machine and would be spoken to in clear; use"
        f" {'sslmode=verify-full' if parts.scheme in POSTGRES_SCHEMES else 'rediss://'} in the address, or set"
        " allow_unencrypted = true beside it"
    )
    raise ValueError(words)


def _hosts(parts: SplitResult) -> str:
    """The host, or several with commas between them, as PostgreSQL takes them."""
    places = parts.netloc.rpartition("@")[2].split(",")
    return ",".join(place.rpartition("]")[0].lstrip("[") or place.partition(":")[0] for place in places)
