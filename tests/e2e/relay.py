"""Stands where a process of ours is expected, and has a loaded one forked for its streams: see `e2e.loaded`.

Run as a program with the address of the one that forks and the command's arguments; kept to the cheapest imports, since
it is started very often.
"""

import array
import json
import os
import signal
import socket
import sys
from typing import NoReturn

MAX_REQUEST = 2**18
BROKEN = 70
"""The exit code of a session that never came to its own end."""


def ask(
    address: str, streams: list[int], env: dict[str, str], folder: str, arguments: list[str]
) -> tuple[socket.socket, int]:
    """Ask for a session on three descriptors: the line that will bring its exit code and ends it when it is closed,
    and its process."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_REQUEST)
    line.connect(address)
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams).tobytes())
    line.sendmsg([json.dumps([env, folder, arguments]).encode()], [rights])
    return line, int(line.recv(64))


def main(address: str, *arguments: str) -> NoReturn:
    """Have a session forked, and end as it ends."""
    line, pid = ask(address, [0, 1, 2], dict(os.environ), os.getcwd(), list(arguments))  # noqa: PTH109 - pathlib is not cheap.
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(pid, number))
    code = int(line.recv(64) or BROKEN)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
