"""What a ledger's file remembers of a team's server: single values by name, each with its checksum."""

import apsw

from tierwise.store.checksums import is_sound, row_checksum
from tierwise.store.tables import fetch


def read_state(connection: apsw.Connection, name: str) -> str | None:
    """A value; None: there is none, or it is damaged, which is as good as none."""
    try:
        rows = fetch(connection, "SELECT name, body, crc FROM team_state WHERE name = ?", (name,))
    except UnicodeDecodeError:
        return None
    return str(rows[0][1]) if rows and is_sound(rows[0]) else None


def read_number(connection: apsw.Connection, name: str) -> int:
    """A number; 0 for none."""
    body = read_state(connection, name)
    return int(body) if body is not None else 0


def write_state(connection: apsw.Connection, name: str, body: str) -> None:
    """Keep a value."""
    values = (name, body)
    connection.execute(
        "INSERT OR REPLACE INTO team_state (name, body, crc) VALUES (?, ?, ?)", (*values, row_checksum(values))
    )
