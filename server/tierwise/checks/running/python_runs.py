"""Proves Python tests: all trials in one run of the sandbox, forked from one interpreter that loaded the framework."""

import asyncio
import inspect
import json
import re
import secrets
from dataclasses import replace

from tierwise.checks.base import Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running import reporter
from tierwise.checks.running.interpreters import Interpreter, find_interpreter, own_interpreter
from tierwise.checks.running.project_files import import_roots
from tierwise.checks.running.proof import Proof, Subject, judge, why_unfinished
from tierwise.checks.running.python_mutants import test_names
from tierwise.checks.running.reports import Report, Trial, read_report
from tierwise.checks.running.runs import RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.weak_tests import weaknesses
from tierwise.text import Rejection

_MISSING_MODULE = re.compile(r"No module named '([\w]+)")


async def prove_python(
    subject: Subject, sandbox: Sandbox, python: str | None, *, is_conftest_used: bool = True
) -> Verdict:
    """The verdict on Python tests, by the project's interpreter or, where it cannot run tests, by the server's own.

    Raises OSError when the sandbox cannot be started.
    """
    for interpreter in _interpreters(python):
        verdict = await _prove(
            subject, sandbox, interpreter, is_own=str(interpreter.program) != python, is_conftest_used=is_conftest_used
        )
        if verdict is not None:
            return verdict
    return Rejection("tests-not-run", _nobody_has("pytest"))


async def run_once(subject: Subject, sandbox: Sandbox, python: str | None) -> Trial | Rejection:
    """The outcomes of a test file on the files as they are, or why nobody can run it.

    Raises OSError when the sandbox cannot be started.
    """
    for interpreter in _interpreters(python):
        settings = await asyncio.to_thread(_settings, subject, True)
        result, report = await _run(subject, sandbox, interpreter, settings)
        if report is None:
            return Rejection("forged-report", "the tests wrote into the report of their own outcome")
        if not report.has_runner:
            continue
        if not report.trials:
            return Rejection("tests-not-run", why_unfinished(result))
        return report.trials[0]
    return Rejection("tests-not-run", _nobody_has("pytest"))


def _nobody_has(module: str) -> str:
    return (
        f"no Python at hand has {module}; install it in the project's environment, "
        "which is used only where the folder is trusted (`tierwise config trust`, or the editor's own trust)"
    )


async def _prove(
    subject: Subject, sandbox: Sandbox, interpreter: Interpreter, *, is_own: bool, is_conftest_used: bool
) -> Verdict | None:
    """The verdict by one interpreter; None when it cannot run tests."""
    settings = await asyncio.to_thread(_settings, subject, is_conftest_used)
    result, report = await _run(subject, sandbox, interpreter, settings)
    if report is None:
        return Rejection("forged-report", "the tests wrote into the report of their own outcome")
    if not report.has_runner:
        return None
    if not report.trials:
        return Rejection("tests-fail", why_unfinished(result))
    good, *others = report.trials
    missing = _missing_module(subject, good) if is_own else None
    if missing is not None:
        return Rejection("tests-not-run", _nobody_has(repr(missing)))
    n_mutants = len(subject.mutants)
    proof = Proof(
        good=good,
        broken=tuple(zip(subject.mutants, others, strict=False)),
        reworded=others[n_mutants] if n_mutants < len(others) else None,
        result=result,
    )
    return judge(subject, proof, weaknesses(subject.test_text))


def _settings(subject: Subject, is_conftest_used: bool) -> dict[str, object]:
    """What the reporter is told."""
    new = _new_tests(subject)
    trials: list[dict[str, object]] = [{"target": None, "names": []}]
    trials += [{"target": mutant.text, "names": new} for mutant in subject.mutants]
    trials += [{"target": subject.reworded, "names": new}]
    return {
        "root": str(subject.root),
        "test_path": str(subject.root / subject.test_path),
        "test_text": subject.test_text,
        "target_path": str(subject.root / subject.target_path),
        "trials": trials,
        "import_roots": import_roots(subject.root, [subject.target_path, subject.test_path]),
        "is_unittest": subject.framework is Framework.UNITTEST,
        "is_conftest_used": is_conftest_used,
        "timeout_s": subject.limits.timeout_s,
    }


def _new_tests(subject: Subject) -> list[str]:
    """The tests that were not there before as they are now: older ones prove nothing of the new ones. Empty: all."""
    if not subject.old_test_text:
        return []
    old, new = test_names(subject.old_test_text), test_names(subject.test_text)
    return [name for name, code in new.items() if old.get(name) != code]


async def _run(
    subject: Subject, sandbox: Sandbox, interpreter: Interpreter, settings: dict[str, object]
) -> tuple[RunResult, Report | None]:
    """All trials of the test file, in one run of the sandbox."""
    key = secrets.token_bytes(32)
    request = RunRequest(
        root=subject.root,
        readable=interpreter.folders,
        environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=json.dumps({**settings, "key": key.hex()}).encode("utf-8", "surrogatepass"),
        # The reporter keeps the time of each trial; this ends a run whose reporter is held up.
        limits=replace(subject.limits, timeout_s=3 * subject.limits.timeout_s + 5),
    )
    command = [str(interpreter.program), "-I", "-c", inspect.getsource(reporter)]
    result = await sandbox.run(command, subject.files, request)
    return result, read_report(result.report, key)


def _missing_module(subject: Subject, good: Trial) -> str | None:
    """The module of somebody else that the tests need and a stand-in interpreter does not have."""
    for failure in good.failures:
        match = _MISSING_MODULE.search(failure.words)
        if match and not any(name.split(".")[0].split("/")[-1] == match[1] for name in _places(subject)):
            return match[1]
    return None


def _places(subject: Subject) -> list[str]:
    """Files and folders of the project, any of which may be a module."""
    return [part for name in subject.files for part in name.split("/")]


def _interpreters(python: str | None) -> list[Interpreter]:
    found = [find_interpreter(python) if python else None, own_interpreter()]
    return list(dict.fromkeys(interpreter for interpreter in found if interpreter is not None))
