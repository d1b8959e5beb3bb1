"""Run a case's tests on an answer, in the sandbox."""

import asyncio
from dataclasses import replace
from pathlib import Path

from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.config.eval_cases import CaseTests
from tierwise.evals.toolchains import Launch, launch_of
from tierwise.evals.workspaces import Texts
from tierwise.syntax.erasing import without_types
from tierwise.text import Rejection

_ROOT = Path("/case")
_LIMITS = Limits(
    cpu_s=120,
    is_address_space_bounded=False,
    memory_bytes=2**31,
    total_memory_bytes=2**31,
    n_processes=512,
    n_open_files=1024,
    file_bytes=2**27,
    disk_bytes=2**28,
)
_LONGEST_S = 180.0
"""A compiler on a busy machine takes its time; an answer that runs forever is ended all the same."""
_MAX_WORDS = 400


async def run_tests(tests: CaseTests, texts: Texts, timeout_s: float = _LONGEST_S) -> Rejection | None:
    """None where the tests hold on these texts; `tests-fail` where they do not; `no-runner` or `no-sandbox` where
    nobody here can run them."""
    sandbox = await asyncio.to_thread(find_sandbox)
    if isinstance(sandbox, Rejection):
        why = sandbox.detail.removeprefix("new tests are not run because ")
        return Rejection("no-sandbox", f"its tests cannot be run here: {why}")
    launch = await asyncio.to_thread(launch_of, tests)
    if isinstance(launch, Rejection):
        return launch
    files = _laid_out(launch, tests, texts)
    if isinstance(files, Rejection):
        return files
    request = RunRequest(
        root=_ROOT,
        readable=launch.folders,
        mounted=launch.mounted,
        environment=launch.environment,
        limits=replace(_LIMITS, timeout_s=timeout_s),
    )
    try:
        result = await sandbox.run(launch.command, files, request)
    except OSError as err:
        return Rejection("no-sandbox", f"its tests cannot be run here: the sandbox did not start ({err.strerror})")
    return _held(launch, result)


def _laid_out(launch: Launch, tests: CaseTests, texts: Texts) -> dict[str, bytes] | Rejection:
    """The answer with the tests over it, as the runner takes them."""
    files: dict[str, bytes] = {}
    for path, text in {**texts, **tests.files}.items():
        if text is None:
            continue
        name, ready = path, text
        if launch.erases_types and path.endswith((".ts", ".mts")):
            erased = without_types(text)
            if isinstance(erased, Rejection):
                return Rejection("no-runner", f"its tests cannot be run here: {path!r} {erased.detail}")
            name, ready = f"{path[:-2]}js", erased
        files[name] = ready.encode("utf-8", "surrogatepass")
    return files


def _held(launch: Launch, result: RunResult) -> Rejection | None:
    lines = [line.strip() for line in result.output.decode(errors="replace").splitlines() if line.strip()]
    if result.exit_code == 0 and (not launch.must_say_ok or lines[-1:] == ["ok"]):
        return None
    if result.is_timed_out:
        return Rejection("tests-fail", "the case's tests did not end in time")
    said = " ".join(lines)[-_MAX_WORDS:] or "nothing"
    how = "ended too early" if result.exit_code == 0 else f"ended with {result.exit_code}"
    return Rejection("tests-fail", f"the case's tests {how} and said: {said}")
