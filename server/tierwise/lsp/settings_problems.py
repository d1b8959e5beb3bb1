"""What is wrong with settings, said once and marked in the files where it stands."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from tierwise.config import Loaded, Severity
from tierwise.config.problems import Problem
from tierwise.lsp.carrying import Wire, tell
from tierwise.lsp.complaining import Complaints

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.REFUSED: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


class SettingsProblems:
    """Keeps the marks in settings files at what is wrong with them now."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._marked: frozenset[str] = frozenset()
        self._complaints = Complaints(lambda words: tell(wire, words, types.MessageType.Warning))

    def tell(self, loaded: Loaded, *others: str | None) -> None:
        """Mark every problem in its file, and say the first error in words."""
        self._mark(loaded.problems)
        errors = [problem for problem in loaded.problems if problem.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1} more, see `tierwise config validate`)" if errors[1:] else ""
        self._complaints.heard(f"{errors[0]}{more}" if errors else None)
        for problem in filter(None, others):
            tell(self._wire, problem, types.MessageType.Warning)

    def close(self) -> None:
        """Say nothing any more."""
        self._complaints.close()

    def _mark(self, problems: Iterable[Problem]) -> None:
        by_uri = marks_of(problems)
        for uri in self._marked - by_uri.keys():
            self._publish(uri, [])
        for uri, diagnostics in by_uri.items():
            self._publish(uri, diagnostics)
        self._marked = frozenset(by_uri)

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics)
        self._wire.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def marks_of(problems: Iterable[Problem]) -> dict[str, list[types.Diagnostic]]:
    """The problems that stand in files, as marks by the file's URI."""
    by_uri: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for problem in problems:
        if problem.path is not None:
            by_uri[Path(problem.path).absolute().as_uri()].append(_mark_of(problem))
    return dict(by_uri)


def _mark_of(problem: Problem) -> types.Diagnostic:
    """From the key to the end of its line; at the top where only the whole file can be meant."""
    line = (problem.line or 1) - 1
    start = types.Position(line, 0 if problem.column is None else problem.column - 1)
    return types.Diagnostic(
        range=types.Range(start, types.Position(line + 1, 0)),
        message=problem.words,
        severity=_SEVERITIES[problem.severity],
        code=problem.code,
        source="tierwise",
    )
