"""The sandbox made of bubblewrap: no network, no other files, bounded time, memory and processes."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tierwise.checks.running import as_nobody
from tierwise.checks.running.processes import run_bounded
from tierwise.checks.running.runs import RunRequest, RunResult

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
_ISOLATION = (
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
)
_SOURCE = "/.source"
# Limits are set inside, where only the processes of this run count. Shells name the limit of processes differently.
_START = """
umask 022
cp -R /.source/. "$1" && cd "$1/$2" || exit 125
ulimit -v "$3"; ulimit -t "$4"; ulimit -f "$5"; ulimit -n "$6"
ulimit -u "$7" 2>/dev/null || ulimit -p "$7" || exit 125
ulimit -c 0
shift 7
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class BubblewrapSandbox:
    """Runs commands under one bubblewrap program."""

    program: Path
    home: Path
    """The folder that holds the program and the libraries it brings along."""

    async def run(self, command: Sequence[str], files: Mapping[str, bytes], request: RunRequest) -> RunResult:
        """Run `command` with a copy of `files` under `request.root`; nothing it does outlives the run.

        `files` maps paths relative to the root to contents. Raises OSError when the program cannot be started and
        ValueError for a path that leads out of the root. Cancelling the task kills everything.
        """
        place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="tierwise-"))
        try:
            await asyncio.to_thread(_lay_out, place, files)
            return await run_bounded(lambda report_fd: self.arguments(place, request, command, report_fd), request)
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    def arguments(self, place: Path, request: RunRequest, command: Sequence[str], report_fd: int) -> list[str]:
        """The command line that runs `command` on the files laid out in `place`."""
        mounts = [(place / "source", Path(_SOURCE)), *((path, path) for path in request.readable)]
        if os.geteuid() != 0:
            return [
                str(self.program),
                *_bubblewrap_arguments(mounts, request, report_fd),
                "--",
                *_start(request, command),
            ]
        # The unprivileged user may not be allowed to reach the sources, so root binds them to where it can.
        sources = [self.home, *(source for source, _ in mounts)]
        bound = [(source, place / "seen" / str(i)) for i, source in enumerate(sources)]
        home, *seen = [target for _, target in bound]
        reachable = [(source, target) for source, (_, target) in zip(seen, mounts, strict=True)]
        program = home / self.program.relative_to(self.home)
        inner = [str(program), *_bubblewrap_arguments(reachable, request, report_fd), "--", *_start(request, command)]
        return [sys.executable, "-I", "-S", as_nobody.__file__, as_nobody.encode(bound), *inner]


def _bubblewrap_arguments(mounts: Sequence[tuple[Path, Path]], request: RunRequest, report_fd: int) -> list[str]:
    arguments = [*_ISOLATION]
    for folder in _SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            arguments += ["--ro-bind", folder, folder]
    for path_text in _SYSTEM_FILES:
        arguments += ["--ro-bind-try", path_text, path_text]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/tmp", "/home/user", str(request.root)):  # noqa: S108 - a folder of the sandbox
        arguments += ["--size", str(request.limits.disk_bytes), "--tmpfs", folder]
    for source, target in mounts:
        arguments += ["--ro-bind", str(source), str(target)]
    environment = {
        **request.environment,
        "PATH": "/usr/bin:/bin",
        "HOME": "/home/user",
        "LANG": "C.UTF-8",
        "REPORT_FD": str(report_fd),
    }
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--chdir", "/"]


def _start(request: RunRequest, command: Sequence[str]) -> list[str]:
    limits = request.limits
    settings = (
        str(request.root),
        request.cwd,
        str(limits.memory_bytes // 1024),
        str(limits.cpu_s),
        str(limits.file_bytes // 512),
        str(limits.n_open_files),
        str(limits.n_processes),
    )
    return ["/bin/sh", "-c", _START, "sh", *settings, *command]


def _lay_out(place: Path, files: Mapping[str, bytes]) -> None:
    """Write the files where only the user of the sandbox can read them."""
    source = place / "source"
    source.mkdir()
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{name!r} leads out of the folder")
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if os.geteuid() == 0:
        for folder, _, names in os.walk(place):
            os.chown(folder, as_nobody.NOBODY, as_nobody.NOBODY)
            for name in names:
                os.chown(Path(folder) / name, as_nobody.NOBODY, as_nobody.NOBODY)


@contextlib.contextmanager
def trial_command(sandbox: BubblewrapSandbox) -> Iterator[list[str]]:
    """A command that succeeds only where the whole sandbox can be made."""
    place = Path(tempfile.mkdtemp(prefix="tierwise-"))
    try:
        _lay_out(place, {"probe": b""})
        yield sandbox.arguments(place, RunRequest(root=Path("/project")), ["/bin/sh", "-c", "test -f probe"], 2)
    finally:
        shutil.rmtree(place, ignore_errors=True)
