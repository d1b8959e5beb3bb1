"""Whether the project's own tests still pass after a change (Python)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.project_files import gather
from tierwise.checks.running.proof import Subject, end_of
from tierwise.checks.running.python_runs import run_once
from tierwise.checks.running.reports import Trial
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.text import Rejection

MAX_TEST_FILES = 4
STILL_FINE = "of the project's own tests pass still"
"""How the note ends that says that tests were run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedProject:
    """A project with a change in it. Paths are relative to `root`, with forward slashes."""

    root: Path
    changed: Mapping[str, tuple[str | None, str | None]]
    """Texts before and after; None where there is no such file."""
    tests: Sequence[str]
    """The test files to run, the likeliest to notice something first."""
    is_left_out: Callable[[str], bool]


async def still_pass(
    project: ChangedProject, sandbox: Sandbox | Rejection, python: str | None, limits: Limits
) -> Verdict:
    """Run a few test files before and after a change: what passed has to pass still.

    Tests that fail already prove nothing and are passed over. `python` is the project's interpreter. Code:
    `project-tests-fail`. Raises OSError when the sandbox cannot be started.
    """
    if not project.tests:
        return Accepted()
    if isinstance(sandbox, Rejection):
        return Accepted((f"the project's own tests were not run: {sandbox.detail}",))
    files = await asyncio.to_thread(gather, project.root, project.tests[0], Framework.PYTEST, project.is_left_out)
    before, after = (_laid_over(files, project.changed, index) for index in (0, 1))
    notes: list[str] = []
    n_passed = 0
    for test in project.tests[:MAX_TEST_FILES]:
        subject = _subject(project.root, test, before, limits)
        good = await run_once(subject, sandbox, python)
        if isinstance(good, Rejection):
            notes.append(f"{test!r} was not run: {good.detail}")
            continue
        if not good.is_complete or not good.n_passed:
            notes.append(f"{test!r} was not run again: it does not pass without the change")
            continue
        now = await run_once(replace(subject, files=after), sandbox, python)
        if isinstance(now, Rejection) or (refusal := _broken(test, good, now, project.root)) is None:
            n_passed += good.n_passed
            continue
        return refusal
    if n_passed:
        notes.append(f"{n_passed} {STILL_FINE}")
    return Accepted(tuple(notes))


def _laid_over(
    files: Mapping[str, bytes], changed: Mapping[str, tuple[str | None, str | None]], index: int
) -> dict[str, bytes]:
    """The project's files on one side of the change."""
    laid = dict(files)
    for path, texts in changed.items():
        text = texts[index]
        if text is None:
            laid.pop(path, None)
        else:
            laid[path] = text.encode("utf-8", "surrogatepass")
    return laid


def _subject(root: Path, test: str, files: dict[str, bytes], limits: Limits) -> Subject:
    text = files.get(test, b"").decode("utf-8", "replace")
    return Subject(
        framework=Framework.PYTEST,
        root=root,
        test_path=test,
        test_text=text,
        old_test_text="",
        target_path=test,
        target_text=text,
        language="python",
        mutants=(),
        reworded="",
        files=files,
        limits=limits,
    )


def _broken(test: str, before: Trial, after: Trial, root: Path) -> Rejection | None:
    """What passed before the change and does not pass now."""
    known = {failure.test for failure in before.failures}
    new = [failure for failure in after.failures if failure.test not in known]
    if new:
        name = new[0].test.rpartition("::")[2]
        words = end_of(new[0].words.replace(f"{root}/", ""))
        return Rejection("project-tests-fail", f"{name!r} in {test!r} passed before the change and fails now: {words}")
    if after.is_timed_out or not after.is_complete or after.n_passed < before.n_passed:
        words = f"{before.n_passed} tests of {test!r} passed before the change, and {after.n_passed} pass now"
        return Rejection("project-tests-fail", words)
    return None
