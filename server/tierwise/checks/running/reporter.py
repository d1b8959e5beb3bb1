"""Runs tests inside the sandbox and reports each outcome over a pipe, signed, so that printed text is never believed.

The text of this file is given to the project's interpreter by `-c`, therefore it imports nothing but the standard
library and pytest, and runs under every Python from 3.8 on.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import os
import sys
import unittest
from typing import Any

MAX_WORDS = 1500
ALLOWED_PLUGINS = {"pytest_asyncio": "async def test", "pytest_mock": "mocker", "anyio": "anyio"}


class Report:
    """Signed lines on a pipe."""

    def __init__(self, descriptor: int, key: bytes) -> None:
        self._descriptor = os.dup(descriptor)
        os.set_inheritable(self._descriptor, False)
        os.close(descriptor)
        self._key = key
        self._n_lines = 0

    def add(self, event: str, **fields: Any) -> None:
        """Write one line."""
        line = json.dumps({"n": self._n_lines, "event": event, **fields})
        self._n_lines += 1
        sign = hmac.new(self._key, line.encode(), hashlib.sha256).hexdigest()
        os.write(self._descriptor, (sign + " " + line + "\n").encode())


class Reporter:
    """The pytest plugin that reports."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def pytest_collectreport(self, report: Any) -> None:
        """A file was read, or could not be."""
        if report.failed:
            self._report.add("broken", test=report.nodeid, words=_end_of(report.longreprtext))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A phase of a test ended."""
        is_result = report.when == "call" or report.outcome != "passed"
        if is_result:
            outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
            words = _end_of(report.longreprtext) if report.failed else ""
            self._report.add("test", test=report.nodeid, outcome=outcome, words=words)

    def pytest_sessionfinish(self, session: Any) -> None:
        """All tests ended."""
        self._report.add("end", n_collected=session.testscollected)


def run_pytest(settings: dict[str, Any], report: Report) -> None:
    """Run one test file by pytest, with nothing of the project's configuration and no plugins but a few named ones."""
    import pytest  # noqa: PLC0415 - it may be missing

    options = ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", settings["root"], "--import-mode=importlib"]
    options += ["-q", "--no-header", "--color=no", "--tb=short", "-x" if settings["is_first_failure_enough"] else "-ra"]
    for plugin, sign in ALLOWED_PLUGINS.items():
        if sign in settings["test_text"] and _is_there(plugin):
            options += ["-p", plugin]
            if plugin == "pytest_asyncio":
                options += ["-o", "asyncio_mode=auto"]
    if not settings["is_conftest_used"]:
        options.append("--noconftest")
    pytest.main([*options, settings["test_path"]], plugins=[Reporter(report)])


def run_unittest(settings: dict[str, Any], report: Report) -> None:
    """Run one test file by unittest, where there is no pytest."""
    spec = importlib.util.spec_from_file_location("written_test", settings["test_path"])
    if spec is None or spec.loader is None:
        report.add("no-runner")
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["written_test"] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        report.add("broken", test=settings["test_path"], words=_end_of(repr(error)))
        report.add("end", n_collected=0)
        return
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    n_collected = suite.countTestCases()
    result = unittest.TestResult()
    result.failfast = settings["is_first_failure_enough"]
    suite.run(result)
    wrong = result.failures + result.errors
    for case, words in wrong:
        report.add("test", test=case.id(), outcome="failed", words=_end_of(words))
    for case in result.unexpectedSuccesses:
        report.add("test", test=case.id(), outcome="failed", words="it passed unexpectedly")
    n_passed = result.testsRun - len(wrong) - len(result.skipped) - len(result.expectedFailures)
    for i in range(n_passed - len(result.unexpectedSuccesses)):
        report.add("test", test=str(i), outcome="passed", words="")
    report.add("end", n_collected=n_collected)


def main() -> None:
    """Read the settings from standard input, run the tests, report."""
    settings = json.loads(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    report = Report(int(os.environ.pop("REPORT_FD")), bytes.fromhex(settings.pop("key")))
    sys.path[:0] = settings["import_roots"]
    sys.dont_write_bytecode = True
    if _is_there("pytest"):
        run_pytest(settings, report)
    elif "import unittest" in settings["test_text"] and "pytest" not in settings["test_text"]:
        run_unittest(settings, report)
    else:
        report.add("no-runner")


def _is_there(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _end_of(words: str) -> str:
    return words if len(words) <= MAX_WORDS else "…" + words[-MAX_WORDS:]


if __name__ == "__main__":
    main()
