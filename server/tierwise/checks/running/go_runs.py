"""Proves Go tests, by the Go of this machine, without network and with the caches only read."""

import asyncio
import inspect
import json
import re
import secrets
from dataclasses import replace
from pathlib import PurePosixPath

from tierwise.checks.base import Verdict
from tierwise.checks.running import go_reporter
from tierwise.checks.running.interpreters import Interpreter, own_interpreter
from tierwise.checks.running.programs import GoProgram, find_go
from tierwise.checks.running.proof import Subject
from tierwise.checks.running.reports import Report, read_report
from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.single_runs import Version, prove_by_runs
from tierwise.text import Rejection

_TEST = re.compile(r"(?m)^func\s+((?:Test|Example|Fuzz)\w*)\s*\(")
_ENVIRONMENT = {
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GOTOOLCHAIN": "local",
    "GOTELEMETRY": "off",
    "GOFLAGS": "",
    "GOPATH": "/home/user/go",
}
_CACHE, _MODULES = "/.go/cache", "/.go/modules"


async def prove_go(subject: Subject, sandbox: Sandbox) -> Verdict:
    """The verdict on Go tests. Raises OSError when the sandbox cannot be started.

    Only tests of the new file are run, by name; the package's other test files are compiled with it.
    """
    go, python = await asyncio.to_thread(find_go), own_interpreter()
    if go is None or python is None:
        return Rejection("tests-not-run", "there is no Go on the search path; install Go 1.21 or newer")
    if "go.mod" not in {PurePosixPath(name).name for name in subject.files}:
        return Rejection("tests-not-run", "there is no go.mod around the file; make one with 'go mod init'")
    names = list(dict.fromkeys(_TEST.findall(subject.test_text)))
    old = set(_TEST.findall(subject.old_test_text))
    new = [name for name in names if name not in old] or names

    async def run(version: Version) -> tuple[RunResult, Report | None]:
        return await _run(subject, sandbox, (go, python), version, names if version.is_good else new)

    return await prove_by_runs(subject, run, lambda test: test.split("/")[0] in new)


async def _run(
    subject: Subject, sandbox: Sandbox, programs: tuple[GoProgram, Interpreter], version: Version, names: list[str]
) -> tuple[RunResult, Report | None]:
    """The tests with these names on one version of the target."""
    (go, python), key = programs, secrets.token_bytes(32)
    folder = PurePosixPath(subject.target_path).parent
    command = [str(go.program), "test", "-json", "-vet=off", "-count=1", f"-timeout={int(version.timeout_s) + 1}s"]
    command += ["-run", f"^({'|'.join(names)})$" if names else "^$", "."]
    places = {_CACHE: go.cache, _MODULES: go.modules}
    mounted = {place: path for place, path in places.items() if path is not None}
    request = RunRequest(
        root=subject.root,
        cwd=str(folder),
        readable=(*python.folders, *go.folders),
        mounted=mounted,
        environment={
            **_ENVIRONMENT,
            "GOCACHE": "/tmp/cache",  # noqa: S108 - a folder of the sandbox
            "GOMODCACHE": _MODULES if _MODULES in mounted else "/home/user/go/pkg/mod",
        },
        stdin=json.dumps({"key": key.hex(), "command": command, "cached": _CACHE}).encode(),
        limits=_limits(subject.limits, version.timeout_s),
    )
    texts = {subject.target_path: version.target_text, **{str(folder / n): t for n, t in version.files.items()}}
    files = {**subject.files, **{path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}}
    reporter = [str(python.program), "-I", "-S", "-c", inspect.getsource(go_reporter)]
    result = await sandbox.run(reporter, files, request)
    return result, read_report(result.report, key)


def _limits(limits: Limits, timeout_s: float) -> Limits:
    """A compiler and a linker take more than tests do."""
    return replace(
        limits,
        timeout_s=timeout_s,
        is_address_space_bounded=False,
        n_processes=max(limits.n_processes, 512),
        n_open_files=max(limits.n_open_files, 1024),
        file_bytes=max(limits.file_bytes, 2**27),
        disk_bytes=max(limits.disk_bytes, 2**28),
    )
