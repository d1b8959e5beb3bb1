"""Finding a click by its key, and ending rows once."""

import apsw

from tierwise.store.checksums import Row, SqlValue
from tierwise.store.summaries import forget
from tierwise.store.tables import ACTIONS, Table
from tierwise.store.written import number_in


def end_row(
    connection: apsw.Connection, table: Table, row: Row, changes: dict[str, SqlValue], *, is_known: bool = False
) -> bool:
    """End a row; one that was given up as unknown may still say how it went, and a proposal that it was applied.

    `is_known` as in `Table.rewrite`. False: it had ended before. Raises apsw.Error.
    """
    before = table.column(row, "outcome")
    is_applied_now = before == "proposed" and changes["outcome"] == "applied"
    if before not in ("running", "unknown") and not is_applied_now:
        return False
    table.rewrite(connection, row, changes, is_known=is_known)
    if before != "running":
        forget(connection, table, row[0])
    return True


def find_action(connection: apsw.Connection, action_key: str) -> Row | None:
    """A click's whole row by its key; None: this file has none such."""
    number = number_in(action_key)
    row = None if number is None else ACTIONS.find(connection, number)
    return row if row is not None and ACTIONS.column(row, "key") == action_key else None
