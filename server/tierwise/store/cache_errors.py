"""What can go wrong with the reply cache's file, in words for its owner. None of it stops an action."""

import errno
from pathlib import Path

import apsw


class CacheError(Exception):
    """The cache cannot be opened, read or written; `words` is one sentence for the user, `code` a stable word.

    After "damaged" a new file stands in the old one's place and can be used; "locked" may be over in a moment.
    """

    def __init__(self, words: str, *, code: str) -> None:
        super().__init__(words)
        self.words = words
        self.code = code


_GO_ON = "nothing is answered from it for now"
DAMAGE = (apsw.NotADBError, apsw.CorruptError, apsw.FormatError, apsw.SQLError)
"""Our statements never change, so one that cannot be understood stands before tables that are not ours any more."""
_SENTENCES: tuple[tuple[tuple[type[apsw.Error], ...], str, str], ...] = (
    ((apsw.FullError,), "disk-full", "the disk is full, so the reply cache {path!r} cannot be written and " + _GO_ON),
    (
        (apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError, apsw.CantOpenError),
        "no-permission",
        "the reply cache {path!r} may not be written, so " + _GO_ON + "; make it and its folder writable",
    ),
    (
        (apsw.BusyError, apsw.LockedError, apsw.ProtocolError),
        "locked",
        "the reply cache {path!r} is locked by another program, so " + _GO_ON + "; close that program",
    ),
    (
        DAMAGE,
        "damaged",
        "the reply cache {path!r} was damaged, so it was begun anew; check the disk it lies on",
    ),
)
_NUMBERS = {
    errno.EACCES: apsw.PermissionsError,
    errno.EPERM: apsw.PermissionsError,
    errno.EROFS: apsw.ReadOnlyError,
    errno.ENOSPC: apsw.FullError,
    errno.EISDIR: apsw.CantOpenError,
    errno.ENOTDIR: apsw.CantOpenError,
    errno.EEXIST: apsw.CantOpenError,
    errno.ENOENT: apsw.CantOpenError,
    getattr(errno, "EDQUOT", errno.ENOSPC): apsw.FullError,
}
"""What the system says of a file, as SQLite says it."""


def is_damage(error: apsw.Error | OSError) -> bool:
    """Whether the file itself is broken."""
    return isinstance(error, DAMAGE)


def cache_error(error: apsw.Error | OSError, path: Path) -> CacheError:
    """A library's or the system's complaint about the file at `path`, in words."""
    if isinstance(error, OSError):
        kind = _NUMBERS.get(error.errno or 0)
        if kind is not None:
            return cache_error(kind(error.strerror), path)
        reason = error.strerror or str(error)
        return CacheError(f"the reply cache {str(path)!r} cannot be used ({reason}), so {_GO_ON}", code="io")
    for kinds, code, sentence in _SENTENCES:
        if isinstance(error, kinds):
            return CacheError(sentence.format(path=str(path)), code=code)
    return CacheError(f"the reply cache {str(path)!r} cannot be used ({error}), so {_GO_ON}", code="io")


def newer(path: Path) -> CacheError:
    """The file was made by a newer Tierwise."""
    words = f"the reply cache {str(path)!r} belongs to a newer Tierwise, so {_GO_ON}; update this one"
    return CacheError(words, code="newer-schema")


def foreign(path: Path) -> CacheError:
    """The file is somebody else's."""
    return CacheError(f"{str(path)!r} is another program's database, so {_GO_ON}; move that file away", code="foreign")


def unsound(path: Path, why: str) -> CacheError:
    """The file would lie where windows cannot share it."""
    return CacheError(f"the reply cache {str(path)!r} is not used, because {why}", code="unsound")
