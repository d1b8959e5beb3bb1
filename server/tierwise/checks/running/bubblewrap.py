"""The sandbox made of bubblewrap: no network, no other files, bounded time, memory and processes."""

import asyncio
import contextlib
import os
import posixpath
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tierwise.checks.running import as_nobody
from tierwise.checks.running.processes import run_bounded
from tierwise.checks.running.runs import RunRequest, RunResult
from tierwise.checks.running.seccomp import filter_program

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
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a folder of a name of its own is made in it
# Limits are set inside, where only the processes of this run count. Shells name the limit of processes differently.
_START = """
umask 022
cp -RP /.source/. "$1" && cd "$1/$2" || exit 125
ulimit -v "$3" && ulimit -d "$4" && ulimit -t "$5" && ulimit -f "$6" && ulimit -n "$7" && ulimit -c 0 || exit 125
ulimit -u "$8" 2>/dev/null || ulimit -p "$8" || exit 125
shift 8
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
        n_bytes = sum(map(len, files.values()))
        place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="tierwise-", dir=_home_of_places(n_bytes)))
        try:
            await asyncio.to_thread(_lay_out, place, files, request.links)
            with _filter_of(place) as filter_fd:
                return await run_bounded(
                    lambda report_fd: self.arguments(place, request, command, (report_fd, filter_fd)),
                    request,
                    inherited=() if filter_fd is None else (filter_fd,),
                )
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    def arguments(
        self, place: Path, request: RunRequest, command: Sequence[str], descriptors: tuple[int, int | None]
    ) -> list[str]:
        """The command line that runs `command` on the files laid out in `place`.

        `descriptors` are the numbers under which it inherits the report's pipe and the filter of system calls.
        """
        mounts = [(place / "source", Path(_SOURCE)), (place / "hosts", Path("/etc/hosts"))]
        mounts += [(path, path) for path in request.readable]
        mounts += [(path, Path(seen_at)) for seen_at, path in request.mounted.items()]
        if os.geteuid() != 0:
            return [
                str(self.program),
                *_bubblewrap_arguments(mounts, request, descriptors),
                "--",
                *_start(request, command),
            ]
        # The unprivileged user may not be allowed to reach the sources, so root binds them to where it can.
        sources = [self.home, *(source for source, _ in mounts)]
        bound = [(source, place / "seen" / str(i)) for i, source in enumerate(sources)]
        home, *seen = [target for _, target in bound]
        reachable = [(source, target) for source, (_, target) in zip(seen, mounts, strict=True)]
        program = home / self.program.relative_to(self.home)
        inner = [str(program), *_bubblewrap_arguments(reachable, request, descriptors), "--", *_start(request, command)]
        return [sys.executable, "-I", "-S", as_nobody.__file__, as_nobody.encode(bound), *inner]


def _bubblewrap_arguments(
    mounts: Sequence[tuple[Path, Path]], request: RunRequest, descriptors: tuple[int, int | None]
) -> list[str]:
    report_fd, filter_fd = descriptors
    arguments = [*_ISOLATION, *(() if filter_fd is None else ("--seccomp", str(filter_fd)))]
    for folder in _SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            arguments += ["--ro-bind", folder, folder]
    for path_text in _SYSTEM_FILES:
        arguments += ["--ro-bind-try", path_text, path_text]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/tmp", "/home/user", str(request.root)):  # noqa: S108 - folders of the sandbox
        arguments += ["--size", str(request.limits.disk_bytes), "--tmpfs", folder]
    for source, target in mounts:
        arguments += ["--ro-bind", str(source), str(target)]
    # What holds the mounts is memory too, and nothing would bound its size.
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
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
        str(limits.memory_bytes // 1024) if limits.is_address_space_bounded else "unlimited",
        str(limits.memory_bytes // 1024),
        str(limits.cpu_s),
        str(limits.file_bytes // 512),
        str(limits.n_open_files),
        str(limits.n_processes),
    )
    return ["/bin/sh", "-c", _START, "sh", *settings, *command]


def _home_of_places(n_bytes: int) -> str | None:
    """Memory, where there is plenty: many small files take twenty times as long on a disk. None: wherever is usual."""
    try:
        space = os.statvfs(_SHARED_MEMORY)
    except OSError:
        return None
    is_plenty = 8 * (n_bytes + 2**20) < space.f_bavail * space.f_frsize
    return _SHARED_MEMORY if is_plenty and os.access(_SHARED_MEMORY, os.W_OK | os.X_OK) else None


def _lay_out(place: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    """Write the files where only the user of the sandbox can read them: the folder around them is his alone."""
    laying = _Laying(place)
    laying.write("hosts", b"127.0.0.1 localhost\n::1 localhost\n")
    program = filter_program()
    if program is not None:
        laying.write("filter", program)
    laying.folder("source")
    for name, content in files.items():
        laying.write(_inside(name), content)
    for name, target in links.items():
        path = _inside(name)
        laying.folder(posixpath.dirname(path))
        (place / path).symlink_to(target)
    if os.geteuid() == 0:
        os.chown(place, as_nobody.NOBODY, as_nobody.NOBODY)


class _Laying:
    """Files written below one folder, in modes that do not depend on how this process creates files."""

    def __init__(self, place: Path) -> None:
        self._place = str(place)
        self._made = {""}

    def folder(self, name: str) -> None:
        """Make a folder and those around it."""
        if name in self._made:
            return
        self.folder(posixpath.dirname(name))
        path = f"{self._place}/{name}"
        os.mkdir(path)  # noqa: PTH102 - there may be thousands
        os.chmod(path, 0o755)  # noqa: PTH101, S103 - the folder around it is closed
        self._made.add(name)

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        self.folder(posixpath.dirname(name))
        descriptor = os.open(f"{self._place}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            os.fchmod(descriptor, 0o644)
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{name!r} leads out of the folder")
    return f"source/{path}"


@contextlib.contextmanager
def _filter_of(place: Path) -> Iterator[int | None]:
    """The filter of system calls, opened; None on machines that have none."""
    file = place / "filter"
    if not file.is_file():
        yield None
        return
    descriptor = os.open(file, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def trial_command(sandbox: BubblewrapSandbox) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """A command that succeeds only where the whole sandbox can be made, and the descriptors it inherits."""
    place = Path(tempfile.mkdtemp(prefix="tierwise-"))
    try:
        _lay_out(place, {"probe": b""}, {})
        request = RunRequest(root=Path("/project"))
        with _filter_of(place) as filter_fd:
            command = sandbox.arguments(place, request, ["/bin/sh", "-c", "test -f probe"], (2, filter_fd))
            yield command, () if filter_fd is None else (filter_fd,)
    finally:
        shutil.rmtree(place, ignore_errors=True)
