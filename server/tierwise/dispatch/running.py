"""The checks that run things: linters for names and diagnostics, the sandbox for tests."""

from collections.abc import AsyncIterator, Callable, Mapping

from tierwise.actions import Diagnostic
from tierwise.checks import Accepted, Change, Check, Verdict
from tierwise.checks.running.diagnostics import diagnostic_gone
from tierwise.checks.running.names import names_defined
from tierwise.config.sections import ChecksOptions
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.proving import prove
from tierwise.dispatch.values import Workspace
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection


class RunningChecks:
    """Runs what an action's checks ask for, as far as the configuration and this machine allow."""

    def __init__(self, options: ChecksOptions, workspace: Workspace, is_never_sent: Callable[[str], bool]) -> None:
        self._options = options
        self._workspace = workspace
        self._is_never_sent = is_never_sent

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
            text = changed.get(prepared.test_path) or ""
            yield await prove(prepared, text, self._options, self._workspace, self._is_never_sent)

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


def _change(prepared: Prepared, path: str, text: str | None) -> Change:
    is_document = path == prepared.path
    return Change(
        path=path,
        language=prepared.language if is_document else language_of(path),
        before=prepared.files.get(path),
        after=text,
    )
