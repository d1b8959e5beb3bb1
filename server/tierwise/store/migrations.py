"""The ledger's schema, as numbered steps that only go forward.

`PRAGMA user_version` holds the number of the last step. A released step is never edited: a change is a new step.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import apsw

from tierwise.store.checksums import row_checksum
from tierwise.store.errors import LedgerError

APPLICATION_ID = 0x54575731
"""Stands in the file's header and tells our ledger from other programs' databases."""

_FIRST = """
CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL
) STRICT;
CREATE TABLE actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    owner INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    action TEXT NOT NULL,
    language TEXT NOT NULL,
    workspace TEXT NOT NULL,
    client TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    ended_us INTEGER,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    is_clock_behind INTEGER NOT NULL,
    tier TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    planned TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    reason_words TEXT NOT NULL,
    prompt_files INTEGER NOT NULL,
    estimated_input_tokens INTEGER NOT NULL,
    price_input INTEGER,
    price_output INTEGER,
    price_cache_read INTEGER,
    price_cache_write INTEGER,
    price_source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_tokens INTEGER,
    reasoning_tokens INTEGER,
    is_usage_estimated INTEGER NOT NULL,
    first_token_us INTEGER,
    duration_us INTEGER,
    cost_pico_usd INTEGER,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE summaries (
    source TEXT NOT NULL,
    level INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    form INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX summaries_by_chunk ON summaries (source, level, chunk, form);
CREATE TABLE losses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    noticed_us INTEGER NOT NULL,
    n_saved INTEGER NOT NULL,
    n_lost INTEGER,
    kept_as TEXT NOT NULL
) STRICT;
"""

_SECOND = """
CREATE TABLE holds (
    attempt INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    origin TEXT NOT NULL,
    pico_usd INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE spending (
    day INTEGER PRIMARY KEY,
    pico_usd INTEGER NOT NULL,
    top_pico_usd INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE breakers (
    target TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_THIRD = """
CREATE TABLE reply_forms (
    model TEXT NOT NULL,
    form TEXT NOT NULL,
    n_fitting INTEGER NOT NULL,
    n_unfitting INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (model, form)
) STRICT, WITHOUT ROWID;
"""
_FOURTH = """
CREATE TABLE hits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    tier TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    saved_pico_usd INTEGER,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE fates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    fate TEXT NOT NULL,
    tier TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
DELETE FROM summaries;
"""
_FIFTH = """
CREATE TABLE tripwire (
    key TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_SIXTH = """
CREATE TABLE team_state (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE team_unfinished (
    source TEXT NOT NULL,
    id INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE team_holds (
    hold TEXT PRIMARY KEY,
    owner INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    is_offline INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE team_rows (
    source TEXT NOT NULL,
    click TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    twin INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (source, click, started_us, twin)
) STRICT, WITHOUT ROWID;
"""
"""What a team's server was told (`team_state`, `team_unfinished`), what is held there for our calls (`team_holds`), and
in the copy of the team's rows which of them stands where (`team_rows`)."""
FILL_SPENDING = """
DELETE FROM spending;
INSERT INTO spending (day, pico_usd, top_pico_usd, crc)
SELECT day, spent, top, row_crc(day, spent, top) FROM (
    SELECT started_us / 86400000000 AS day, sum(min(cost_pico_usd, 1000000000000000)) AS spent,
        sum(CASE WHEN tier = 'top' THEN min(cost_pico_usd, 1000000000000000) ELSE 0 END) AS top
    FROM attempts WHERE cost_pico_usd > 0 GROUP BY 1
);
"""
"""Adds up every day anew from the calls, of which none can have cost more than $1000; for `register`ed connections."""

MIGRATIONS: tuple[str, ...] = (_FIRST, _SECOND + FILL_SPENDING, _THIRD, _FOURTH, _FIFTH, _SIXTH)


def register(connection: apsw.Connection) -> None:
    """Teach a connection the checksum of rows, for statements that write rows without reading them."""
    connection.create_scalar_function("row_crc", lambda *values: row_checksum(values), deterministic=True)


def schema_version(connection: apsw.Connection) -> int:
    """The number of the last step the file has been through; 0 for an empty one."""
    return int(connection.pragma("user_version") or 0)


def migrate(connection: apsw.Connection, path: Path, migrations: Sequence[str] = MIGRATIONS) -> Path | None:
    """Bring the file to the newest schema; returns the backup made before, or None where nothing had to change.

    Each step is one transaction that no other process sees half done. Raises LedgerError for a file written by a
    newer Tierwise and apsw.Error when the disk or the file fails.
    """
    current = schema_version(connection)
    refuse_newer(current, path, len(migrations))
    if current == len(migrations):
        return None
    backup = _back_up(connection, path, current) if current else None
    register(connection)
    for number, statements in enumerate(migrations, start=1):
        _step(connection, number, statements)
    return backup


def refuse_newer(version: int, path: Path, newest: int = len(MIGRATIONS)) -> None:
    """Raise LedgerError for a schema this Tierwise does not know; the file is left as it is."""
    if newest < version:
        raise LedgerError(
            f"the ledger {str(path)!r} is of a newer Tierwise (schema {version}, this one knows {newest}); "
            "install the newest one or choose another file with `[ledger] path`",
            code="newer-schema",
        )


def _step(connection: apsw.Connection, number: int, statements: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have taken this very step while we waited for the lock.
        if schema_version(connection) < number:
            connection.execute(statements)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: apsw.Connection, path: Path, version: int) -> Path:
    backup = path.with_name(f"{path.name}.schema-{version}.backup")
    fresh = backup.with_name(f"{backup.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(fresh),))
        _bring_to_disk(fresh)
        fresh.replace(backup)
    except BaseException:
        # Half a backup on a full disk would only make it fuller.
        fresh.unlink(missing_ok=True)
        raise
    return backup


def _bring_to_disk(path: Path) -> None:
    """A backup that a loss of power could take along with what it was made for would be none."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
