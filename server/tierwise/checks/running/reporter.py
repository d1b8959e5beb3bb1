"""Runs tests inside the sandbox and reports each outcome over a pipe, signed, so that printed text is never believed.

The text of this file is given to the project's interpreter by `-c`, therefore it imports nothing but the standard
library and pytest, and runs under every Python from 3.8 on. Each trial, on the good code and on every broken version of
it, is a process of its own that finds all files as they were given.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import importlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import time
import unittest
from typing import Any

MAX_WORDS = 1500
SOURCE = "/.source"
PARENT = -1
POLL_S = 0.01
ALLOWED_PLUGINS = {
    "pytest_asyncio": ("async def test", "pytest_asyncio.plugin"),
    "pytest_mock": ("mocker", "pytest_mock"),
    "anyio": ("anyio", "anyio.pytest_plugin"),
}


class Report:
    """Signed lines on a pipe; each process counts its own."""

    def __init__(self, descriptor: int, key: bytes, trial: int) -> None:
        self._descriptor = descriptor
        self._key = key
        self._trial = trial
        self._n_lines = 0

    def add(self, event: str, **fields: Any) -> None:
        """Write one line."""
        line = json.dumps({"trial": self._trial, "n": self._n_lines, "event": event, **fields})
        self._n_lines += 1
        sign = hmac.new(self._key, line.encode(), hashlib.sha256).hexdigest()
        os.write(self._descriptor, (sign + " " + line + "\n").encode())


class Reporter:
    """The pytest plugin that reports."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.n_passed = 0
        self.n_failed = 0

    def pytest_collectreport(self, report: Any) -> None:
        """A file was read, or could not be."""
        if report.failed:
            self.n_failed += 1
            self._report.add("broken", test=report.nodeid, words=_end_of(report.longreprtext))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A phase of a test ended."""
        is_result = report.when == "call" or report.outcome != "passed"
        if not is_result:
            return
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        self.n_passed += outcome == "passed"
        self.n_failed += outcome == "failed"
        self._report.add("test", test=report.nodeid, outcome=outcome, words=_end_of(report.longreprtext))

    def pytest_sessionfinish(self, session: Any) -> None:
        """All tests ended."""
        self._report.add("end", n_collected=session.testscollected)


def run_pytest(settings: dict[str, Any], report: Report, is_mutant: bool) -> bool:
    """Run one test file by pytest, with nothing of the project's configuration and no plugins but a few named ones."""
    import pytest  # noqa: PLC0415 - it may be missing

    options = ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", settings["root"], "--import-mode=importlib"]
    options += ["-q", "--no-header", "--color=no", "--tb=short", "-x" if is_mutant else "-ra"]
    for package, (sign, plugin) in ALLOWED_PLUGINS.items():
        if sign in settings["test_text"] and _is_there(package):
            options += ["-p", plugin]
            if package == "pytest_asyncio":
                options += ["-o", "asyncio_mode=auto"]
    if not settings["is_conftest_used"]:
        options.append("--noconftest")
    reporter = Reporter(report)
    pytest.main([*options, settings["test_path"]], plugins=[reporter])
    return 0 < reporter.n_passed and not reporter.n_failed


def run_unittest(settings: dict[str, Any], report: Report, is_mutant: bool) -> bool:
    """Run one test file by unittest, where there is no pytest."""
    spec = importlib.util.spec_from_file_location("written_test", settings["test_path"])
    if spec is None or spec.loader is None:
        return False
    module = importlib.util.module_from_spec(spec)
    sys.modules["written_test"] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        report.add("broken", test=settings["test_path"], words=_end_of(repr(error)))
        report.add("end", n_collected=0)
        return False
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    n_collected = suite.countTestCases()
    result = unittest.TestResult()
    result.failfast = is_mutant
    suite.run(result)
    wrong = [(case.id(), words) for case, words in result.failures + result.errors]
    wrong += [(case.id(), "it passed unexpectedly") for case in result.unexpectedSuccesses]
    for name, words in wrong:
        report.add("test", test=name, outcome="failed", words=_end_of(words))
    n_passed = result.testsRun - len(wrong) - len(result.skipped) - len(result.expectedFailures)
    for i in range(n_passed):
        report.add("test", test=str(i), outcome="passed", words="")
    report.add("end", n_collected=n_collected)
    return 0 < n_passed and not wrong


def main() -> None:
    """Read the settings from standard input, then run the trials until the question is answered."""
    settings = json.loads(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    descriptor, key = int(os.environ.pop("REPORT_FD")), bytes.fromhex(settings.pop("key"))
    sys.path[:0] = settings["import_roots"]
    sys.dont_write_bytecode = True
    is_unittest = "import unittest" in settings["test_text"] and "pytest" not in settings["test_text"]
    if _is_there("pytest"):
        run = run_pytest
        _import_pytest()
    elif is_unittest:
        run = run_unittest
    else:
        Report(descriptor, key, PARENT).add("no-runner")
        return
    parent = Report(descriptor, key, PARENT)
    started = time.monotonic()
    time_left = settings["timeout_s"]
    for trial, target in enumerate([None, *settings["mutants"]]):
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            is_good = _try(settings, Report(descriptor, key, trial), target, run)
            os._exit(0 if is_good else 1)
        is_in_time, is_good = _wait(child, time_left)
        if not is_in_time:
            parent.add("timeout", of=trial)
        _clear(settings["root"])
        elapsed = time.monotonic() - started
        if not is_good or 2 * settings["timeout_s"] < elapsed:
            return
        time_left = min(settings["timeout_s"], 2 + 5 * elapsed) if trial == 0 else time_left


def _try(settings: dict[str, Any], report: Report, target: str | None, run: Any) -> bool:
    """One trial, in a process of its own; whether every test passed."""
    if target is not None:
        with open(settings["target_path"], "w", encoding="utf-8", errors="surrogatepass") as file:  # noqa: PTH123
            file.write(target)
    try:
        return bool(run(settings, report, target is not None))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _wait(child: int, timeout_s: float) -> tuple[bool, bool]:
    """Whether a process ended in time, and whether it said that all was good."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return True, status == 0
        time.sleep(POLL_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False, False


def _clear(root: str) -> None:
    """End what a trial left running, and give the next one the files as they were."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)
    for folder in (root, "/tmp", os.path.expanduser("~")):  # noqa: S108, PTH111 - folders of the sandbox
        _empty(folder)
    shutil.copytree(SOURCE, root, dirs_exist_ok=True)


def _empty(folder: str) -> None:
    """Remove what stands in a folder, but for mounted folders, such as an interpreter's."""
    with os.scandir(folder) as entries:
        for entry in list(entries):
            with contextlib.suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)  # noqa: PTH108
                elif not os.path.ismount(entry.path):
                    _empty(entry.path)
                    os.rmdir(entry.path)  # noqa: PTH106


def _import_pytest() -> None:
    """Import once what every trial needs."""
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("_pytest.config").get_config()


def _is_there(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _end_of(words: str) -> str:
    return words if len(words) <= MAX_WORDS else "…" + words[-MAX_WORDS:]


if __name__ == "__main__":
    main()
