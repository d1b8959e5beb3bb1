"""Rows as values, for tables and files elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import apsw

from tierwise.store.checksums import is_sound
from tierwise.store.database import Database
from tierwise.store.rows import ActionRow, AttemptRow
from tierwise.store.tables import ACTIONS, ATTEMPTS

BATCH_ROWS = 512
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A call that was booked but whose row is not what was written any more, or not there."""

    id: int


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of a moment with a time zone."""
    passed = moment - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 10**6 + passed.microseconds


def iso(microseconds_since_1970: int) -> str:
    """A moment in UTC, ISO 8601 with microseconds."""
    return (EPOCH + timedelta(microseconds=microseconds_since_1970)).isoformat(timespec="microseconds")


def attempt_rows(database: Database, since: datetime | None) -> Iterator[AttemptRow | DamagedRow]:
    """The calls in the order they were begun, damaged ones as such whatever their time; rows written meanwhile may
    come too.

    Rows are read a few hundred at a time, so nobody waits for a slow reader. Raises LedgerError.
    """
    since_us = None if since is None else microseconds(since)
    first = 1
    while True:
        with database.read() as connection:
            last = min(first + BATCH_ROWS - 1, ATTEMPTS.last_id(connection))
            batch = _batch(connection, first, last)
        for row in batch:
            if isinstance(row, DamagedRow) or since_us is None or iso(since_us) <= row.started_at:
                yield row
        if last < first + BATCH_ROWS - 1:
            return
        first = last + 1


def _batch(connection: apsw.Connection, first: int, last: int) -> list[AttemptRow | DamagedRow]:
    sound = {row[0]: row for row in ATTEMPTS.sound_rows(connection, first, last)}
    clicks: dict[int, ActionRow | None] = {}
    batch: list[AttemptRow | DamagedRow] = []
    for number in range(first, last + 1):
        row = sound.get(number)
        if row is None:
            batch.append(DamagedRow(number))
            continue
        value = ATTEMPTS.named(row)
        action = value["action"]
        if action not in clicks:
            clicks[action] = _action_row(connection, action)
        batch.append(_attempt_row(value, clicks[action] or _NO_CLICK))
    return batch


def _action_row(connection: apsw.Connection, number: int) -> ActionRow | None:
    row = ACTIONS.find(connection, number)
    if row is None or not is_sound(row):
        return None
    value = ACTIONS.named(row)
    return ActionRow(
        action_key=value["key"],
        started_at=iso(value["started_us"]),
        action=value["action"],
        language=value["language"],
        workspace=value["workspace"],
        client=value["client"],
        outcome=value["outcome"],
        code=value["code"],
        ended_at=None if value["ended_us"] is None else iso(value["ended_us"]),
    )


_NO_CLICK = ActionRow(
    action_key="",
    started_at=iso(0),
    action="",
    language="",
    workspace="",
    client="",
    outcome="unknown",
    code="damaged",
    ended_at=None,
)
"""Stands for a click whose own row is damaged."""


def _attempt_row(value: dict[str, Any], click: ActionRow) -> AttemptRow:
    return AttemptRow(
        id=value["id"],
        action_key=click.action_key,
        action=click.action,
        language=click.language,
        workspace=click.workspace,
        client=click.client,
        started_at=iso(value["started_us"]),
        is_clock_behind=bool(value["is_clock_behind"]),
        is_usage_estimated=bool(value["is_usage_estimated"]),
        first_token_s=_seconds(value["first_token_us"]),
        duration_s=_seconds(value["duration_us"]),
        **{name: value[name] for name in _AS_STORED},
    )


_AS_STORED = tuple(
    entry.name
    for entry in fields(AttemptRow)
    if entry.name in ATTEMPTS.columns and entry.name not in ("id", "action", "is_clock_behind", "is_usage_estimated")
)


def _seconds(value: int | None) -> float | None:
    return None if value is None else value / 10**6
