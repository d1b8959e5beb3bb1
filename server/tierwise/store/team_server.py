"""One PostgreSQL server of a team: connected when it is first needed, never waited for longer than was said.

This module imports psycopg, so it is imported only where a server is configured; see `team.py`.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

from tierwise.store.team_address import TeamAddress
from tierwise.store.team_budget import STANDING, TeamSpent
from tierwise.store.team_errors import TeamError
from tierwise.store.team_schema import BEGIN_SCHEMA, MIGRATING, STEPS

OLDEST_SERVER = 13
"""The first release of PostgreSQL that has all the schema needs."""
CONNECT_S = 5
_STALE_S = 240.0
"""A connection that was not used for so long may have been dropped on the way without a word."""
_CLOSE_S = 0.5
RV = TypeVar("RV")
Connection = psycopg.Connection[Any]


class _Patient(psycopg.Connection[Any]):
    """A connection that gives up waiting at a moment."""

    until = math.inf

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if self.until < math.inf:
            left = max(0.0, self.until - time.monotonic())
            timeout = left if timeout is None else min(timeout, left)
        return super().wait(gen, interval, timeout)


class TeamServer:
    """Safe for any thread; one transaction at a time. Every method but `close` may raise TeamError."""

    def __init__(self, address: TeamAddress, *, steps: tuple[str, ...] = STEPS) -> None:
        self.address = address
        self._steps = steps
        self._lock = threading.Lock()
        self._connection: _Patient | None = None
        self._last_used = 0.0
        self._identity = ""

    def identity(self, longest_s: float) -> str:
        """The id of the team's ledger on this server; another one after it was made anew."""
        with self.transaction(longest_s):
            return self._identity

    def release(self, longest_s: float) -> str:
        """What the server is, and which step of the schema it has."""
        with self.transaction(longest_s) as remote:
            return f"PostgreSQL {remote.info.server_version // 10_000}, schema {len(self._steps)}"

    def spent(self, longest_s: float) -> TeamSpent:
        """What the team has spent and holds now."""
        with self.transaction(longest_s) as remote:
            row = remote.execute(STANDING.encode()).fetchone()
        return TeamSpent.of(tuple(row or (0, 0, 0, 0)))

    @contextmanager
    def transaction(self, longest_s: float) -> Iterator[Connection]:
        """A transaction that is committed at the end, or broken off after `longest_s` seconds in all."""
        until = time.monotonic() + longest_s
        if not self._lock.acquire(timeout=longest_s):
            raise TeamError(f"the team's ledger {self.address.shown!r} is busy; try again", code="timeout")
        try:
            with self._begun(until) as connection:
                yield connection
            self._last_used = time.monotonic()
        except (psycopg.Error, OSError) as err:
            self._drop()
            raise team_error(err, self.address) from err
        except BaseException:
            self._drop()
            raise
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the connection; the next transaction makes a new one."""
        # A transaction that hangs ends by itself, and its connection with it.
        if self._lock.acquire(timeout=_CLOSE_S):
            try:
                self._drop()
            finally:
                self._lock.release()

    @contextmanager
    def _begun(self, until: float) -> Iterator[Connection]:
        """A transaction on the connection there is, or on a new one where that was dropped meanwhile."""
        with ExitStack() as stack:
            connection = self._current(until)
            is_old = bool(self._last_used)
            try:
                stack.enter_context(connection.transaction())
            except psycopg.OperationalError:
                if not is_old:
                    raise
                self._drop()
                connection = self._current(until)
                stack.enter_context(connection.transaction())
            yield connection

    def _current(self, until: float) -> _Patient:
        connection = self._connection
        if connection is not None and not connection.closed and time.monotonic() - self._last_used < _STALE_S:
            connection.until = until
            return connection
        self._drop()
        left = max(1, math.ceil(until - time.monotonic()))
        self._connection = _connect(self.address, min(CONNECT_S, left))
        self._connection.until = until
        refuse_old(self._connection.info.server_version, self.address)
        self._identity = _prepare(self._connection, self.address, self._steps)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._last_used = 0.0
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                connection.close()


def _connect(address: TeamAddress, timeout_s: int) -> _Patient:
    # Poolers between us and the server keep no prepared statements and take no options, so none are used.
    return _Patient.connect(
        address.url,
        password=address.password or None,
        connect_timeout=timeout_s,
        autocommit=True,
        prepare_threshold=None,
        application_name="tierwise",
        gssencmode="disable",
        client_encoding="utf8",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )


def refuse_old(version: int, address: TeamAddress) -> None:
    """Raise TeamError for a server without what the schema needs; `version` as in 150004."""
    if version < OLDEST_SERVER * 10_000:
        words = (
            f"the team's ledger {address.shown!r} runs on PostgreSQL {version // 10_000}, and {OLDEST_SERVER} is the"
            " first that can keep it; update the server"
        )
        raise TeamError(words, code="server-too-old")


def _prepare(connection: Connection, address: TeamAddress, steps: tuple[str, ...]) -> str:
    """Bring the schema to the newest step, one process at a time; returns the ledger's id."""
    is_there = connection.execute("SELECT to_regclass('tierwise.steps') IS NOT NULL").fetchone()
    if not is_there or not is_there[0] or _n_taken(connection, address, len(steps)) < len(steps):
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATING,))
            connection.execute(BEGIN_SCHEMA)
            for number in range(_n_taken(connection, address, len(steps)), len(steps)):
                connection.execute(steps[number].encode())
                connection.execute("INSERT INTO tierwise.steps (number) VALUES (%s)", (number + 1,))
    found = connection.execute("SELECT id::text FROM tierwise.about").fetchone()
    return str(found[0]) if found else ""


def _n_taken(connection: Connection, address: TeamAddress, newest: int) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) FROM tierwise.steps").fetchone()
    n_taken = int(row[0]) if row else 0
    if newest < n_taken:
        words = (
            f"the team's ledger {address.shown!r} is of a newer Tierwise (schema {n_taken}, this one knows {newest});"
            " update this one"
        )
        raise TeamError(words, code="newer-schema")
    return n_taken


_NO_PERMISSION = "does not let its user make or use the schema 'tierwise'; let that user own the database"
_WRONG_PASSWORD = "refuses the user name or the password; check the variable or keyring entry that holds the password"  # noqa: S105
_KINDS: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    ((errors.InvalidPassword, errors.InvalidAuthorizationSpecification), "wrong-password", _WRONG_PASSWORD),
    ((errors.InsufficientPrivilege,), "no-permission", _NO_PERMISSION),
    (
        (errors.InvalidCatalogName,),
        "bad-address",
        "has no database of that name; create it or correct the address",
    ),
    (
        (errors.LockNotAvailable, errors.QueryCanceled, errors.ConnectionTimeout),
        "timeout",
        "did not answer in time; work goes on here and is brought there later",
    ),
)


def team_error(err: psycopg.Error | OSError, address: TeamAddress) -> TeamError:
    """Put a library's or the system's complaint into words."""
    whose = f"the team's ledger {address.shown!r}"
    for kinds, code, words in _KINDS:
        if isinstance(err, kinds):
            return TeamError(f"{whose} {words}", code=code)
    text = " ".join(str(err).split())
    if isinstance(err, psycopg.OperationalError) and (kind := _kind_of_greeting(text)) is not None:
        return TeamError(f"{whose} {kind[1]}", code=kind[0])
    if "wait timeout" in text:
        return TeamError(
            f"{whose} did not answer in time; work goes on here and is brought there later", code="timeout"
        )
    if isinstance(err, psycopg.OperationalError | psycopg.InterfaceError | OSError):
        words = f"{whose} cannot be reached; work goes on here and is brought there later"
        return TeamError(words, code="unreachable")
    return TeamError(f"{whose} cannot be used: {text[:200]}", code="io")


def _kind_of_greeting(text: str) -> tuple[str, str] | None:
    """What a server that ends the greeting says carries no code, only words; they are looked for in English."""
    if "password authentication failed" in text or "no password supplied" in text or "no pg_hba.conf entry" in text:
        return "wrong-password", _WRONG_PASSWORD
    if "does not exist" in text and "database" in text:
        return "bad-address", "has no database of that name; create it or correct the address"
    if "server does not support SSL" in text:
        return "unencrypted", "does not speak TLS; let it, or set allow_unencrypted = true beside its address"
    return None
