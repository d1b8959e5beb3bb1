"""Noticing damage in the middle of the log, which SQLite reads only as far as its checksums hold and passes over.

A log that merely ends early, as after a loss of power or a kill in the middle of a commit, is in order.
"""

import struct
from pathlib import Path

import apsw

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">4I8x")
_LITTLE_ENDIAN = 0x377F0682
_TORN = 1
"""A commit that was cut short can leave its mark, though nobody was told that it was through."""


def lost_commits(path: Path, connection: apsw.Connection) -> int:
    """How many commits stand in the log of the database at `path` behind a damaged place; 0: none that can be seen.

    The connection has read from the file before. Raises apsw.Error and OSError.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        with log.open("rb") as file:
            header = file.read(_HEADER.size)
            commits = _commits(file.read(), header)
    except FileNotFoundError:
        return 0
    # Asked after the log was read, so that what others commit meanwhile is not taken for lost.
    connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
    n_valid, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
    with log.open("rb") as file:
        if file.read(_HEADER.size) != header:
            # Another process has begun the log anew meanwhile, so there was nothing wrong with it.
            return 0
    n_lost = sum(n_valid <= number for number in commits)
    return n_lost if _TORN < n_lost else 0


def _commits(frames: bytes, header: bytes) -> list[int]:
    """The numbers of the frames that end a commit of the log's present round."""
    if len(header) < _HEADER.size:
        return []
    fields = _HEADER.unpack(header)
    size = _FRAME.size + fields[2]
    salts = fields[4:6]
    if not _is_sound(header):
        # The first frame has the same salts as the header had, and the page size must be believed or guessed.
        size = _FRAME.size + (fields[2] if fields[2] in _PAGE_SIZES else _USUAL_PAGE)
        salts = _FRAME.unpack_from(frames)[2:4] if _FRAME.size <= len(frames) else salts
    found: list[int] = []
    for number in range(len(frames) // size):
        _, n_pages, *own = _FRAME.unpack_from(frames, number * size)
        if n_pages and tuple(own) == salts:
            found.append(number)
    return found


_USUAL_PAGE = 4096
_PAGE_SIZES = frozenset(1 << bits for bits in range(9, 17))


def _is_sound(header: bytes) -> bool:
    order = "<" if int.from_bytes(header[:4], "big") == _LITTLE_ENDIAN else ">"
    words = struct.unpack(f"{order}6I", header[:24])
    first = second = 0
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return (first, second) == _HEADER.unpack(header)[6:]
