"""Whether new tests test something: collected, passing, and failing when the target is broken."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.base import Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.go_runs import prove_go
from tierwise.checks.running.loading import loading_only, why_not_loaded
from tierwise.checks.running.mutants import mutants, reworded
from tierwise.checks.running.node_runs import prove_node
from tierwise.checks.running.project_files import gather
from tierwise.checks.running.proof import TOO_LATE, WHAT_TO_ASSERT, Subject
from tierwise.checks.running.python_runs import prove_python
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.weak_tests import are_all_of_existence, weaknesses
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

_N_MUTANTS = {Framework.PYTEST: 12, Framework.UNITTEST: 12, Framework.GO: 12}
_N_MUTANTS_OF_NODE = 6
"""Each costs a start of Node and of the framework."""
_PYTHON = (Framework.PYTEST, Framework.UNITTEST)


def _nothing(_path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTests:
    """Tests and what they are for. Paths are relative to `root`; the texts need not be on disk."""

    root: Path
    test_path: str
    test_text: str
    target_path: str
    target_text: str
    framework: Framework = Framework.PYTEST
    old_test_text: str = ""
    """The test file as it was: tests that stood in it prove nothing of new ones."""
    target_lines: tuple[int, int] | None = None
    """The first and last line, from 1, of what the tests are for; None: whatever of the target they name."""


async def prove_tests(
    tests: NewTests,
    sandbox: Sandbox | Rejection,
    *,
    python: str | None = None,
    is_conftest_used: bool = True,
    is_left_out: Callable[[str], bool] = _nothing,
    limits: Limits | None = None,
) -> Verdict:
    """Run a test file against its target in the sandbox, then against broken versions and the same in other words.

    Accepted are tests of which at least one ran, all passed on the code as it is, one claimed something that does not
    hold on a broken version, and all pass again on the same program in other words. `python` is the project's
    interpreter; the server's own stands in where it has no pytest. `is_left_out` tells which files do not go into the
    sandbox (see `gather`). `limits.timeout_s` holds for the run on the good code. Tests that fail where the target
    cannot even be loaded alone count as not run: no answer could pass there. Codes: `tests-not-run`,
    `no-tests-collected`, `tests-fail`, `vacuous-tests`, `forged-report`. Raises OSError when the sandbox cannot be
    started.
    """
    if isinstance(sandbox, Rejection):
        return Rejection("tests-not-run", sandbox.detail)
    if tests.framework in _PYTHON and are_all_of_existence(tests.test_text):
        return Rejection("vacuous-tests", f"{'; '.join(weaknesses(tests.test_text)[:3])}; {WHAT_TO_ASSERT}")
    subject = await asyncio.to_thread(_subject_of, tests, is_left_out, limits or Limits())
    return await _prove_what_loads(subject, sandbox, python, is_conftest_used)


def _subject_of(tests: NewTests, is_left_out: Callable[[str], bool], limits: Limits) -> Subject:
    """The tests with their project, broken versions and other words; reads the disk and takes its time."""
    language = "python" if tests.framework in _PYTHON else language_of(tests.target_path)
    files = gather(tests.root, tests.target_path, tests.framework, is_left_out)
    texts = {tests.target_path: tests.target_text, tests.test_path: tests.test_text}
    n_mutants = _N_MUTANTS.get(tests.framework, _N_MUTANTS_OF_NODE)
    return Subject(
        framework=tests.framework,
        root=tests.root,
        test_path=tests.test_path,
        test_text=tests.test_text,
        old_test_text=tests.old_test_text,
        target_path=tests.target_path,
        target_text=tests.target_text,
        language=language,
        mutants=mutants(tests.target_text, tests.test_text, n_mutants, tests.target_lines, language),
        reworded=reworded(tests.target_text, language),
        files=files | {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()},
        limits=limits,
    )


async def _prove_what_loads(subject: Subject, sandbox: Sandbox, python: str | None, is_conftest_used: bool) -> Verdict:
    """The verdict on the tests, unless the target does not even load without them."""
    verdict = await _prove(subject, sandbox, python, is_conftest_used)
    if isinstance(verdict, Rejection) and _is_failure(verdict):
        alone = await _prove(loading_only(subject), sandbox, python, is_conftest_used)
        if isinstance(alone, Rejection) and _is_failure(alone):
            why = why_not_loaded(alone)
            return Rejection(
                "tests-not-run", f"{subject.target_path!r} does not load in the sandbox, even without tests: {why}"
            )
    return verdict


def _is_failure(verdict: Rejection) -> bool:
    """Whether tests ran and failed; those that were too slow, perhaps on a busy machine, say nothing of the code."""
    return verdict.code == "tests-fail" and not verdict.detail.startswith(TOO_LATE)


async def _prove(subject: Subject, sandbox: Sandbox, python: str | None, is_conftest_used: bool) -> Verdict:
    if subject.framework in _PYTHON:
        return await prove_python(subject, sandbox, python, is_conftest_used=is_conftest_used)
    return await (prove_go if subject.framework is Framework.GO else prove_node)(subject, sandbox)
