"""What the doctor says of a team's servers: whether they are there, and what they say of themselves."""

import asyncio
from datetime import timedelta

from tierwise.config import Config
from tierwise.config.doctor import Finding
from tierwise.dispatch.team_caps import own_caps
from tierwise.dispatch.team_servers import cache_address, cache_secret, ledger_address
from tierwise.routing.money import format_money
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.team import open_team_server
from tierwise.store.team_budget import TeamSpent
from tierwise.store.team_cache import CacheTerms, open_team_cache
from tierwise.store.team_errors import TeamError
from tierwise.store.team_standing import read_team_standing

_LONGEST_S = 5.0
_LEDGER, _CACHE = "team's ledger", "team's cache"
_EXTRA = "pip install 'tierwise[team]'"


async def examine_team(config: Config, ledger: Ledger | None) -> tuple[Finding, ...]:
    """One line for each server, also where none is configured."""
    is_ledger_wanted = config.ledger.team.is_set or config.budgets.team.is_set
    return tuple(
        await asyncio.gather(
            asyncio.to_thread(_ledger, config, ledger) if is_ledger_wanted else _off(_LEDGER, "ledger.team.url"),
            asyncio.to_thread(_cache, config) if config.cache.team.is_set else _off(_CACHE, "cache.team.url"),
        )
    )


async def _off(name: str, setting: str) -> Finding:
    return Finding(name=name, is_ok=True, found=f"off: nothing is shared ({setting} is not set)")


def standing_words(config: Config, spent: TeamSpent) -> tuple[str, ...]:
    """How a team's budgets stand, a sentence each; none where there is no bound."""
    words = []
    caps = own_caps(config).strictest(spent.caps)
    if not config.budgets.team.is_set and not caps.has_any:
        return ()
    for period, name in (("day", "today"), ("month", "this month")):
        used, held = getattr(spent, period), getattr(spent, f"{period}_held")
        hard = getattr(caps, period)
        bound = (
            "no bound" if hard is None else f"{format_money(max(0, hard - used - held))} left of {format_money(hard)}"
        )
        more = f" and {format_money(held)} held" if held else ""
        words.append(f"team {name}: {format_money(used)} spent{more}, {bound}")
    return tuple(words)


def _ledger(config: Config, ledger: Ledger | None) -> Finding:
    try:
        server = open_team_server(ledger_address(config.ledger.team))
        try:
            release, spent = server.release(_LONGEST_S), server.spent(_LONGEST_S)
        finally:
            server.close()
        waiting = 0 if ledger is None else read_team_standing(ledger.database).n_waiting
    except LedgerError as err:
        return _not_fit(_LEDGER, err)
    parts = [f"{release} at {server.address.shown}", f"{waiting} rows wait", *standing_words(config, spent)]
    return Finding(name=_LEDGER, is_ok=True, found="; ".join(parts))


def _cache(config: Config) -> Finding:
    options = config.cache.team
    try:
        terms = CacheTerms(
            tenant=options.tenant,
            secret=cache_secret(options),
            max_entry_bytes=options.max_entry_kb * 1024,
            max_age=timedelta(days=options.max_age_days),
            timeout_s=_LONGEST_S,
        )
        cache = open_team_cache(cache_address(options), terms)
        try:
            release = f"Redis {cache.ping()}"
        finally:
            cache.close()
    except LedgerError as err:
        return _not_fit(_CACHE, err)
    signed = "signed answers" if terms.secret else "answers are not signed, cache.team.secret_env would have them so"
    off = "" if config.cache.enabled else "; not used: cache.enabled is false"
    return Finding(
        name=_CACHE, is_ok=True, found=f"{release} at {cache.address.shown}, tenant {options.tenant!r}; {signed}{off}"
    )


def _not_fit(name: str, err: LedgerError) -> Finding:
    is_missing = isinstance(err, TeamError) and err.code == "missing-extra"
    return Finding(name=name, is_ok=False, found="", words=err.words, fix=_EXTRA if is_missing else "")
