"""Whether new tests test something: collected, passing, and failing when the target is broken."""

import asyncio
import inspect
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.running import reporter
from tierwise.checks.running.interpreters import Interpreter, find_interpreter, own_interpreter
from tierwise.checks.running.mutants import Mutant, mutants
from tierwise.checks.running.project_files import gather, import_roots
from tierwise.checks.running.reports import Report, Trial, read_report
from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox
from tierwise.text import Rejection

_N_MUTANTS = 10
_MAX_DETAIL = 900
_MISSING_MODULE = re.compile(r"No module named '([\w]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What is tested, and by what."""

    root: Path
    test_path: str
    test_text: str
    target_path: str
    mutants: tuple[Mutant, ...]
    files: dict[str, bytes]
    import_roots: tuple[str, ...]
    is_conftest_used: bool
    limits: Limits


async def prove_tests(  # noqa: PLR0913 - all by name, and all belong to one trial
    *,
    root: Path,
    test_path: str,
    test_text: str,
    target_path: str,
    target_text: str,
    target_lines: tuple[int, int] | None = None,
    sandbox: Sandbox | Rejection,
    python: str | None = None,
    is_conftest_used: bool = True,
    limits: Limits | None = None,
) -> Verdict:
    """Run a new test file against its target in the sandbox, and then against broken versions of the target.

    Paths are relative to `root`; the texts need not be on disk. `target_lines` are the first and last line, from 1, of
    what the tests are for; None: whatever of the target they name. `python` is the project's interpreter; the server's
    own stands in where it has no pytest. `limits.timeout_s` holds for the run on the good code. Codes: `tests-not-run`,
    `no-tests-collected`, `tests-fail`, `vacuous-tests`, `forged-report`. Raises OSError when the sandbox cannot be
    started.
    """
    if isinstance(sandbox, Rejection):
        return Rejection("tests-not-run", sandbox.detail)
    files = await asyncio.to_thread(gather, root, target_path)
    subject = _Subject(
        root=root,
        test_path=test_path,
        test_text=test_text,
        target_path=target_path,
        mutants=await asyncio.to_thread(mutants, target_text, test_text, _N_MUTANTS, target_lines),
        files={**files, target_path: _encode(target_text), test_path: _encode(test_text)},
        import_roots=await asyncio.to_thread(import_roots, root, [target_path, test_path]),
        is_conftest_used=is_conftest_used,
        limits=limits or Limits(),
    )
    verdict: Verdict | None = None
    for interpreter in _interpreters(python):
        verdict = await _judge(subject, sandbox, interpreter, is_own=str(interpreter.program) != python)
        if verdict is not None:
            return verdict
    return Rejection("tests-not-run", "no Python at hand has pytest, so the tests were not run")


async def _judge(subject: _Subject, sandbox: Sandbox, interpreter: Interpreter, *, is_own: bool) -> Verdict | None:
    """The verdict by one interpreter; None when it cannot run tests."""
    result, report = await _run(subject, sandbox, interpreter)
    if report is None:
        return Rejection("forged-report", "the tests wrote into the report of their own outcome")
    if not report.has_runner:
        return None
    if not report.trials:
        return Rejection("tests-fail", _why_unfinished(result))
    good, *broken = report.trials
    missing = _missing_module(subject, good) if is_own else None
    if missing is not None:
        return Rejection("tests-not-run", f"the tests were not run, because no Python at hand has {missing!r}")
    refusal = _refusal(subject, good, result)
    return refusal if refusal is not None else _by_mutants(subject, good, broken)


async def _run(subject: _Subject, sandbox: Sandbox, interpreter: Interpreter) -> tuple[RunResult, Report | None]:
    """All trials of the test file, in one run of the sandbox."""
    key = secrets.token_bytes(32)
    settings = {
        "key": key.hex(),
        "root": str(subject.root),
        "test_path": str(subject.root / subject.test_path),
        "test_text": subject.test_text,
        "target_path": str(subject.root / subject.target_path),
        "mutants": [mutant.text for mutant in subject.mutants],
        "import_roots": subject.import_roots,
        "is_conftest_used": subject.is_conftest_used,
        "timeout_s": subject.limits.timeout_s,
    }
    request = RunRequest(
        root=subject.root,
        readable=interpreter.folders,
        environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=json.dumps(settings).encode("utf-8", "surrogatepass"),
        # The reporter keeps the time of each trial; this ends a run whose reporter is held up.
        limits=replace(subject.limits, timeout_s=3 * subject.limits.timeout_s + 5),
    )
    command = [str(interpreter.program), "-I", "-c", inspect.getsource(reporter)]
    result = await sandbox.run(command, subject.files, request)
    return result, read_report(result.report, key)


def _refusal(subject: _Subject, good: Trial, result: RunResult) -> Rejection | None:
    """Why the outcomes on the code as it is are not good enough."""
    if good.is_timed_out:
        return Rejection("tests-fail", f"the tests did not finish within {subject.limits.timeout_s:g} seconds")
    if good.failures:
        first = good.failures[0]
        words = _end(first.words.replace(f"{subject.root}/", ""))
        n_more = len(good.failures) - 1
        more = f" (and {n_more} more)" if n_more else ""
        return Rejection("tests-fail", f"{Path(first.test).name or 'the test file'}{more} fails: {words}")
    if not good.is_complete:
        return Rejection("tests-fail", _why_unfinished(result))
    if good.n_collected == 0:
        return Rejection("no-tests-collected", "no test was found in the new file; name functions 'test_…'")
    if good.n_passed == 0:
        return Rejection("vacuous-tests", "no test passes: all are skipped or expected to fail")
    return None


def _by_mutants(subject: _Subject, good: Trial, broken: Sequence[Trial]) -> Verdict:
    """Whether one of the broken versions was noticed."""
    tests = f"{good.n_passed} test{'s' if good.n_passed != 1 else ''}"
    if not subject.mutants:
        return Accepted((f"{tests} passed; {subject.target_path!r} has no function to break for a counter-trial",))
    for trial, mutant in zip(broken, subject.mutants, strict=False):
        if not trial.is_good:
            return Accepted((f"{tests} passed, and failed when {mutant.words}",))
    words = "; ".join(mutant.words for mutant in subject.mutants[:3])
    return Rejection(
        "vacuous-tests",
        f"the tests pass just as well when the code is broken ({words}); assert on the results of the code under test",
    )


def _missing_module(subject: _Subject, good: Trial) -> str | None:
    """The module of somebody else that the tests need and a stand-in interpreter does not have."""
    for failure in good.failures:
        match = _MISSING_MODULE.search(failure.words)
        if match and not any(name.split(".")[0].split("/")[-1] == match[1] for name in _places(subject)):
            return match[1]
    return None


def _places(subject: _Subject) -> list[str]:
    """Files and folders of the project, any of which may be a module."""
    return [part for name in subject.files for part in name.split("/")]


def _why_unfinished(result: RunResult) -> str:
    if result.is_output_cut and result.exit_code is None:
        return "the tests print without end"
    words = _end(result.output.decode(errors="replace"))
    return f"the test run stopped before its end: {words}" if words else "the test run stopped before its end"


def _interpreters(python: str | None) -> list[Interpreter]:
    found = [find_interpreter(python) if python else None, own_interpreter()]
    return list(dict.fromkeys(interpreter for interpreter in found if interpreter is not None))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _end(words: str) -> str:
    lines = [line.rstrip() for line in words.strip().splitlines() if line.strip()]
    text = "\n".join(lines)
    return text if len(text) <= _MAX_DETAIL else "…" + text[-_MAX_DETAIL:]
