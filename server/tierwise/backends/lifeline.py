"""Run as a script: starts a command that ends when the process which asked for it ends, even by SIGKILL.

Usage: `python -I -S lifeline.py PARENT_PID [--watch] COMMAND...`. On Linux the kernel is told to kill the command with
its parent, and this process becomes the command. Elsewhere, and with `--watch`, this process stays between the two and
ends the command when its own standard input, a pipe from the parent, closes.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Become or watch the command; returns its exit code when watching."""
    parent, command = int(arguments[0]), arguments[1:]
    if command[0] == "--watch":
        return watch(command[1:])
    if not sys.platform.startswith("linux"):
        return watch(command)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return 1  # The parent ended before the kernel was told.
    os.execv(command[0], command)  # noqa: S606
    return 1


def watch(command: list[str]) -> int:
    """Run the command until it ends or standard input closes."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=kill_at_end_of_input, args=(child,), daemon=True).start()
    return child.wait()


def kill_at_end_of_input(child: "subprocess.Popen[bytes]") -> None:
    """Wait for the pipe to close, then kill."""
    while os.read(0, 4096):
        pass
    child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
