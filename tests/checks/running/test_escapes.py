"""Attempts to get out of the sandbox: none may have an effect outside or run on."""

import asyncio
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checks.running.escapes import ATTEMPTS, WITHOUT_EFFECT
from tierwise.checks.running.interpreters import own_interpreter
from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox

LIMITS = Limits(timeout_s=20, memory_bytes=2**29, disk_bytes=2**24, file_bytes=2**24, n_processes=32)


async def run_python(sandbox: Sandbox, code: str, root: Path, limits: Limits = LIMITS) -> RunResult:
    """Run a piece of Python in the sandbox, on the server's own interpreter."""
    interpreter = own_interpreter()
    assert interpreter is not None
    request = RunRequest(root=root, readable=interpreter.folders, limits=limits, environment={"VISIBLE": "yes"})
    return await sandbox.run([str(interpreter.program), "-I", "-c", code], {"a/b.txt": b"given"}, request)


TAIL = "except BaseException as error:\n    print('held', type(error))"
KNOWN = {"VISIBLE", "PATH", "HOME", "LANG", "REPORT_FD", "PWD", "OLDPWD", "LC_CTYPE"}
FAULTS = (b"SyntaxError", b"NameError", b"TypeError", b"AttributeError", b"ImportError", b"IndentationError")
"""What would show that an attempt was not made at all."""
QUICK = {"network", "abstract socket", "home", "inherited descriptors", "keys of the session", "memory", "new rights"}


def by_speed(names: Iterable[str]) -> list[Any]:
    """All cases, of which a few run every time."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


@dataclass(frozen=True)
class Outside:
    """This machine with something to steal, to reach and to damage."""

    root: Path
    names: Mapping[str, object]

    def program(self, code: str) -> str:
        """An attempt with the names it is given."""
        head = "\n".join(f"{key} = {value!r}" for key, value in self.names.items())
        return f"import os, sys\n{head}\ntry:\n    {code}\n    print('ESCAPED')\n{TAIL}"

    def check_unharmed(self) -> None:
        """Nothing has changed."""
        assert sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*")) == [
            "a",
            "a/b.txt",
            "planted.txt",
        ]
        assert (self.root / "a" / "b.txt").read_text() == "real"
        places = [Path("/"), Path("/usr"), Path("/dev"), Path(sys.base_prefix), *map(Path, site.getsitepackages())]
        assert not [name for place in places for name in names_in(place) if name.startswith("escaped")]
        for file in ("/tmp/tierwise-escaped", "/dev/shm/tierwise-escaped"):  # noqa: S108
            assert not Path(file).exists()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """The machine as the attempts find it."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    root = tmp_path / "project"
    (root / "a").mkdir(parents=True)
    (root / "a" / "b.txt").write_text("real")
    (root / "planted.txt").write_text("planted")
    name = f"tierwise-{os.getpid()}-{time.monotonic_ns()}"
    with (
        tempfile.TemporaryDirectory(prefix="tw") as short,
        listener(("127.0.0.1", 0)) as port,
        listener(f"\0{name}"),
        listener(f"{short}/s"),
    ):
        names = {"SECRET": str(secret), "ROOT": str(root), "PID": os.getpid(), "ALLOWED": allowed(), "KNOWN": KNOWN}
        yield Outside(root, {**names, "PORT": port[1], "ABSTRACT": f"\0{name}", "SOCKET": f"{short}/s"})


def test_there_are_enough_of_them() -> None:
    assert len(ATTEMPTS) + len(WITHOUT_EFFECT) >= 45
    assert set(ATTEMPTS) >= QUICK


@pytest.mark.parametrize("name", by_speed(ATTEMPTS))
async def test_attempt(name: str, sandbox: Sandbox, outside: Outside) -> None:
    result = await run_python(sandbox, outside.program(ATTEMPTS[name]), outside.root)
    assert b"ESCAPED" not in result.output
    assert b"held" in result.output or result.exit_code != 0
    assert not any(fault in result.output for fault in FAULTS), result.output
    outside.check_unharmed()


@pytest.mark.parametrize("name", by_speed(WITHOUT_EFFECT))
async def test_what_happens_inside_stays_inside(name: str, sandbox: Sandbox, outside: Outside) -> None:
    await run_python(sandbox, outside.program(WITHOUT_EFFECT[name]), outside.root)
    outside.check_unharmed()


@pytest.mark.parametrize("name", ["loopback of the machine", "abstract socket", "environment of the machine"])
async def test_the_attempts_are_real(name: str, outside: Outside) -> None:
    """What the sandbox holds back is there to be had without it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", outside.program(ATTEMPTS[name])),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "SOMETHING": "more"},
    )
    output, _ = await process.communicate()
    assert b"ESCAPED" in output


def names_in(folder: Path) -> list[str]:
    """What stands in a folder of this machine."""
    return [path.name for path in folder.iterdir()]


def allowed() -> list[str]:
    """Folders that hold the interpreter, and so are there with nothing else in them."""
    interpreter = own_interpreter()
    assert interpreter is not None
    return [str(parent) for folder in interpreter.folders for parent in folder.parents]


@contextmanager
def listener(address: Any) -> Iterator[Any]:
    """A server on this machine that takes whoever comes, and its address."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as server:
        server.bind(address)
        server.listen()
        yield server.getsockname()


async def test_given_files_are_there(sandbox: Sandbox, tmp_path: Path) -> None:
    result = await run_python(sandbox, "print(open('a/b.txt').read(), end='')", tmp_path)
    assert (result.exit_code, result.output) == (0, b"given")


async def test_written_files_are_gone(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "open('conftest.py', 'w').write('x'); open('a/b.txt', 'w').write('changed')"
    assert (await run_python(sandbox, code, tmp_path)).exit_code == 0
    result = await run_python(sandbox, "import os; print(os.listdir(), open('a/b.txt').read())", tmp_path)
    assert result.output == b"['a'] given\n"
    assert names_in(tmp_path) == []


async def test_all_processes_together_are_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
import os, time
for i in range(8):
    if os.fork() == 0:
        held = bytearray(os.urandom(1)) * (100 * 2**20)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
    limits = replace(LIMITS, timeout_s=50, total_memory_bytes=300 * 2**20)
    result = await run_python(sandbox, code, tmp_path, limits)
    assert result.is_memory_spent
    assert not result.is_timed_out
    assert result.duration_s < 40


async def test_a_fork_bomb_is_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
import os, time
n = 0
try:
    while n < 500:
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
        n += 1
except OSError:
    pass
print(n)
"""
    result = await run_python(sandbox, code, tmp_path)
    assert int(result.output) < LIMITS.n_processes


async def test_a_forever_sleeping_run_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import signal, time\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\ntime.sleep(1000)"
    result = await run_python(sandbox, code, tmp_path, Limits(timeout_s=1.5))
    assert result.is_timed_out
    assert result.exit_code is None
    assert result.duration_s < 10


async def test_endless_output_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    result = await run_python(sandbox, "while True: print('x' * 1000)", tmp_path)
    assert result.is_output_cut
    assert not result.is_timed_out
    assert len(result.output) <= LIMITS.output_bytes


async def test_daemons_die_with_the_run(sandbox: Sandbox, tmp_path: Path) -> None:
    mark = f"tierwise-daemon-{os.getpid()}-{time.monotonic_ns()}"
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000 + 0 * len({mark!r}))
    os._exit(0)
print('left')
"""
    result = await run_python(sandbox, code, tmp_path)
    assert b"left" in result.output
    assert mark.encode() not in b"".join(_command_lines())


def _command_lines() -> list[bytes]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                found.append((folder / "cmdline").read_bytes())
            except OSError:
                continue
    return found


@pytest.mark.parametrize("path", ["../out.txt", "/etc/out.txt", "a/../../out.txt", ""])
async def test_paths_out_of_the_folder_are_refused(sandbox: Sandbox, tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        await sandbox.run(["/bin/true"], {path: b"x"}, RunRequest(root=tmp_path))


async def test_the_report_comes_back_apart_from_the_output(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import os; print('said'); os.write(int(os.environ['REPORT_FD']), b'reported')"
    result = await run_python(sandbox, code, tmp_path)
    assert (result.output, result.report) == (b"said\n", b"reported")


async def test_the_run_is_an_ordinary_user(sandbox: Sandbox, tmp_path: Path) -> None:
    result = await run_python(sandbox, "import os; print(os.getuid())", tmp_path)
    assert int(result.output) == (65534 if os.geteuid() == 0 else os.geteuid())


REACHABLE = """
mount --make-rprivate /
place=$(mktemp -d)
i=0
for folder in $FOLDERS; do i=$((i + 1)); mkdir $place/$i; mount --bind $folder $place/$i; done
for folder in $CLOSED; do mount -t tmpfs none $folder; chmod 755 $folder; done
i=0
for folder in $FOLDERS; do i=$((i + 1)); mkdir -p $folder; mount --bind $place/$i $folder; done
exec runuser -u nobody -- "$@"
"""
"""Lets an ordinary user into folders below ones that are closed to him, for the processes of this script alone."""


@pytest.mark.slow
def test_all_of_this_holds_for_an_ordinary_user() -> None:
    """Limits on processes do not hold for root, and user namespaces are made in another way."""
    if os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user already")
    if shutil.which("runuser") is None or shutil.which("unshare") is None:
        pytest.skip("there is no runuser to become an ordinary user with; install util-linux")
    interpreter = own_interpreter()
    assert interpreter is not None
    folders = {Path(__file__).parents[3], Path(sys.prefix), *interpreter.folders}
    closed = {above for folder in folders for above in folder.parents if not above.stat().st_mode & 0o001}
    place = f"/tmp/tierwise-nobody-{os.getpid()}"  # noqa: S108 - where nobody may write
    tests = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "not ordinary_user"]
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", REACHABLE, "sh", *tests],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={
            "PATH": os.environ["PATH"],
            "FOLDERS": " ".join(map(str, sorted(folders))),
            "CLOSED": " ".join(map(str, sorted(closed))),
            "PYTEST_ADDOPTS": f"--rootdir={Path(__file__).parents[3]} --basetemp={place}",
        },
    )
    shutil.rmtree(place, ignore_errors=True)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]
    assert "passed" in ended.stdout
    assert "skipped" not in ended.stdout
