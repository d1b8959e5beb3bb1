"""Waiting until other processes are through with the file, wherever SQLite waits itself and where it does not."""

import time
from collections.abc import Callable
from typing import TypeVar

import apsw

T = TypeVar("T")

BUSY_TIMEOUT_S = 10.0


class Patience:
    """Waits for other processes' transactions, looking again every few milliseconds; a connection's busy handler.

    SQLite's own waiting soon looks only ten times a second, and then misses every gap several busy writers leave.
    """

    def __init__(self, timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._deadline = 0.0

    def __call__(self, n_waits: int) -> bool:
        """Whether to try once more; `n_waits` counts from 0 for each lock."""
        now = time.monotonic()
        if n_waits == 0:
            self._deadline = now + self._timeout_s
        if self._deadline <= now:
            return False
        time.sleep((0.0005, 0.001, 0.003, 0.002)[n_waits % 4])
        return True


def patiently(call: Callable[[], T], patience: Callable[[int], bool]) -> T:
    """What `call` gives, tried again while the file is busy and `patience` lasts.

    For what never asks the connection's busy handler, which are checkpoints. Raises apsw.BusyError.
    """
    n_waits = 0
    while True:
        try:
            return call()
        except apsw.BusyError:
            if not patience(n_waits):
                raise
            n_waits += 1
