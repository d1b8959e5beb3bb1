"""The checks that run things: linters for names and diagnostics, the sandbox for tests."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from tierwise.checks import Accepted, Change, Check, Verdict
from tierwise.checks.running.diagnostics import diagnostic_gone, no_new_diagnostics
from tierwise.checks.running.imports import imports_resolve
from tierwise.checks.running.inquiry import Inquiry, Reported
from tierwise.checks.running.names import names_defined
from tierwise.config.sections import ChecksOptions
from tierwise.dispatch.native import find_python
from tierwise.dispatch.native.toolbox import project_tools
from tierwise.dispatch.own_tests import own_tests_pass
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.proving import prove
from tierwise.dispatch.values import Workspace
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

NeverSent = Callable[[str, Path | None], bool]
"""Whether no model may see a file, by its path relative to a root and that root."""

_OF_TOOLS = frozenset({Check.IMPORTS_RESOLVE, Check.NAMES_DEFINED, Check.DIAGNOSTIC_GONE, Check.NO_NEW_DIAGNOSTICS})
"""The checks that put questions to the project's tools."""


class RunningChecks:
    """Runs what an action's checks ask for, as far as the configuration and this machine allow."""

    def __init__(self, options: ChecksOptions, workspace: Workspace, is_never_sent: NeverSent) -> None:
        self._options = options
        self._workspace = workspace
        self._is_never_sent = is_never_sent

    async def run(
        self,
        prepared: Prepared,
        changed: Mapping[str, str | None],
        beside: Mapping[str, str | None] | None = None,
    ) -> Verdict:
        """The verdict of every check that has to run something; notes say what was not run.

        `beside` holds other files of the same change, which are not judged here but have to be seen.
        """
        notes: list[str] = []
        async for verdict in self._verdicts(prepared, changed, {**(beside or {}), **changed}):
            if isinstance(verdict, Rejection):
                return verdict
            notes += verdict.notes
        return Accepted(tuple(dict.fromkeys(notes)))

    async def _verdicts(
        self, prepared: Prepared, changed: Mapping[str, str | None], whole: Mapping[str, str | None]
    ) -> AsyncIterator[Verdict]:
        checks = prepared.action.checks

        def is_never_sent(path: str) -> bool:
            return self._is_never_sent(path, prepared.root)

        asks_tools = not _OF_TOOLS.isdisjoint(checks)
        for inquiry in [self._inquiry(prepared, path, whole) for path in changed] if asks_tools else []:
            if Check.IMPORTS_RESOLVE in checks:
                yield await imports_resolve(inquiry, near=(prepared.path,))
            if Check.NAMES_DEFINED in checks:
                yield await names_defined(inquiry)
            if Check.DIAGNOSTIC_GONE in checks and inquiry.change.path == prepared.path:
                yield await _ask_again(prepared, inquiry)
            if Check.NO_NEW_DIAGNOSTICS in checks:
                yield await no_new_diagnostics(inquiry)
        if Check.PROJECT_TESTS in checks:
            yield await own_tests_pass(prepared, changed, self._options, self._workspace, is_never_sent)
        if Check.TESTS_PASS in checks and prepared.test_path is not None:
            text = changed.get(prepared.test_path) or ""
            yield await prove(prepared, text, self._options, self._workspace, is_never_sent)

    def _inquiry(self, prepared: Prepared, path: str, whole: Mapping[str, str | None]) -> Inquiry:
        is_trusted = self._workspace.is_trusted
        python = self._options.python or find_python(prepared.root, is_trusted)
        diagnostic = prepared.target.diagnostic
        return Inquiry(
            _change(prepared, path, whole[path]),
            project_tools(prepared.root, is_trusted=is_trusted, python=python),
            code="" if diagnostic is None else diagnostic.code,
            beside={other: (prepared.files.get(other), text) for other, text in whole.items() if other != path},
        )


async def _ask_again(prepared: Prepared, inquiry: Inquiry) -> Verdict:
    """Whether the tool that reported the diagnostic is content now."""
    diagnostic = prepared.target.diagnostic
    if diagnostic is None:
        return Accepted()
    line = prepared.text.count("\n", 0, diagnostic.span.start) + 1
    reported = Reported(code=diagnostic.code, source=diagnostic.source, message=diagnostic.message, line=line)
    return await diagnostic_gone(inquiry, reported)


def _change(prepared: Prepared, path: str, text: str | None) -> Change:
    is_document = path == prepared.path
    return Change(
        path=path,
        language=prepared.language if is_document else language_of(path),
        before=prepared.files.get(path),
        after=text,
    )
