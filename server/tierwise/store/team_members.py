"""Who of a team spent how much: added up on the server, by the name a machine's settings give or its ledger's id."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tierwise.store.database import Database
from tierwise.store.team_state import read_state, write_state
from tierwise.store.written import clean

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer

_INTRODUCED = "introduced"
"""Under this name the ledger keeps the server it is known to, and the name it is known by there."""
_NAMING = """
INSERT INTO tierwise.members (origin, name) VALUES (%s, %s) ON CONFLICT (origin) DO UPDATE SET name = excluded.name
"""
_SPENT = """
SELECT
    coalesce(members.name, 'ledger ' || left(attempts.origin, 8)) AS member,
    count(*),
    count(*) FILTER (WHERE outcome = 'accepted'),
    count(*) FILTER (WHERE outcome = 'rejected'),
    coalesce(sum(input_tokens), 0),
    coalesce(sum(output_tokens), 0),
    coalesce(sum(cost_pico_usd), 0) AS spent,
    count(*) FILTER (WHERE cost_pico_usd IS NULL AND outcome <> 'running'),
    coalesce(sum(cost_pico_usd) FILTER (WHERE tier = 'top'), 0),
    max(started_us)
FROM tierwise.attempts LEFT JOIN tierwise.members USING (origin)
WHERE %s <= started_us GROUP BY member ORDER BY spent DESC, member
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFigures:
    """What one member's calls came to. Machines of one name are one member; money is in pico-USD."""

    member: str
    n_calls: int
    n_accepted: int
    n_rejected: int
    input_tokens: int
    output_tokens: int
    pico_usd: int
    n_unknown_cost: int
    top_pico_usd: int
    last_us: int
    """When the latest call was begun, in microseconds since 1970."""

    @property
    def pass_rate(self) -> float | None:
        """How many of the edits that were checked passed; None: there were none."""
        n = self.n_accepted + self.n_rejected
        return self.n_accepted / n if n else None


def introduce(database: Database, server: "TeamServer", origin: str, member: str, longest_s: float) -> None:
    """Let the server know a ledger by a name, or by none. Raises TeamError and LedgerError."""
    known = f"{server.identity(longest_s)}/{member}"
    with database.read() as connection:
        before = read_state(connection, _INTRODUCED)
    if before == known or (before is None and not member):
        return
    with server.transaction(longest_s) as remote:
        if member:
            remote.execute(_NAMING.encode(), (origin, clean(member)))
        else:
            remote.execute("DELETE FROM tierwise.members WHERE origin = %s", (origin,))
    with database.write() as connection:
        write_state(connection, _INTRODUCED, known)


def read_members(server: "TeamServer", since_us: int, longest_s: float) -> tuple[MemberFigures, ...]:
    """Everybody's figures since a moment, in microseconds since 1970, who spent most first. Raises TeamError."""
    with server.transaction(longest_s) as remote:
        rows = remote.execute(_SPENT.encode(), (since_us,)).fetchall()
    return tuple(_figures(tuple(row)) for row in rows)


def _figures(row: tuple[object, ...]) -> MemberFigures:
    member, *counts = row
    (n_calls, n_accepted, n_rejected, n_in, n_out, spent, n_unknown, top, last) = (int(str(count)) for count in counts)
    return MemberFigures(
        member=clean(str(member)),
        n_calls=n_calls,
        n_accepted=n_accepted,
        n_rejected=n_rejected,
        input_tokens=n_in,
        output_tokens=n_out,
        pico_usd=spent,
        n_unknown_cost=n_unknown,
        top_pico_usd=top,
        last_us=last,
    )
