"""Who is at a piece of work just now, so that two windows that want the same pay for it once.

A lease is a row in the reply cache's file. It ends when it is given back, when its time is over by a clock that all
processes of a boot share and that nobody sets, or with the process that took it, whichever comes first.
"""

import secrets

import apsw

from tierwise.store.processes import is_running, nanoseconds_since_boot, own_identity, parse_identity
from tierwise.store.tables import fetch

TABLE = """
CREATE TABLE IF NOT EXISTS leases (
    piece BLOB NOT NULL,
    scope BLOB NOT NULL,
    owner BLOB NOT NULL,
    token BLOB NOT NULL,
    ends_ns INTEGER NOT NULL,
    PRIMARY KEY (piece, scope)
) STRICT, WITHOUT ROWID;
"""
"""An older Tierwise that shares the file does not mind it, so the file's version need not tell of it."""
_TAKE = "INSERT OR REPLACE INTO leases (piece, scope, owner, token, ends_ns) VALUES (?, ?, ?, ?, ?)"


def take(connection: apsw.Connection, scope: bytes, piece: bytes, longest_s: float) -> bytes | None:
    """Take the lease of a piece of work for `longest_s` seconds at most; None: somebody who lives has it.

    To be called in a transaction that writes. Returns the token to give it back with. Raises apsw.Error.
    """
    now_ns = nanoseconds_since_boot()
    held = fetch(connection, "SELECT owner, ends_ns FROM leases WHERE piece = ? AND scope = ?", (piece, scope))
    if held and now_ns < held[0][1] and _may_live(held[0][0]):
        return None
    token = secrets.token_bytes(16)
    owner = str(own_identity()).encode()
    # What others left behind and nobody wanted since is dropped on the way.
    connection.execute("DELETE FROM leases WHERE ends_ns < ?", (now_ns,))
    connection.execute(_TAKE, (piece, scope, owner, token, now_ns + round(longest_s * 10**9)))
    return token


def give_back(connection: apsw.Connection, scope: bytes, piece: bytes, token: bytes) -> None:
    """End a lease, unless somebody else has it by now. Raises apsw.Error."""
    connection.execute("DELETE FROM leases WHERE piece = ? AND scope = ? AND token = ?", (piece, scope, token))


def _may_live(owner: bytes) -> bool:
    """Whether the process that took a lease may still be at it; one of an earlier boot is not."""
    identity = parse_identity(owner.decode("utf-8", "replace"))
    return identity is not None and is_running(identity) is not False
