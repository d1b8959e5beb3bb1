"""Bringing what was committed to the disk a moment later, so that nobody waits for the disk before asking a model.

A commit is seen by every process at once and survives the end of any of them. Only a loss of power can take back what
was committed in the last moment, and of the log it takes only the end.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

SOON_S = 0.02
"""So long commits are gathered before the disk is bothered."""


def sync_log(path: Path) -> None:
    """Bring the log of the database at `path` to the disk. Raises OSError."""
    # Locks lie on the database and its index, so that closing the log gives none of them away.
    with contextlib.suppress(FileNotFoundError):
        log = os.open(path.with_name(f"{path.name}-wal"), os.O_RDWR)
        try:
            os.fsync(log)
        finally:
            os.close(log)


class Syncer:
    """Syncs once for all commits of a moment, in a thread."""

    def __init__(self, path: Path, sync: Callable[[Path], None] = sync_log) -> None:
        self._path = path
        self._sync = sync
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.problem: OSError | None = None
        """What the disk said last; the next commit tells the user."""

    def want(self) -> None:
        """Something was committed; returns at once."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(SOON_S, self._run)
                self._timer.daemon = True
                self._timer.start()

    def finish(self) -> None:
        """Sync what is still wanted, now."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            self._bring()

    def _run(self) -> None:
        with self._lock:
            self._timer = None
        self._bring()

    def _bring(self) -> None:
        try:
            self._sync(self._path)
        except OSError as err:
            self.problem = err
