"""Telling whether the process that began something still runs, even when its number was given out again."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


def _steady_clock() -> Callable[[], int]:
    # Linux' other steady clock stands still while the machine sleeps; elsewhere there is only one.
    number = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns if number is None else lambda: time.clock_gettime_ns(number)


nanoseconds_since_boot = _steady_clock()
"""A clock that only goes forward and that all processes of a boot share."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process of one boot of one machine."""

    boot: str
    """The boot's id; empty where the system has none to offer."""
    namespace: str
    """The namespace its number counts in, so that containers are not mixed up; empty where there are none."""
    pid: int
    started: str
    """When it started, in the system's own unit; empty where that cannot be told."""

    def __str__(self) -> str:
        return f"{self.boot} {self.namespace} {self.pid} {self.started}"


def parse_identity(text: str) -> ProcessIdentity | None:
    """Read back what `str()` of an identity gave; None for anything else."""
    match text.split(" "):
        case [boot, namespace, pid, started] if pid.isascii() and pid.isdigit():
            return ProcessIdentity(boot, namespace, int(pid), started)
        case _:
            return None


def own_identity() -> ProcessIdentity:
    """The process that asks."""
    pid = os.getpid()
    return ProcessIdentity(boot_id(), _namespace(), pid, _start_time(pid))


def is_running(identity: ProcessIdentity) -> bool | None:
    """Whether that very process still runs; None: it cannot be told from here."""
    if identity.boot != boot_id():
        return False
    if identity.namespace != _namespace() or sys.platform == "win32":
        # A number of another container means nothing here, and Windows' os.kill would end the process.
        return None
    try:
        os.kill(identity.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    started = _start_time(identity.pid)
    if not started or not identity.started:
        return None
    return started == identity.started


@cache
def boot_id() -> str:
    """The id of this boot; empty where the system has none to offer."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start_time(pid: int) -> str:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The program's name stands in parentheses and may itself hold spaces and parentheses.
    fields = status.rpartition(")")[2].split()
    is_zombie = fields[0] == "Z"
    return "ended" if is_zombie else fields[19]
