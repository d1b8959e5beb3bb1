"""Sends the rows of a ledger to its team's server in the background, never on the way of an action."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.team_pushing import push
from tierwise.store.team_state import read_state, write_state

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer

PROBLEM, SINCE = "problem", "problem-since"
"""Under these names the ledger keeps what keeps its rows from the server, and since when; empty: nothing."""
_GATHER_S = 0.5
"""So long rows are gathered before they are sent."""
_IDLE_S = 60.0
"""After so long it is looked for what a process that died left to be sent."""
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 300.0


class Pusher:
    """One thread, started by the first row there is to send."""

    def __init__(
        self, database: Database, open_server: Callable[[], "TeamServer"], *, member: str = "", batch_s: float = 10.0
    ) -> None:
        """`open_server` may take its time and raise TeamError; it is called in the thread."""
        self._database = database
        self._open_server = open_server
        self._member = member
        self._batch_s = batch_s
        self._server: TeamServer | None = None
        self._pause_s = 0.0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self.problem: str | None = None
        """Why the last try failed, in a sentence; None when it did not."""

    def wake(self) -> None:
        """There may be something to send; returns at once."""
        self._wanted.set()
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="tierwise-team", daemon=True)
                self._thread.start()

    def close(self, longest_s: float) -> None:
        """Send what waits, unless the server cannot be reached anyway, and end; waits `longest_s` seconds at most."""
        self._closing.set()
        self._wanted.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(longest_s)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._wanted.wait(_IDLE_S)
                self._closing.wait(max(_GATHER_S, self._pause_s))
                self._wanted.clear()
                if not (self._closing.is_set() and self._pause_s):
                    self._try()
        finally:
            if self._server is not None:
                self._server.close()

    def _try(self) -> None:
        try:
            if self._server is None:
                self._server = self._open_server()
            push(self._database, self._server, member=self._member, longest_s=self._batch_s)
        except LedgerError as err:
            self.problem = err.words
            self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
            # It is tried again although nothing new may come.
            self._wanted.set()
        else:
            self.problem, self._pause_s = None, 0.0
        note_problem(self._database, self.problem)


def note_problem(database: Database, words: str | None) -> None:
    """Keep for everybody who asks what keeps rows from the server, and since when; None: nothing does any more."""
    try:
        with database.read() as connection:
            known = read_state(connection, PROBLEM) or ""
        if known == (words or ""):
            return
        with database.write() as connection:
            write_state(connection, PROBLEM, words or "")
            if words and not known:
                write_state(connection, SINCE, str(time.time_ns() // 1000))
    except LedgerError:
        # What is wrong with the file is said by whoever books next.
        return
