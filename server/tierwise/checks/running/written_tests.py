"""Whether new tests test something: collected, passing, and failing when the target is broken."""

import asyncio
import inspect
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.running import reporter
from tierwise.checks.running.interpreters import Interpreter, find_interpreter, own_interpreter
from tierwise.checks.running.mutants import Mutant, mutants
from tierwise.checks.running.project_files import gather, import_roots
from tierwise.checks.running.reports import TestReport, read_report
from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox
from tierwise.text import Rejection

_N_MUTANTS = 8
_MAX_DETAIL = 900


@dataclass(frozen=True, slots=True)
class _Trial:
    """Everything that stays the same over the runs of one test file."""

    sandbox: Sandbox
    interpreter: Interpreter
    root: Path
    test_path: str
    test_text: str
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
    own stands in where it has no pytest. Codes: `tests-not-run`, `no-tests-collected`, `tests-fail`, `vacuous-tests`,
    `forged-report`. Raises OSError when the sandbox cannot be started.
    """
    if isinstance(sandbox, Rejection):
        return Rejection("tests-not-run", sandbox.detail)
    base = await asyncio.to_thread(gather, root, target_path)
    files = {**base, target_path: _encode(target_text), test_path: _encode(test_text)}
    roots = await asyncio.to_thread(import_roots, root, [target_path, test_path])
    outcome: TestReport | Rejection = Rejection("tests-not-run", "there is no Python that can run tests")
    for interpreter in _interpreters(python):
        trial = _Trial(sandbox, interpreter, root, test_path, test_text, roots, is_conftest_used, limits or Limits())
        outcome = await _run(trial, files, is_first_failure_enough=False)
        if isinstance(outcome, Rejection) or outcome.has_runner:
            break
    if isinstance(outcome, Rejection):
        return outcome
    refusal = _refusal(outcome, root)
    if refusal is not None:
        return refusal
    broken = mutants(target_text, test_text, _N_MUTANTS, target_lines)
    return await _prove_by_mutants(trial, files, target_path, broken, outcome)


async def _prove_by_mutants(
    trial: _Trial, files: Mapping[str, bytes], target_path: str, broken: tuple[Mutant, ...], outcome: TestReport
) -> Verdict:
    if not broken:
        return Accepted(
            (f"{outcome.n_passed} tests pass; {target_path!r} has no function to break for a counter-trial",)
        )
    for mutant in broken:
        seen = await _run(trial, {**files, target_path: _encode(mutant.text)}, is_first_failure_enough=True)
        if isinstance(seen, Rejection):
            if seen.code == "tests-fail":
                # A broken target that never comes back or ends the run was noticed, too.
                return _proved(outcome, mutant.words)
            return seen
        if seen.failures:
            return _proved(outcome, mutant.words)
    words = "; ".join(mutant.words for mutant in broken[:3])
    return Rejection(
        "vacuous-tests",
        f"the tests pass just as well when the code is broken ({words}); assert on the results of the code under test",
    )


def _proved(outcome: TestReport, words: str) -> Accepted:
    return Accepted((f"{outcome.n_passed} tests pass, and fail when {words}",))


async def _run(trial: _Trial, files: Mapping[str, bytes], *, is_first_failure_enough: bool) -> TestReport | Rejection:
    """One run of the test file in the sandbox."""
    key = secrets.token_bytes(32)
    settings = {
        "key": key.hex(),
        "root": str(trial.root),
        "test_path": str(trial.root / trial.test_path),
        "test_text": trial.test_text,
        "import_roots": trial.import_roots,
        "is_conftest_used": trial.is_conftest_used,
        "is_first_failure_enough": is_first_failure_enough,
    }
    request = RunRequest(
        root=trial.root,
        readable=trial.interpreter.folders,
        environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=json.dumps(settings).encode("utf-8", "surrogatepass"),
        limits=trial.limits,
    )
    command = [str(trial.interpreter.program), "-I", "-c", inspect.getsource(reporter)]
    result = await trial.sandbox.run(command, files, request)
    report = read_report(result.report, key)
    if report is None:
        return Rejection("forged-report", "the tests wrote into the report of their own outcome")
    if report.is_complete or not report.has_runner:
        return report
    return Rejection("tests-fail", _why_unfinished(result, trial.limits))


def _why_unfinished(result: RunResult, limits: Limits) -> str:
    if result.is_timed_out:
        return f"the tests did not finish within {limits.timeout_s:g} seconds"
    if result.is_output_cut and result.exit_code is None:
        return "the tests print without end"
    words = _end(result.output.decode(errors="replace"))
    return f"the test run ended before its end: {words}" if words else "the test run ended before its end"


def _refusal(report: TestReport, root: Path) -> Rejection | None:
    """Why the outcomes on the code as it is are not good enough."""
    if not report.has_runner:
        return Rejection("tests-not-run", "no Python at hand has pytest, so the tests were not run")
    if report.failures:
        first = report.failures[0]
        words = _end(first.words.replace(f"{root}/", ""))
        n_more = len(report.failures) - 1
        more = f" (and {n_more} more)" if n_more else ""
        return Rejection("tests-fail", f"{Path(first.test).name or 'the test file'}{more} fails: {words}")
    if report.n_collected == 0:
        return Rejection("no-tests-collected", "no test was found in the new file; name functions 'test_…'")
    if report.n_passed == 0:
        return Rejection("vacuous-tests", "no test passes: all are skipped or expected to fail")
    return None


def _interpreters(python: str | None) -> list[Interpreter]:
    found = [find_interpreter(python) if python else None, own_interpreter()]
    return list(dict.fromkeys(interpreter for interpreter in found if interpreter is not None))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _end(words: str) -> str:
    lines = [line.rstrip() for line in words.strip().splitlines() if line.strip()]
    text = "\n".join(lines)
    return text if len(text) <= _MAX_DETAIL else "…" + text[-_MAX_DETAIL:]
