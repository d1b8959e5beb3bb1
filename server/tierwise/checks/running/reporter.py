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
_GOOD, _NOTICED, _BROKEN = 0, 1, 2
"""All tests passed; an assertion failed; something else went wrong. They only steer what is tried next."""
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
        self.n_noticed = 0

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

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        """A test failed: by an assertion, or because something in it broke."""
        if getattr(report, "when", None) is not None and call.excinfo is not None:
            is_assertion = _is_assertion(call.excinfo.value)
            self.n_noticed += is_assertion
            self._report.add("raised", test=node.nodeid, is_assertion=is_assertion)

    def pytest_sessionfinish(self, session: Any) -> None:
        """All tests ended."""
        self._report.add("end", n_collected=session.testscollected)


def run_pytest(settings: dict[str, Any], report: Report, trial: dict[str, Any]) -> int:
    """Run one test file by pytest, with nothing of the project's configuration and no plugins but a few named ones."""
    import pytest  # noqa: PLC0415 - it may be missing

    options = ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", settings["root"], "--import-mode=importlib"]
    options += ["-q", "--no-header", "--color=no", "--tb=short", "-ra"]
    for package, (sign, plugin) in ALLOWED_PLUGINS.items():
        if sign in settings["test_text"] and _is_there(package):
            options += ["-p", plugin]
            if package == "pytest_asyncio":
                options += ["-o", "asyncio_mode=auto"]
    if not settings["is_conftest_used"]:
        options.append("--noconftest")
    reporter = Reporter(report)
    path = settings["test_path"]
    pytest.main([*options, *([f"{path}::{name}" for name in trial["names"]] or [path])], plugins=[reporter])
    return _outcome(reporter.n_passed, reporter.n_failed, reporter.n_noticed)


def run_unittest(settings: dict[str, Any], report: Report, trial: dict[str, Any]) -> int:
    """Run one test file by unittest, for projects that use it."""
    spec = importlib.util.spec_from_file_location("written_test", settings["test_path"])
    if spec is None or spec.loader is None:
        return _BROKEN
    module = importlib.util.module_from_spec(spec)
    sys.modules["written_test"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        report.add("broken", test=settings["test_path"], words=_end_of(repr(error)))
        report.add("end", n_collected=0)
        return _BROKEN
    loader = unittest.defaultTestLoader
    names = [name.replace("::", ".") for name in trial["names"]]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    n_collected = suite.countTestCases()
    result = unittest.TestResult()
    suite.run(result)
    wrong = [(case.id(), words, True) for case, words in result.failures]
    wrong += [(case.id(), words, False) for case, words in result.errors]
    wrong += [(case.id(), "it passed unexpectedly", False) for case in result.unexpectedSuccesses]
    for name, words, is_assertion in wrong:
        report.add("test", test=name, outcome="failed", words=_end_of(words))
        report.add("raised", test=name, is_assertion=is_assertion)
    n_passed = result.testsRun - len(wrong) - len(result.skipped) - len(result.expectedFailures)
    for i in range(n_passed):
        report.add("test", test=str(i), outcome="passed", words="")
    report.add("end", n_collected=n_collected)
    return _outcome(n_passed, len(wrong), sum(is_assertion for _, _, is_assertion in wrong))


def _outcome(n_passed: int, n_failed: int, n_noticed: int) -> int:
    if n_noticed:
        return _NOTICED
    return _GOOD if n_passed and not n_failed else _BROKEN


def _is_assertion(error: BaseException) -> bool:
    """Whether somebody claimed something that does not hold; an error on the way to a claim is none."""
    inner = getattr(error, "exceptions", None)
    if inner is not None and not isinstance(error, AssertionError):
        return any(_is_assertion(one) for one in inner)
    is_failed = type(error).__name__ == "Failed" and type(error).__module__ in ("_pytest.outcomes", "builtins")
    return isinstance(error, AssertionError) or is_failed


def main() -> None:
    """Read the settings from standard input, then run the trials until the question is answered."""
    settings = json.loads(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    descriptor, key = int(os.environ.pop("REPORT_FD")), bytes.fromhex(settings.pop("key"))
    sys.path[:0] = settings["import_roots"]
    sys.dont_write_bytecode = True
    if settings["is_unittest"]:
        run = run_unittest
    elif _is_there("pytest"):
        run = run_pytest
        _import_pytest()
    elif "import unittest" in settings["test_text"] and "pytest" not in settings["test_text"]:
        run = run_unittest
    else:
        Report(descriptor, key, PARENT).add("no-runner", words="")
        return
    Trials(settings, descriptor, key, run).run_all()


class Trials:
    """The test file on the good code and on others, each in a process of its own."""

    def __init__(self, settings: dict[str, Any], descriptor: int, key: bytes, run: Any) -> None:
        self._settings = settings
        self._descriptor = descriptor
        self._key = key
        self._run = run
        self._parent = Report(descriptor, key, PARENT)
        self._timeout_s = settings["timeout_s"]

    def run_all(self) -> None:
        """The good code, broken versions until one is noticed, and then the good code in other words."""
        started = time.monotonic()
        last = len(self._settings["trials"]) - 1
        if self._run_one(0) != _GOOD:
            return
        self._timeout_s = min(self._timeout_s, 2 + 5 * (time.monotonic() - started))
        for number in range(1, last):
            if self._run_one(number) == _NOTICED:
                self._run_one(last)
                return
            if 2 * self._settings["timeout_s"] < time.monotonic() - started:
                return

    def _run_one(self, number: int) -> int:
        """One trial; its outcome."""
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            report = Report(self._descriptor, self._key, number)
            os._exit(_try(self._settings, report, self._settings["trials"][number], self._run))
        is_in_time, status = _wait(child, self._timeout_s)
        if not is_in_time:
            self._parent.add("timeout", of=number)
        _clear(self._settings["root"])
        return status


def _try(settings: dict[str, Any], report: Report, trial: dict[str, Any], run: Any) -> int:
    """One trial, in a process of its own."""
    if trial["target"] is not None:
        with open(settings["target_path"], "w", encoding="utf-8", errors="surrogatepass") as file:  # noqa: PTH123
            file.write(trial["target"])
    try:
        return int(run(settings, report, trial))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _wait(child: int, timeout_s: float) -> tuple[bool, int]:
    """Whether a process ended in time, and its outcome."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return True, os.WEXITSTATUS(status) if os.WIFEXITED(status) else _BROKEN
        time.sleep(POLL_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False, _BROKEN


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
