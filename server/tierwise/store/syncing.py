"""Bringing what was committed to the disk a moment later, so that nobody waits for the disk before asking a model.

A commit is seen by every process at once and survives the end of any of them. Only a loss of power can take back what
was committed in the last moment, and of the log it takes only the end.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

SOON_S = 0.02
"""So long commits are gathered before the disk is bothered."""
IDLE_S = 5.0
"""The thread ends when nothing was committed for so long: starting one costs more than a commit."""


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
    """Syncs once for all commits of a moment, in a thread that lives as long as there are commits now and then."""

    def __init__(self, path: Path, sync: Callable[[Path], None] = sync_log) -> None:
        self._path = path
        self._sync = sync
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._is_wanted = False
        self._is_running = False
        self._is_over = False
        self.problem: OSError | None = None
        """What the disk said last; the next commit tells the user."""

    def want(self) -> None:
        """Something was committed; returns at once."""
        # Whoever sets it back takes the log as it is after that, so the commit before this look is in it.
        if self._is_wanted:
            return
        with self._lock:
            self._is_wanted, self._is_over = True, False
            if self._is_running:
                self._news.notify()
                return
            self._is_running = True
            threading.Thread(target=self._run, name="tierwise-sync", daemon=True).start()

    def finish(self) -> None:
        """Sync what is still wanted, now."""
        with self._lock:
            is_wanted, self._is_wanted = self._is_wanted, False
            self._is_over = True
            self._news.notify()
        if is_wanted:
            self._bring()

    def _run(self) -> None:
        while True:
            time.sleep(SOON_S)
            with self._lock:
                is_wanted, self._is_wanted = self._is_wanted, False
            if is_wanted:
                self._bring()
            with self._lock:
                self._news.wait_for(lambda: self._is_wanted or self._is_over, IDLE_S)
                if not self._is_wanted:
                    self._is_running = False
                    return

    def _bring(self) -> None:
        try:
            self._sync(self._path)
        except OSError as err:
            self.problem = err
