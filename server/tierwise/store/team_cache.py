"""The way to a team's Redis, and to nothing of its library where none is configured."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tierwise.store.team_address import TeamAddress
from tierwise.store.team_errors import missing_extra

if TYPE_CHECKING:
    from tierwise.store.cache_redis import TeamCache


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTerms:
    """How answers are shared."""

    tenant: str
    """Whose they are: nobody is ever given another tenant's."""
    secret: bytes = field(repr=False)
    """What they are signed with; empty: they only carry a checksum."""
    max_entry_bytes: int
    """A larger one is not shared, and not taken over either."""
    max_age: timedelta
    timeout_s: float
    """For one exchange with the server."""


def open_team_cache(address: TeamAddress, terms: CacheTerms) -> "TeamCache":
    """The cache at an address, not connected yet. Raises TeamError where the library is missing."""
    try:
        from tierwise.store.cache_redis import TeamCache  # noqa: PLC0415 - only who has a server pays for the library.
    except ImportError as err:
        raise missing_extra(f"the team's cache {address.shown!r}") from err
    return TeamCache(address, terms)
