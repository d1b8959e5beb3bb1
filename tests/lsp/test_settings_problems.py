"""Problems with settings are marked in the files they stand in, and the marks go when they are mended."""

from pathlib import Path
from typing import Any

from lsprotocol import types

from tierwise.config import load_config
from tierwise.lsp.settings_problems import SettingsProblems

GOOD = "[limits]\nmax_attempts = 3\n"
BAD = "[tiers.bulk]\nmodles = []\n[limits]\n  max_attempts = 'many'\n"
BROKEN = "[limits\n"


class Notebook:
    """A wire that writes down what is sent."""

    def __init__(self) -> None:
        self.marks: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []

    def notify(self, method: str, params: Any = None) -> None:
        """Take a notification."""
        if method == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
            self.marks[params.uri] = params.diagnostics
        else:
            self.messages.append(params.message)

    async def ask(self, method: str, params: Any, timeout_s: float = 1) -> Any:
        """Nothing is asked here."""
        raise AssertionError(method)


def places(marks: list[types.Diagnostic]) -> list[tuple[int, int, types.DiagnosticSeverity | None]]:
    """Line, column and weight of each mark, from 0, but for notes of what follows from the others."""
    found = [(mark.range.start.line, mark.range.start.character, mark.severity) for mark in marks]
    return [place for place in found if place[2] is not types.DiagnosticSeverity.Information]


async def test_marks_stand_at_the_keys_and_go_when_they_are_mended(tmp_path: Path) -> None:
    file, notebook = tmp_path / "config.toml", Notebook()
    problems = SettingsProblems(notebook)
    error = types.DiagnosticSeverity.Error
    for text, wanted in (
        (BAD, [(1, 0, error), (3, 2, error)]),
        (BROKEN, [(0, 7, error)]),
        (GOOD, []),
        (BAD, [(1, 0, error), (3, 2, error)]),
    ):
        file.write_text(text)
        problems.tell(load_config(user_file=file, env={}), None)
        assert places(notebook.marks[file.as_uri()]) == wanted
    assert "did you mean 'models'" in notebook.marks[file.as_uri()][0].message
    assert len(notebook.messages) == 1  # What follows at once is marked, and told only after a while.


def test_a_file_that_waits_for_trust_is_marked_softly_and_one_that_asks_too_much_as_a_warning(tmp_path: Path) -> None:
    file, notebook = tmp_path / ".tierwise.toml", Notebook()
    file.write_text("[limits]\nmax_attempts = 9\n")
    problems = SettingsProblems(notebook)
    for is_trusted, weight in ((False, types.DiagnosticSeverity.Information), (True, types.DiagnosticSeverity.Warning)):
        problems.tell(load_config(workspace_roots=[tmp_path], trusted=is_trusted, env={}), None)
        assert [mark.severity for mark in notebook.marks[file.as_uri()]] == [weight]
    assert places(notebook.marks[file.as_uri()])[0][:2] == (1, 0)
    assert notebook.messages == []
