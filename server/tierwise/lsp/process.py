"""The server as a process: its streams, its parent, its children, its end.

Imports nothing but the standard library's cheapest, because it runs before everything else.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_POLL_S = 0.5


def claim_standard_streams() -> tuple[int, int]:
    """Take the protocol's two descriptors away from everybody else and return them (input, output).

    Afterwards a `print`, a C library or a child that writes to standard output reaches standard error, and a child that
    reads standard input finds it empty.
    """
    protocol_in, protocol_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        # Somebody started us with standard error closed.
        os.dup2(null, 1)
        os.dup2(null, 2)
    os.close(null)
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        msvcrt.setmode(protocol_in, os.O_BINARY)
        msvcrt.setmode(protocol_out, os.O_BINARY)
    return protocol_in, protocol_out


def lead_own_group() -> None:
    """Make this process the leader of its own group, so that `end_process` reaches every child."""
    if sys.platform != "win32":
        try:
            os.setpgid(0, 0)
        except OSError:
            # A session leader already leads its group, and that is all we want.
            return


def end_process(code: int) -> NoReturn:
    """End this process now, children first; does not return.

    Threads that wait in a system call cannot hold it up, as they could hold up the interpreter's ordinary end.
    """
    sys.stderr.flush()
    if sys.platform != "win32" and os.getpgid(0) == os.getpid():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
    os._exit(code)


def share_one_heap() -> None:
    """Keep glibc from giving each thread a heap of its own, which costs megabytes for a handful of short tasks.

    Works only before the first thread has been started.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415

    max_arenas = -8
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(max_arenas, 1)


def settle_memory() -> None:
    """Drop what importing left over, and look at what stays never again: it would cost a pause each time."""
    gc.collect()
    gc.freeze()
    gc.enable()


def is_alive(pid: int) -> bool:
    """Whether a process exists and has not ended; a process nobody has waited for yet counts as ended."""
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state not in (b"Z", b"X")


def watch_process(pid: int, on_gone: Callable[[], None]) -> bool:
    """Call `on_gone` from a thread of its own once the process has ended; the return says whether it is watched.

    A process that cannot be seen now, as from inside a container, is not watched: its end would be announced at once.
    """
    if pid <= 1 or not is_alive(pid):
        return False
    never = threading.Event()

    def watch() -> None:
        while is_alive(pid):
            never.wait(_POLL_S)
        on_gone()

    threading.Thread(target=watch, name="tierwise-parent", daemon=True).start()
    return True


def _is_alive_on_windows(pid: int) -> bool:
    if sys.platform != "win32":
        raise OSError("asked for a Windows process elsewhere")
    import ctypes  # noqa: PLC0415

    synchronize, still_running = 0x00100000, 0x102
    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_running)
    finally:
        kernel.CloseHandle(handle)
