"""A team's reply cache in Redis: the second place to look, after the file on this machine.

All answers to one piece of work are the fields of one hash, under a name made of the tenant and of a keyed hash of the
repository and the work. Every entry carries a keyed hash of its place and its content, so that nobody without the
team's secret can make one up, or move one to another place. This module imports redis, so it is imported only where a
server is configured; see `team_cache.py`.
"""

import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar, cast
from urllib.parse import urlsplit

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from tierwise.backends.base import Usage
from tierwise.routing.tiers import Tier
from tierwise.store.cache_rows import Kept
from tierwise.store.team_address import TeamAddress
from tierwise.store.team_cache import CacheTerms
from tierwise.store.team_errors import TeamError

_FORM = 1
"""Counts the forms entries have had."""
_MOST = 8
"""Of one piece of work so many answers are kept, the newest: one for each model and state of what is around."""
_MAC_BYTES = 32
_DAY_US = timedelta(days=1) // timedelta(microseconds=1)
T = TypeVar("T")


class TeamCache:
    """Safe for any thread. Every method but `close` may raise TeamError, soon where the server does not answer."""

    def __init__(
        self, address: TeamAddress, terms: CacheTerms, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self.address = address
        self._terms = terms
        self._secret = terms.secret or b"tierwise"
        self._now_us = now_us
        self._client = _client(address, terms.timeout_s)

    def ping(self) -> str:
        """The server's version."""
        found = self._ask(lambda: self._client.info("server"))
        return str(found.get("redis_version", ""))

    def find(self, scope: bytes, piece: bytes) -> tuple[Kept, ...]:
        """What was answered to a piece of work and has not expired, the newest first."""
        return self.find_all([(scope, piece)])[0]

    def find_all(self, wanted: list[tuple[bytes, bytes]]) -> list[tuple[Kept, ...]]:
        """The same for many pieces of work, in one exchange."""
        names = [self.name_of(scope, piece) for scope, piece in wanted]

        def ask() -> list[dict[bytes, bytes]]:
            pipeline = self._client.pipeline(transaction=False)
            for name in names:
                pipeline.hgetall(name)
            return cast("list[dict[bytes, bytes]]", pipeline.execute())

        answers = self._ask(ask)
        return [
            self._read(name, scope, piece, fields)
            for name, (scope, piece), fields in zip(names, wanted, answers, strict=True)
        ]

    def put(self, kept: Kept) -> bool:
        """Keep an answer, in place of one with the same key; False: it is too large to share."""
        name, field = self.name_of(kept.scope, kept.piece), kept.key.hex()
        content = _to_json(kept, self._now_us())
        if self._terms.max_entry_bytes < len(content):
            return False
        entry = self._mac(name, field, content) + content

        def ask() -> int:
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hset(name, field, cast(str, entry))
            pipeline.pexpire(name, self._terms.max_age)
            pipeline.hlen(name)
            return int(pipeline.execute()[-1])

        if _MOST < self._ask(ask):
            newest = self.find(kept.scope, kept.piece)
            held = self._ask(lambda: cast("list[bytes]", self._client.hkeys(name)))
            wanted = {one.key.hex() for one in newest[:_MOST]}
            surplus = [name_of_field.decode("ascii", "replace") for name_of_field in held]
            self._ask(lambda: self._client.hdel(name, *[one for one in surplus if one not in wanted]))
        return True

    def drop(self, kept: Kept) -> None:
        """Forget one answer."""
        self._ask(lambda: self._client.hdel(self.name_of(kept.scope, kept.piece), kept.key.hex()))

    def forget(self, scope: bytes, piece: bytes) -> None:
        """Forget every answer to a piece of work."""
        self._ask(lambda: self._client.delete(self.name_of(scope, piece)))

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def name_of(self, scope: bytes, piece: bytes) -> str:
        """The server's key for a piece of work; it tells nothing of what the work is."""
        digest = hmac.digest(self._secret, b"piece" + _joined(self._terms.tenant.encode(), scope, piece), "sha256")
        return f"tierwise:{self._terms.tenant}:{digest.hex()}"

    def _read(self, name: str, scope: bytes, piece: bytes, fields: dict[bytes, bytes]) -> tuple[Kept, ...]:
        now = self._now_us()
        first = now - self._terms.max_age // timedelta(microseconds=1)
        found = [self._entry(name, scope, piece, field, entry) for field, entry in fields.items()]
        # A clock that was ahead must not keep an answer for ever.
        fresh = [kept for kept in found if kept is not None and first <= kept.stored_us <= now + _DAY_US]
        return tuple(sorted(fresh, key=lambda kept: kept.stored_us, reverse=True))

    def _entry(self, name: str, scope: bytes, piece: bytes, field: bytes, entry: bytes) -> Kept | None:
        """An entry, if it is ours and stands where it was put."""
        mac, content = entry[:_MAC_BYTES], entry[_MAC_BYTES:]
        if self._terms.max_entry_bytes < len(content) or not field.isalnum():
            return None
        if not hmac.compare_digest(mac, self._mac(name, field.decode("ascii"), content)):
            return None
        return _from_json(content, scope, piece, field.decode("ascii"))

    def _mac(self, name: str, field: str, content: bytes) -> bytes:
        return hmac.digest(self._secret, b"entry" + _joined(name.encode(), field.encode(), content), "sha256")

    def _ask(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (exceptions.RedisError, OSError) as err:
            raise cache_trouble(err, self.address) from err


def _client(address: TeamAddress, timeout_s: float) -> "redis.Redis":
    parts = urlsplit(address.url)
    # A user name without a password would be sent as if it had an empty one.
    user = {"username": parts.username} if parts.username and address.password else {}
    return redis.Redis.from_url(
        address.url,
        password=address.password or None,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        client_name="tierwise",
        driver_info=None,
        **user,
    )


def _joined(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _to_json(kept: Kept, now_us: int) -> bytes:
    usage = kept.usage
    tokens = None
    if usage is not None:
        tokens = [usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens]
    document = {
        "v": _FORM, "task": kept.task.hex(), "tier": str(kept.tier), "backend": kept.backend, "model": kept.model,
        "form": kept.form, "text": kept.text, "tokens": tokens, "cost": kept.cost_pico_usd, "at": now_us,
    }  # fmt: skip
    return json.dumps(document, separators=(",", ":")).encode()


def _from_json(content: bytes, scope: bytes, piece: bytes, field: str) -> Kept | None:
    """The answer of an entry that is ours; None for a form this Tierwise does not know."""
    try:
        plain = json.loads(content)
        if plain["v"] != _FORM:
            return None
        tokens, usage = plain["tokens"], None
        if tokens is not None:
            n_in, n_out, n_cached, n_reasoning = map(int, tokens)
            usage = Usage(input_tokens=n_in, output_tokens=n_out, cached_tokens=n_cached, reasoning_tokens=n_reasoning)
        return Kept(
            key=bytes.fromhex(field), scope=scope, piece=piece, task=bytes.fromhex(plain["task"]),
            tier=Tier(plain["tier"]), backend=str(plain["backend"]), model=str(plain["model"]),
            form=str(plain["form"]), text=str(plain["text"]), usage=usage,
            cost_pico_usd=None if plain["cost"] is None else int(plain["cost"]), stored_us=int(plain["at"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError):
        return None


_GO_ON = "answers are looked for on this machine only meanwhile"
_KINDS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (exceptions.AuthenticationError, exceptions.AuthorizationError),
        "wrong-password",
        "refuses the user name or the password; check the variable or keyring entry that holds the password",
    ),
    (
        (exceptions.NoPermissionError,),
        "no-permission",
        "does not let its user read and write keys that begin with 'tierwise:'; change the server's rules",
    ),
    ((exceptions.OutOfMemoryError,), "full", f"is full; give it more memory or a policy that evicts, {_GO_ON}"),
    ((exceptions.ReadOnlyError,), "no-permission", "may only be read; name the server that may be written to"),
    ((exceptions.TimeoutError, TimeoutError), "timeout", f"did not answer in time; {_GO_ON}"),
    ((exceptions.ConnectionError, OSError), "unreachable", f"cannot be reached; {_GO_ON}"),
)


def cache_trouble(err: Exception, address: TeamAddress) -> TeamError:
    """Put a library's or the system's complaint into words."""
    whose = f"the team's cache {address.shown!r}"
    for kinds, code, words in _KINDS:
        if isinstance(err, kinds):
            return TeamError(f"{whose} {words}", code=code)
    if "NOAUTH" in str(err) or "WRONGPASS" in str(err):
        return TeamError(f"{whose} {_KINDS[0][2]}", code="wrong-password")
    return TeamError(f"{whose} cannot be used: {' '.join(str(err).split())[:200]}", code="io")
