"""The command line in hostile folders: one process that has loaded everything, and a child of it for each command."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Self

HOST = """\
import gc, importlib, json, os, sys
from tierwise.cli import app
for name in sys.argv[1:]:
    importlib.import_module(name)
# What is there now no child has to look at again, nor to copy for that.
gc.collect()
gc.freeze()
for line in sys.stdin:
    command, folder = json.loads(line)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        sys.argv = ["tierwise", *command]
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        try:
            app.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException as error:
            sys.stderr.write(f"{command}: {error!r}")
            code = 70
        sys.stderr.flush()
        os._exit(code or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


MODULES = ("tierwise.cli.actions", "tierwise.cli.diagnosing", "tierwise.cli.configuring", "tierwise.cli.stats")


class CommandLine:
    """Runs commands in folders; the code each ended with."""

    def __init__(self, environment: dict[str, str], errors: Path, modules: Iterable[str] = MODULES) -> None:
        """`modules` are loaded once; what else a command needs each child loads itself."""
        self._errors = errors.open("wb")
        self._host = subprocess.Popen(
            [sys.executable, "-P", "-c", HOST, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._host.communicate(timeout=60)
        self._errors.close()

    def run(self, folder: Path, *command: str) -> int:
        """Run one command."""
        assert self._host.stdin is not None
        assert self._host.stdout is not None
        self._host.stdin.write(json.dumps([command, str(folder)]) + "\n")
        self._host.stdin.flush()
        return int(self._host.stdout.readline())
