"""What can go wrong with the ledger's file, in words for its owner.

LedgerError
├── code "no-permission" "read-only" "disk-full" "no-folder" "network-file-system": mend the place
├── code "damaged" "foreign" "newer-schema" "old-sqlite": mend or move the file, or update
└── code "locked" "io": try again
"""

import errno
from pathlib import Path

import apsw


class LedgerError(Exception):
    """The ledger cannot be opened, read or written; `words` is one sentence for the user, `code` a stable word."""

    def __init__(self, words: str, *, code: str = "io") -> None:
        super().__init__(words)
        self.words = words
        self.code = code


_SENTENCES: tuple[tuple[type[apsw.Error], str, str], ...] = (
    (apsw.FullError, "disk-full", "the disk is full, so the ledger {path!r} cannot be written; free some space"),
    (
        apsw.ReadOnlyError,
        "read-only",
        "the ledger {path!r} is read-only; make it and its folder writable or set `[ledger] path` to another place",
    ),
    (
        apsw.PermissionsError,
        "no-permission",
        "there is no permission to use the ledger {path!r}; grant it or set `[ledger] path` to another place",
    ),
    (
        apsw.AuthError,
        "no-permission",
        "there is no permission to use the ledger {path!r}; grant it or set `[ledger] path` to another place",
    ),
    (
        apsw.CantOpenError,
        "no-permission",
        "the ledger {path!r} cannot be opened; check that it is a file in a folder you may write to",
    ),
    (apsw.NotADBError, "damaged", "the ledger {path!r} is damaged; it is moved aside when Tierwise starts next"),
    (apsw.CorruptError, "damaged", "the ledger {path!r} is damaged; it is moved aside when Tierwise starts next"),
    *(
        (
            kind,
            "locked",
            "the ledger {path!r} was kept busy by another program for longer than 10 s; try again in a minute, since "
            "another Tierwise may be bringing it up to date, or close what else has it open",
        )
        # The last is what SQLite says after ten seconds of waiting for a writer to tell of its commit.
        for kind in (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)
    ),
)


_NUMBERS: dict[int, type[apsw.Error]] = {
    errno.EROFS: apsw.ReadOnlyError,
    errno.ENOSPC: apsw.FullError,
    getattr(errno, "EDQUOT", errno.ENOSPC): apsw.FullError,
}
"""What the system says of a disk, as SQLite says it."""


def ledger_error(error: apsw.Error | OSError, path: Path) -> LedgerError:
    """Put a library's or the system's complaint about the file at `path` into words."""
    name = str(path)
    if isinstance(error, apsw.Error):
        for kind, code, sentence in _SENTENCES:
            if isinstance(error, kind):
                return LedgerError(sentence.format(path=name), code=code)
        return LedgerError(f"the ledger {name!r} cannot be used: {error}; check the disk it lies on", code="io")
    by_number = _NUMBERS.get(error.errno or 0)
    if by_number is not None:
        return ledger_error(by_number(error.strerror), path)
    match error:
        case PermissionError():
            return LedgerError(
                f"there is no permission to use the ledger {name!r}; grant it or set `[ledger] path` to another place",
                code="no-permission",
            )
        case NotADirectoryError() | FileNotFoundError() | FileExistsError() | IsADirectoryError():
            return LedgerError(
                f"the ledger {name!r} has no folder to lie in; create it or set `[ledger] path` to another place",
                code="no-folder",
            )
        case _:
            reason = error.strerror or str(error)
            return LedgerError(f"the ledger {name!r} cannot be used: {reason}; check the disk it lies on", code="io")
