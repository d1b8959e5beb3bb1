"""Proves written tests as far as the configuration and this machine allow, and says what was not proved.

Tests that nothing here can run are still offered, with a sentence that says why they are not proved: a user who has no
sandbox, or whose framework nobody runs here, would otherwise get no tests at all, and none were ever run behind his
back. Tests that were run and did not hold are never offered.
"""

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath

from tierwise.checks import Accepted, Verdict
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.checks.running.written_tests import NewTests, prove_tests
from tierwise.config.sections import ChecksOptions
from tierwise.context.tests_framework import Runner
from tierwise.dispatch.listing import MAX_LISTED, project_files
from tierwise.dispatch.native import find_python
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.values import Workspace
from tierwise.syntax.languages import PLAIN_TEXT, language_of
from tierwise.text import Rejection

_NOT_RUN = frozenset({"tests-not-run", "no-sandbox"})
"""Nothing is wrong with the tests; nobody could try them."""
NOT_PROVED = "the tests are not proved"
"""How the note begins on tests that nobody could run."""
_NO_CODE = frozenset({PLAIN_TEXT, "json", "jsonc", "yaml", "html", "css"})


async def prove(
    prepared: Prepared,
    text: str,
    options: ChecksOptions,
    workspace: Workspace,
    is_never_sent: Callable[[str], bool],
) -> Verdict:
    """The verdict on a test file's new text; accepted with a note where it cannot be run."""
    runner = prepared.test_runner
    if runner is None or runner.proved_by is None:
        return _unproved(f"{_why_not_run(runner, prepared.language)}; they are only known to parse")
    if options.allow_running_tests == "never":
        return _unproved("checks.allow_running_tests is 'never'")
    sandbox = await asyncio.to_thread(find_sandbox)
    python = options.python or find_python(prepared.root, workspace.is_trusted)
    is_left_out = await asyncio.to_thread(left_out, prepared, workspace, is_never_sent)
    try:
        verdict = await prove_tests(
            NewTests(
                root=prepared.root,
                test_path=prepared.test_path or "",
                test_text=text,
                old_test_text=prepared.files.get(prepared.test_path or "", ""),
                target_path=prepared.path,
                target_text=prepared.task.snapshot.text,
                target_lines=_lines_of_target(prepared),
                framework=runner.proved_by,
            ),
            sandbox,
            python=python,
            is_left_out=is_left_out,
            limits=Limits(timeout_s=options.test_timeout_s),
        )
    except OSError as err:
        return _unproved(f"the sandbox could not be started ({err.strerror})")
    if isinstance(verdict, Rejection) and verdict.code in _NOT_RUN:
        return _unproved(verdict.detail)
    return verdict


def _why_not_run(runner: Runner | None, language: str) -> str:
    if runner is not None and runner.is_assumed:
        return f"the project names no test runner; they are written for {runner.name}"
    what = f"{runner.name} is" if runner is not None and runner.name else f"tests in {language} are"
    return f"{what} not run here"


def _unproved(why: str) -> Accepted:
    return Accepted((f"{NOT_PROVED}, because {why}",))


def _lines_of_target(prepared: Prepared) -> tuple[int, int]:
    """The first and the last line of the target, from 1."""
    text, span = prepared.text, prepared.span
    return text.count("\n", 0, span.start) + 1, text.count("\n", 0, span.end) + 1


def left_out(prepared: Prepared, workspace: Workspace, is_never_sent: Callable[[str], bool]) -> Callable[[str], bool]:
    """What stays out of the sandbox: files no model may ever see, and data that git ignores.

    What a test reads can come back in its failure, and that goes into the next prompt. Code that git ignores goes in:
    it is mostly generated, and the target imports it.
    """
    listed = project_files(prepared.root, is_trusted=workspace.is_trusted)
    # A listing that was cut short says nothing of what is not in it.
    known = frozenset() if not workspace.is_trusted and MAX_LISTED <= len(listed) else frozenset(listed)

    def is_left_out(path: str) -> bool:
        if is_never_sent(path):
            return True
        is_ignored = bool(known) and not path.endswith("/") and path not in known
        return is_ignored and language_of(PurePosixPath(path).name) in _NO_CODE

    return is_left_out
