"""The programs of this machine that can run a case's tests, and how they are called."""

import functools
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tierwise.checks.running.interpreters import own_interpreter
from tierwise.checks.running.programs import find_go, find_node
from tierwise.config.eval_cases import CaseTests
from tierwise.text import Rejection

_ASK_S = 20.0
_BUILT = "/tmp/built"  # noqa: S108 - a folder of the sandbox
_GO_CACHE, _GO_LINKED = "/.go/cache", "/tmp/cache"  # noqa: S108 - a folder of the sandbox
_LINK_ALL = f"mkdir -p {_GO_LINKED} && cp -Rs {_GO_CACHE}/. {_GO_LINKED}/ 2>/dev/null; "
_GO_ENVIRONMENT = {
    "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off", "GOFLAGS": "",
    "GOPATH": "/home/user/go", "GOCACHE": _GO_LINKED,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a case's tests are started in the sandbox."""

    command: tuple[str, ...]
    folders: tuple[Path, ...] = ()
    """What the command reads besides the system's own folders."""
    mounted: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    erases_types: bool = False
    """Whether TypeScript files are laid out as JavaScript."""
    must_say_ok: bool = True


def launch_of(tests: CaseTests) -> Launch | Rejection:
    """How to run the tests of a case here, or what is missing; asks programs on the search path, so for a thread."""
    return _LAUNCHES[tests.runner](tests.run)


def _python(run: str) -> Launch | Rejection:
    python = own_interpreter()
    if python is None:
        return _missing("Python", "it runs this program, so it should be there")
    start = f"import sys, runpy; sys.path.insert(0, '.'); runpy.run_path({run!r}, run_name='__main__')"
    return Launch(command=(str(python.program), "-I", "-B", "-c", start), folders=python.folders)


def _node(run: str) -> Launch | Rejection:
    node = find_node()
    if node is None:
        return _missing("Node", "install Node 20 or newer")
    return Launch(command=(str(node.program), run), folders=node.folders)


def _typescript(run: str) -> Launch | Rejection:
    """Types are taken out, which works on every Node; what has to be compiled, such as an enum, is not run."""
    launch = _node(re.sub(r"\.(m?)ts$", r".\1js", run))
    if isinstance(launch, Rejection):
        return launch
    return Launch(command=launch.command, folders=launch.folders, erases_types=True)


def _go(run: str) -> Launch | Rejection:
    go = find_go()
    if go is None:
        return _missing("Go", "install Go 1.21 or newer")
    folder = PurePosixPath(run).parent
    # With no alarm of its own set, Go sees at once when all goroutines wait for each other.
    test = f"cd {_quoted(str(folder))} && exec {_quoted(str(go.program))} test -vet=off -count=1 -timeout=0 ."
    mounted = {} if go.cache is None else {_GO_CACHE: go.cache}
    linked = _LINK_ALL if mounted else ""
    command = ("/bin/sh", "-c", linked + test)
    return Launch(command=command, folders=go.folders, mounted=mounted, environment=_GO_ENVIRONMENT, must_say_ok=False)


def _rust(run: str) -> Launch | Rejection:
    found = _rust_root()
    if found is None or not _linker():
        return _missing("rustc with a linker", "install Rust and a C compiler")
    compile_ = f"{_quoted(str(found / 'bin' / 'rustc'))} --edition 2021 -A warnings -C debuginfo=0 -o {_BUILT}"
    return Launch(command=("/bin/sh", "-c", f"{compile_} {_quoted(run)} && exec {_BUILT}"), folders=(found,))


def _java(run: str) -> Launch | Rejection:
    compiler = shutil.which("javac")
    home = None if compiler is None else Path(compiler).resolve().parent.parent
    if home is None or not (home / "bin" / "java").exists():
        return _missing("a Java compiler", "install a JDK, version 17 or newer")
    folder = str(PurePosixPath(run).parent)
    name = PurePosixPath(run).stem
    options = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xmx256m"
    bin_ = _quoted(str(home / "bin"))
    command = (
        f"{bin_}/javac -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -nowarn -d {_BUILT} -sourcepath .:{folder}"
        f" {_quoted(run)} && exec {bin_}/java {options} -ea -cp {_BUILT} {_quoted(name)}"
    )
    folders = (home, *(path for path in (Path("/etc/java-17-openjdk"),) if path.is_dir()))
    return Launch(command=("/bin/sh", "-c", command), folders=folders)


def _c(run: str) -> Launch | Rejection:
    compiler = _linker()
    if not compiler:
        return _missing("a C compiler", "install gcc or clang")
    flags = "-std=c11 -O0 -I. -fno-diagnostics-color -w -D_POSIX_C_SOURCE=200809L"
    compile_ = f"{_quoted(compiler)} {flags} -o {_BUILT} {_quoted(run)} -lm"
    return Launch(command=("/bin/sh", "-c", f"{compile_} && exec {_BUILT}"))


def _bash(run: str) -> Launch | Rejection:
    shell = shutil.which("bash")
    if shell is None:
        return _missing("bash", "install it")
    return Launch(command=(shell, run))


_LAUNCHES: Mapping[str, Callable[[str], Launch | Rejection]] = {
    "python": _python, "node": _node, "typescript": _typescript, "go": _go, "rust": _rust, "java": _java, "c": _c,
    "bash": _bash,
}  # fmt: skip


@functools.cache
def _rust_root() -> Path | None:
    """Where the compiler really lies: the one on the search path may only choose among several."""
    found = shutil.which("rustc")
    if found is None:
        return None
    try:
        told = subprocess.run(
            [found, "--print", "sysroot"], capture_output=True, text=True, timeout=_ASK_S, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    root = Path(told.stdout.strip())
    return root.resolve() if told.returncode == 0 and (root / "bin" / "rustc").exists() else None


def _linker() -> str:
    """A C compiler the sandbox shows; empty: none."""
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    return found if found is not None and found.startswith(("/usr/", "/bin/")) else ""


def _missing(what: str, cure: str) -> Rejection:
    return Rejection("no-runner", f"its tests cannot be run here: there is no {what} on the search path; {cure}")


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
