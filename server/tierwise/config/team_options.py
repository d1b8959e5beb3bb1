"""What the sections on ledger, budgets and cache say of a team's servers; a password stands in none of them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from tierwise.config.sections import Section
from tierwise.store.team_address import POSTGRES_SCHEMES, REDIS_SCHEMES, read_address


def _check_postgres(url: str) -> str:
    return _check(url, POSTGRES_SCHEMES)


def _check_redis(url: str) -> str:
    return _check(url, REDIS_SCHEMES)


def _check(url: str, schemes: tuple[str, ...]) -> str:
    if read_address(url, schemes).password:
        raise ValueError("an address in a file must not hold a password; name its variable with 'password_env'")
    return url


PostgresUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_postgres)]
RedisUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_redis)]
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]
KeyringName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MemberName = Annotated[
    str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$", max_length=60)
]
TenantName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]


class TeamServerOptions(Section):
    """How a server of the team is reached."""

    url_env: EnvName | None = None
    """The environment variable that holds the whole address, with the password where there is one. It wins over
    `url`."""
    password_env: EnvName | None = None
    """The environment variable that holds the password."""
    keyring_service: KeyringName | None = None
    """The entry of the system's keyring that holds the password, under the address as its user name."""
    allow_unencrypted: StrictBool = False
    """Whether a server on another machine may be spoken to without TLS."""


class TeamLedgerOptions(TeamServerOptions):
    """A ledger in PostgreSQL that a team shares. The ledger on this machine stays the one that is written and read; its
    rows are sent in the background: counts, names of models, codes and hashes, no code, no prompts, no paths."""

    url: PostgresUrl | None = None
    """The server's address without a password, e.g. `postgresql://tierwise@db.example.com/tierwise`."""
    member: MemberName | None = None
    """The name under which the team sees what this machine spent (`tierwise stats --team --by member`). Unset: the
    first digits of the random id of its ledger."""

    @property
    def is_set(self) -> bool:
        """Whether there is a server."""
        return self.url is not None or self.url_env is not None


class TeamCacheOptions(TeamServerOptions):
    """Answers shared with a team through Redis. They are code, and everybody who may read the server can read them:
    nothing is shared unless an address stands here. An answer from there is checked again like any other."""

    url: RedisUrl | None = None
    """The server's address without a password, e.g. `rediss://cache.example.com:6379/0`."""
    tenant: TenantName = "default"
    """Whose answers these are: nobody is ever given another tenant's. The server's rules can keep tenants apart too, as
    every key begins with `tierwise:<tenant>:`."""
    secret_env: EnvName | None = None
    """The environment variable that holds the team's secret, with which answers are signed. Unset: they only carry a
    checksum, and whoever may write to the server may make them up."""
    max_entry_kb: Annotated[StrictInt, Field(ge=1, le=10_000)] = 256
    """A larger answer is not shared, in KiB. How much the server keeps in all is its own setting (`maxmemory`)."""
    max_age_days: Annotated[StrictInt, Field(ge=1, le=365)] = 14
    """How many days an answer is kept there."""
    timeout_ms: Annotated[StrictInt, Field(ge=10, le=5000)] = 200
    """How long a look-up may take; afterwards the server is left alone for a while."""

    @property
    def is_set(self) -> bool:
        """Whether there is a server."""
        return self.url is not None or self.url_env is not None


Offline = Literal["allow", "refuse"]
