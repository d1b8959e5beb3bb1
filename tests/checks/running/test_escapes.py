"""Attempts to get out of the sandbox: none may have an effect outside or run on."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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


# Each piece of code says ESCAPED when it got what it wanted, and ends either way.
ATTEMPTS = {
    "network": "import socket; socket.create_connection(('198.51.100.1', 80), 2)",
    "name lookup": "import socket; socket.getaddrinfo('example.org', 80)",
    "loopback of the machine": "import socket; socket.create_connection(('127.0.0.1', PORT), 2)",
    "home": "assert any(os.listdir(p) for p in ('/root', '/home/user') if os.path.isdir(p) and p not in ALLOWED)",
    "another user's home": "import os; assert [d for d in os.listdir('/home') if d != 'user']",
    "ssh keys": "open(os.path.expanduser('~/.ssh/id_ed25519'))",
    "passwords": "open('/etc/passwd').read()",
    "the machine's temporary files": "assert os.path.exists(SECRET)",
    "the project's own folder": "open(os.path.join(ROOT, 'planted.txt'))",
    "write to the system": "open('/usr/escaped', 'w')",
    "write to the interpreter": "open(os.path.join(sys.base_prefix, 'escaped'), 'w')",
    "remount": "import ctypes; assert ctypes.CDLL(None).mount(None, b'/usr', None, 32, None) == 0",
    "new user namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "new network namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x40000000) == 0",
    "chroot": "os.chroot('/')",
    "become root": "os.setuid(0); assert os.getuid() == 0",
    "kill everything": "import signal; os.kill(PID, signal.SIGKILL)",
    "processes of the machine": "assert PID in [int(p) for p in os.listdir('/proc') if p.isdigit()]",
    "environment of the machine": "assert set(os.environ) - KNOWN",
    "docker": "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/var/run/docker.sock')",
    "bus": "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/dbus/system_bus_socket')",
    "device": "open('/dev/mem', 'rb')",
    "disk": "import glob; assert glob.glob('/dev/sd*') + glob.glob('/dev/vd*') + glob.glob('/dev/nvme*')",
    "raise the limits": "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (10_000, 10_000))",
    "memory": "x = bytearray(2**30)",
    "one big file": "f = open('big', 'wb'); [f.write(b'x' * 2**20) for _ in range(64)]",
    "many files": "[open(f'f{i}', 'wb').write(b'x' * 2**20) for i in range(64)]",
    "files in other places": "[open(f'/tmp/f{i}', 'wb').write(b'x' * 2**20) for i in range(64)]",
    "link to the outside": "os.symlink(SECRET, 'link'); open('link')",
    "trace": "import ctypes; assert ctypes.CDLL(None).ptrace(16, PID, 0, 0) == 0",
    "kernel module": "import ctypes; assert ctypes.CDLL(None).syscall(175, None, 0, b'') == 0",
    "terminal": "import fcntl, termios; fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), termios.TIOCSTI, b'x')",
    "host name": "import socket; socket.sethostname('escaped')",
    "clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
}

TAIL = "except BaseException as error:\n    print('held', type(error))"
KNOWN = {"VISIBLE", "PATH", "HOME", "LANG", "REPORT_FD", "PWD", "OLDPWD", "LC_CTYPE"}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_attempt(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    root = tmp_path / "project"
    root.mkdir()
    (root / "planted.txt").write_text("planted")
    names = {"SECRET": str(secret), "ROOT": str(root), "PID": os.getpid(), "ALLOWED": allowed(), "KNOWN": KNOWN}
    with listener() as port:
        head = "\n".join(f"{key} = {value!r}" for key, value in {**names, "PORT": port}.items())
        code = f"import os, sys\n{head}\ntry:\n    {ATTEMPTS[name]}\n    print('ESCAPED')\n{TAIL}"
        result = await run_python(sandbox, code, root)
    assert b"ESCAPED" not in result.output
    assert b"held" in result.output or result.exit_code != 0
    assert names_in(root) == ["planted.txt"]
    assert not any("escaped" in names_in(folder) for folder in (Path("/usr"), Path(sys.base_prefix)))


def names_in(folder: Path) -> list[str]:
    """What stands in a folder of this machine."""
    return [path.name for path in folder.iterdir()]


def allowed() -> list[str]:
    """Folders that hold the interpreter, and so are there with nothing else in them."""
    interpreter = own_interpreter()
    assert interpreter is not None
    return [str(parent) for folder in interpreter.folders for parent in folder.parents]


@contextmanager
def listener() -> Iterator[int]:
    """A server on this machine's loopback that takes whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_accept, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]


def _accept(server: socket.socket) -> None:
    try:
        server.accept()
    except OSError:
        return


async def test_given_files_are_there(sandbox: Sandbox, tmp_path: Path) -> None:
    result = await run_python(sandbox, "print(open('a/b.txt').read(), end='')", tmp_path)
    assert (result.exit_code, result.output) == (0, b"given")


async def test_written_files_are_gone(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "open('conftest.py', 'w').write('x'); open('a/b.txt', 'w').write('changed')"
    assert (await run_python(sandbox, code, tmp_path)).exit_code == 0
    result = await run_python(sandbox, "import os; print(os.listdir(), open('a/b.txt').read())", tmp_path)
    assert result.output == b"['a'] given\n"
    assert names_in(tmp_path) == []


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
