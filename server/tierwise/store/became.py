"""What became of one click: how it ended, and what the user made of its edit."""

from dataclasses import dataclass
from typing import cast

from tierwise.store.checksums import is_sound
from tierwise.store.database import Database
from tierwise.store.ending import find_action
from tierwise.store.rows import ActionOutcome, FateName, RowOutcome
from tierwise.store.tables import ACTIONS, FATES, fetch


@dataclass(frozen=True, slots=True)
class Became:
    """A click afterwards."""

    outcome: ActionOutcome | RowOutcome
    code: str
    fate: FateName | None
    """None: the edit was not applied, or nothing is known of it yet."""


def what_became(database: Database, action_key: str) -> Became | None:
    """The end of a click; None when the file has no sound row of it. Raises LedgerError."""
    with database.read() as connection:
        row = find_action(connection, action_key)
        if row is None or not is_sound(row):
            return None
        fates = [fate for fate in fetch(connection, f"{FATES.select} WHERE action = ?", (row[0],)) if is_sound(fate)]
    outcome = cast(ActionOutcome, ACTIONS.column(row, "outcome"))
    told = [cast(FateName, FATES.column(fate, "fate")) for fate in fates]
    return Became(outcome, str(ACTIONS.column(row, "code")), told[-1] if told else None)
