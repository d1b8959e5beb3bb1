"""The addresses of a team's servers, put together from the settings, the environment and the keyring."""

import os
from collections.abc import Mapping

from tierwise.config.keys import ReadKeyring, read_system_keyring
from tierwise.config.team_options import TeamCacheOptions, TeamLedgerOptions
from tierwise.store.team_address import POSTGRES_SCHEMES, REDIS_SCHEMES, TeamAddress, read_address, refuse_clear
from tierwise.store.team_errors import TeamError


def ledger_address(
    options: TeamLedgerOptions, env: Mapping[str, str] | None = None, read_keyring: ReadKeyring = read_system_keyring
) -> TeamAddress:
    """Where the team's ledger is. Raises TeamError, also where none is configured. May wait for the keyring."""
    return _address(options, "ledger.team", POSTGRES_SCHEMES, env, read_keyring)


def cache_address(
    options: TeamCacheOptions, env: Mapping[str, str] | None = None, read_keyring: ReadKeyring = read_system_keyring
) -> TeamAddress:
    """Where the team's answers are. Raises TeamError, also where none is configured. May wait for the keyring."""
    return _address(options, "cache.team", REDIS_SCHEMES, env, read_keyring)


def cache_secret(options: TeamCacheOptions, env: Mapping[str, str] | None = None) -> bytes:
    """What the team's answers are signed with; empty where none is configured. Raises TeamError."""
    if options.secret_env is None:
        return b""
    secret = _variable("cache.team.secret_env", options.secret_env, env)
    if len(secret) < 16:
        words = (
            f"the environment variable {options.secret_env!r} of cache.team.secret_env is shorter than 16 characters"
        )
        raise TeamError(f"{words}; set it to a random text the team shares", code="no-address")
    return secret.encode()


def _address(
    options: TeamLedgerOptions | TeamCacheOptions,
    section: str,
    schemes: tuple[str, ...],
    env: Mapping[str, str] | None,
    read_keyring: ReadKeyring,
) -> TeamAddress:
    if not options.is_set:
        words = f"no server is configured; write its address as `url` under [{section}] in your settings file"
        raise TeamError(words, code="no-address")
    url, source = options.url or "", f"{section}.url"
    if options.url_env is not None:
        url, source = _variable(f"{section}.url_env", options.url_env, env), f"environment variable {options.url_env}"
    try:
        address = read_address(url, schemes)
    except ValueError as err:
        raise TeamError(f"{source}: {err}", code="bad-address") from err
    try:
        address = refuse_clear(address, is_allowed=options.allow_unencrypted)
    except ValueError as err:
        raise TeamError(str(err), code="unencrypted") from err
    password = address.password
    if options.password_env is not None:
        password = _variable(f"{section}.password_env", options.password_env, env)
    elif not password and options.keyring_service is not None:
        password = read_keyring(options.keyring_service, address.shown) or ""
        if not password:
            words = f"the keyring has no entry {options.keyring_service!r} for {section}; run `keyring set"
            raise TeamError(f"{words} {options.keyring_service} {address.shown}`", code="no-address")
    return TeamAddress(address.url, password)


def _variable(setting: str, name: str, env: Mapping[str, str] | None) -> str:
    value = (os.environ if env is None else env).get(name, "").strip()
    if not value:
        words = f"the environment variable {name!r}, which {setting} names, is not set; export it"
        raise TeamError(words, code="no-address")
    return value
