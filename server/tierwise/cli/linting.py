"""What a linter says of a file, for *fix* without an editor."""

from pathlib import Path

from tierwise.actions import Diagnostic
from tierwise.checks.running.ruff_runs import run_ruff
from tierwise.text import Snapshot
from tierwise.text.lines import LineIndex

_DEFAULT_RULES = "E4,E7,E9,F"
"""Ruff's own default, for folders whose settings nobody has trusted."""


async def linter_diagnostics(snapshot: Snapshot, path: Path, root: Path, *, is_trusted: bool) -> tuple[Diagnostic, ...]:
    """Ruff's findings on a Python file as an editor would report them, each over its whole line."""
    if snapshot.language != "python":
        return ()
    rules = None if is_trusted else _DEFAULT_RULES
    found = await run_ruff(snapshot.text, str(path), rules=rules, cwd=root if is_trusted else None)
    index = LineIndex(snapshot.text)
    return tuple(
        Diagnostic(
            span=index.line_span(finding.line - 1),
            message=finding.message,
            code=finding.code,
            source="Ruff",
            severity=2,
        )
        for finding in found or ()
        if finding.line <= index.n_lines
    )
