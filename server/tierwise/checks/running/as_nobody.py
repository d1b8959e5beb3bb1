"""Runs a program as an unprivileged user, after binding what it needs to places that user can reach.

Used where the server runs as root: limits on processes do not hold for root, so the sandbox must not start as root. The
file is run as a script by a bare interpreter, therefore it imports nothing but the standard library.
"""

import base64
import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

NOBODY = 65534
CANNOT_DROP = 126
"""The exit code that says root could not become an unprivileged user."""

_CLONE_NEWNS = 0x00020000
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000


def encode(bound: Sequence[tuple[Path, Path]]) -> str:
    """Pairs of source and target as one command-line argument."""
    pairs = [[str(source), str(target)] for source, target in bound]
    return base64.b64encode(json.dumps(pairs).encode()).decode()


def main(arguments: Sequence[str]) -> None:
    """Bind the pairs in the first argument, then become nobody and run the rest of the arguments."""
    try:
        _bind(json.loads(base64.b64decode(arguments[0])))
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as error:
        sys.stderr.write(f"root cannot give up its rights here: {error.strerror}\n")
        raise SystemExit(CANNOT_DROP) from error
    os.execv(arguments[1], list(arguments[1:]))  # noqa: S606 - the arguments are the server's own


def _bind(pairs: Sequence[Sequence[str]]) -> None:
    """Bind mounts that only this process and its children see."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWNS))
    _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    for source, target in pairs:
        if Path(source).is_dir():
            Path(target).mkdir(parents=True, exist_ok=True)
        else:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(target).touch()
        _check(libc.mount(os.fsencode(source), os.fsencode(target), None, _MS_BIND | _MS_REC, None))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
