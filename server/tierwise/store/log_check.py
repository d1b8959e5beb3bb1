"""Noticing damage in the middle of the log, which SQLite reads only as far as its checksums hold and passes over.

A log that merely ends early, as after a loss of power or a kill in the middle of a commit, is in order.
"""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import apsw

from tierwise.store.patience import patiently
from tierwise.store.places import free_name

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">4I8x")
_LITTLE_ENDIAN = 0x377F0682
_TORN = 1
"""A commit that was cut short can leave its mark, though nobody was told that it was through."""


def keep_damaged_log(path: Path, connection: apsw.Connection, patience: Callable[[int], bool]) -> str | None:
    """Put a log aside of which not all can be read, and say so; what can be read of it is in the file.

    A log that others keep busy for longer than `patience` lasts is said not to have been looked into. Raises apsw.Error
    and OSError.
    """
    try:
        n_lost = _lost_commits(path, connection, patience)
    except apsw.BusyError:
        # The ledger can be used all the same; only who looks into the log can tell whether it is whole.
        return (
            f"other programs kept the log of the ledger {str(path)!r} too busy to look into it, so nobody has checked "
            "whether bookings in it are lost; start Tierwise again later"
        )
    if not n_lost:
        return None
    log = path.with_name(f"{path.name}-wal")
    aside = free_name(log)
    shutil.copyfile(log, aside)
    return (
        f"the log of the ledger {str(path)!r} is damaged: {n_lost} of the newest bookings cannot be read and are in no "
        f"figure; it was kept as {aside.name!r}, so check the disk it lies on"
    )


def _lost_commits(path: Path, connection: apsw.Connection, patience: Callable[[int], bool]) -> int:
    """How many commits stand in the log behind a damaged place; 0: none that can be seen. Raises BusyError too."""
    log = path.with_name(f"{path.name}-wal")
    try:
        with log.open("rb") as file:
            header = file.read(_HEADER.size)
            commits = _commits(file.read(), header, connection.pragma("page_size"))
    except FileNotFoundError:
        return 0
    # Asked after the log was read, so that what others commit meanwhile is not taken for lost.
    n_valid = _n_valid_frames(connection, patience)
    with log.open("rb") as file:
        if file.read(_HEADER.size) != header:
            # Another process has begun the log anew meanwhile, so there was nothing wrong with it.
            return 0
    n_lost = sum(n_valid <= number for number in commits)
    return n_lost if _TORN < n_lost else 0


def _n_valid_frames(connection: apsw.Connection, patience: Callable[[int], bool]) -> int:
    # SQLite does not wait here while a writer is in the middle of telling of its commit, or has died there.
    n_valid, _ = patiently(lambda: connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP), patience)
    return n_valid


def _commits(frames: bytes, header: bytes, page_size: int) -> list[int]:
    """The numbers of the frames that end a commit of the log's present round; the database has pages of `page_size`."""
    if len(header) < _HEADER.size:
        return []
    fields = _HEADER.unpack(header)
    size = _FRAME.size + page_size
    salts = fields[4:6]
    if not _is_sound(header):
        # The first frame has the same salts as the header had.
        salts = _FRAME.unpack_from(frames)[2:4] if _FRAME.size <= len(frames) else salts
    found: list[int] = []
    for number in range(len(frames) // size):
        _, n_pages, *own = _FRAME.unpack_from(frames, number * size)
        if n_pages and tuple(own) == salts:
            found.append(number)
    return found


def _is_sound(header: bytes) -> bool:
    order = "<" if int.from_bytes(header[:4], "big") == _LITTLE_ENDIAN else ">"
    words = struct.unpack(f"{order}6I", header[:24])
    first = second = 0
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return (first, second) == _HEADER.unpack(header)[6:]
