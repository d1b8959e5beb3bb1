"""How well each model answers in each form: whether its answers could be applied, whatever the checks said of them."""

from dataclasses import dataclass

from tierwise.store.checksums import row_checksum
from tierwise.store.database import Database
from tierwise.store.tables import fetch
from tierwise.store.written import clean

_FORGET_AT = 200
"""From so many answers on, all counts of a model and form are halved: models are replaced under the same name."""


@dataclass(frozen=True, slots=True)
class FormCount:
    """The answers of one model in one form."""

    model: str
    """As the configuration names it, `backend/model`."""
    form: str
    n_fitting: int
    n_unfitting: int


def read_reply_forms(database: Database) -> tuple[FormCount, ...]:
    """All counts whose rows are sound."""
    with database.read() as connection:
        rows = fetch(connection, "SELECT model, form, n_fitting, n_unfitting, crc FROM reply_forms")
    return tuple(FormCount(*row[:-1]) for row in rows if row_checksum(row[:-1]) == row[-1])


def note_reply_form(database: Database, model: str, form: str, *, is_fitting: bool) -> None:
    """Count one answer."""
    key = (clean(model), clean(form))
    with database.write() as connection:
        rows = fetch(
            connection, "SELECT n_fitting, n_unfitting, crc FROM reply_forms WHERE model = ? AND form = ?", key
        )
        counts = rows[0][:2] if rows and row_checksum((*key, *rows[0][:2])) == rows[0][2] else (0, 0)
        n_fitting, n_unfitting = counts[0] + is_fitting, counts[1] + (not is_fitting)
        if _FORGET_AT <= n_fitting + n_unfitting:
            n_fitting, n_unfitting = n_fitting // 2, n_unfitting // 2
        values = (*key, n_fitting, n_unfitting)
        connection.execute("INSERT OR REPLACE INTO reply_forms VALUES (?, ?, ?, ?, ?)", (*values, row_checksum(values)))
