"""The section on the ledger: where it lies, what else is kept beside it, and which team shares it."""

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from tierwise.config.sections import FilePath, Section
from tierwise.config.team_options import TeamLedgerOptions


class LedgerOptions(Section):
    """The record of what was spent."""

    path: FilePath | None = None
    """The database file. Unset: `ledger.sqlite3` in the user's state folder, from where a relative path leads too."""
    keep_requests: StrictBool = False
    """Whether texts before and after, instructions and diagnostics are kept too, without secrets, in a folder beside
    the database that only you may read; `tierwise golden add` makes cases of them. The database never holds code."""
    max_requests: Annotated[StrictInt, Field(ge=1, le=100_000)] = 500
    """Of how many actions, the newest ones, that is kept."""
    team: TeamLedgerOptions = TeamLedgerOptions()
    """A ledger in PostgreSQL that a team shares. Only your own settings file may name it."""
