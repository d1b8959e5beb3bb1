"""Read the calls of a log: a ledger's file, or its rows as lines of JSON."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tierwise.evals.replay import COUNTS, OF_CLICKS, WORDS, Call, call_of
from tierwise.store.errors import LedgerError
from tierwise.store.exports import DamagedRow
from tierwise.store.ledger import open_ledger
from tierwise.store.rows import AttemptRow
from tierwise.text import Rejection

_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Log:
    """What could be read."""

    calls: tuple[Call, ...]
    n_unreadable: int
    """Rows that are damaged, or lines that are no row."""


def read_log(path: Path, own_ledger: Path) -> Log | Rejection:
    """The calls of a log, which stays as it is.

    Another ledger than one's own is read from a copy: opening one may migrate it, or set it aside as damaged.
    """
    try:
        with path.open("rb") as file:
            is_ledger = file.read(len(_MAGIC)) == _MAGIC
        if not is_ledger:
            return _read_lines(path)
        if own_ledger.exists() and path.samefile(own_ledger):
            return _read_ledger(path, path)
        with tempfile.TemporaryDirectory(prefix="tierwise-replay-") as folder:
            copy = Path(folder) / "ledger.sqlite3"
            shutil.copyfile(path, copy)
            beside = path.with_name(f"{path.name}-wal")
            if beside.exists():
                shutil.copyfile(beside, copy.with_name(f"{copy.name}-wal"))
            return _read_ledger(copy, path)
    except OSError as err:
        return Rejection("unreadable", f"the log {str(path)!r} cannot be read: {err.strerror}")
    except LedgerError as err:
        return Rejection(err.code, f"the log {str(path)!r} cannot be read: {err.words}")


def _read_ledger(path: Path, name: Path) -> Log | Rejection:
    ledger = open_ledger(path)
    try:
        log = _log_of(None if isinstance(row, DamagedRow) else call_of(_document(row)) for row in ledger.attempt_rows())
        if ledger.notices and not log.calls:
            return Rejection("damaged", f"the ledger {str(name)!r} is damaged, and no call in it can be read")
        return replace(log, n_unreadable=log.n_unreadable + ledger.stats().n_lost_rows)
    finally:
        ledger.close()


def _document(row: AttemptRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*WORDS, *COUNTS, *OF_CLICKS)}


def _read_lines(path: Path) -> Log | Rejection:
    with path.open(encoding="utf-8", errors="replace") as lines:
        log = _log_of(_call_in(line) for line in lines if line.strip())
    if log.n_unreadable and not log.calls:
        words = (
            f"{str(path)!r} is neither a ledger nor rows of one as lines of JSON; name the file `tierwise stats` reads"
        )
        return Rejection("not-a-log", words)
    return log


def _call_in(line: str) -> Call | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return call_of(row) if isinstance(row, dict) else None


def _log_of(found: Iterable[Call | None]) -> Log:
    every = tuple(found)
    calls = tuple(call for call in every if call is not None)
    return Log(calls, len(every) - len(calls))
