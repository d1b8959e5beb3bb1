"""The way to a team's PostgreSQL server, and to nothing of its library where none is configured."""

from typing import TYPE_CHECKING

from tierwise.store.team_address import TeamAddress
from tierwise.store.team_errors import TeamError, missing_extra

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer


def open_team_server(address: TeamAddress) -> "TeamServer":
    """The server at an address, not connected yet. Raises TeamError where the library is missing."""
    try:
        from tierwise.store.team_server import TeamServer  # noqa: PLC0415 - only who has a server pays for the library.
    except ImportError as err:
        raise missing_extra(f"the team's ledger {address.shown!r}") from err
    return TeamServer(address)


__all__ = ["TeamAddress", "TeamError", "open_team_server"]
