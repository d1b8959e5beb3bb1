"""The checks that run things: linters for names and diagnostics, the sandbox for tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from tierwise.actions import Diagnostic
from tierwise.checks import Accepted, Change, Check, Verdict
from tierwise.checks.running.diagnostics import diagnostic_gone
from tierwise.checks.running.names import names_defined
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.checks.running.written_tests import prove_tests
from tierwise.config.sections import ChecksOptions
from tierwise.dispatch.native import find_python
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.values import Workspace
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

_NOT_RUN = frozenset({"tests-not-run", "no-sandbox"})
"""Nothing is wrong with the tests; nobody could try them."""


class RunningChecks:
    """Runs what an action's checks ask for, as far as the configuration and this machine allow."""

    def __init__(self, options: ChecksOptions, workspace: Workspace) -> None:
        self._options = options
        self._workspace = workspace

    async def run(self, prepared: Prepared, changed: Mapping[str, str | None]) -> Verdict:
        """The verdict of every check that has to run something; notes say what was not run."""
        notes: list[str] = []
        async for verdict in self._verdicts(prepared, changed):
            if isinstance(verdict, Rejection):
                return verdict
            notes += verdict.notes
        return Accepted(tuple(dict.fromkeys(notes)))

    async def _verdicts(self, prepared: Prepared, changed: Mapping[str, str | None]) -> AsyncIterator[Verdict]:
        checks = prepared.action.checks
        if Check.NAMES_DEFINED in checks:
            for path, text in changed.items():
                yield await names_defined(_change(prepared, path, text))
        diagnostic = prepared.target.diagnostic
        if Check.DIAGNOSTIC_GONE in checks and diagnostic is not None:
            yield await self._ask_again(prepared, changed, diagnostic)
        if Check.TESTS_PASS in checks and prepared.test_path is not None:
            yield await self._prove(prepared, changed.get(prepared.test_path) or "")

    async def _ask_again(
        self, prepared: Prepared, changed: Mapping[str, str | None], diagnostic: Diagnostic
    ) -> Verdict:
        change = _change(prepared, prepared.path, changed.get(prepared.path))
        return await diagnostic_gone(
            change,
            code=diagnostic.code,
            source=diagnostic.source,
            message=diagnostic.message,
            root=prepared.root if self._workspace.is_trusted else None,
        )

    async def _prove(self, prepared: Prepared, text: str) -> Verdict:
        if prepared.language != "python":
            words = f"tests in {prepared.language} are not run, so all that is known of them is that they parse"
            return Accepted((words,))
        if self._options.allow_running_tests == "never":
            return Accepted(("the tests were not run: checks.allow_running_tests is 'never'",))
        sandbox = await asyncio.to_thread(find_sandbox)
        python = self._options.python or find_python(prepared.root, self._workspace.is_trusted)
        try:
            verdict = await prove_tests(
                root=prepared.root,
                test_path=prepared.test_path or "",
                test_text=text,
                target_path=prepared.path,
                target_text=prepared.task.snapshot.text,
                target_lines=_lines_of_target(prepared),
                sandbox=sandbox,
                python=python,
                limits=Limits(timeout_s=self._options.test_timeout_s),
            )
        except OSError as err:
            return Accepted((f"the tests were not run: the sandbox could not be started ({err.strerror})",))
        if isinstance(verdict, Rejection) and verdict.code in _NOT_RUN:
            return Accepted((f"the tests were not run: {verdict.detail}",))
        return verdict


def _lines_of_target(prepared: Prepared) -> tuple[int, int]:
    """The first and the last line of the target, from 1."""
    text, span = prepared.text, prepared.span
    return text.count("\n", 0, span.start) + 1, text.count("\n", 0, span.end) + 1


def _change(prepared: Prepared, path: str, text: str | None) -> Change:
    is_document = path == prepared.path
    return Change(
        path=path,
        language=prepared.language if is_document else language_of(path),
        before=prepared.files.get(path),
        after=text,
    )
