"""What the project's tools say of a file, for *fix* without an editor."""

import asyncio
from pathlib import Path

from tierwise.actions import Diagnostic
from tierwise.checks.running.tools import PYTHON_DEFAULT, configured_tools
from tierwise.checks.running.tools.base import Finding, NotAsked, Place
from tierwise.dispatch.native import find_python
from tierwise.dispatch.native.toolbox import project_tools
from tierwise.syntax.languages import grammar_of
from tierwise.text import Snapshot
from tierwise.text.lines import LineIndex

_SEVERITY = {"error": 1, "warning": 2, "layout": 3}


async def linter_diagnostics(snapshot: Snapshot, path: Path, root: Path, *, is_trusted: bool) -> tuple[Diagnostic, ...]:
    """The findings of the tools a trusted project configures as an editor would report them, the gravest first.

    Each is over its whole line. Python is always read by ruff, in an untrusted project with its default rules.
    """
    place = Place(path, root, grammar_of(snapshot.language) or "")
    tools = list(configured_tools(place)) if is_trusted else []
    if place.language == "python" and PYTHON_DEFAULT not in tools:
        tools.append(PYTHON_DEFAULT)
    toolbox = project_tools(root, is_trusted=is_trusted, python=find_python(root, is_trusted))
    answers = await asyncio.gather(*(tool.ask(place, (snapshot.text,), toolbox) for tool in tools))
    index = LineIndex(snapshot.text)
    found = [
        _diagnostic(finding, tool.name, index)
        for tool, answer in zip(tools, answers, strict=True)
        if not isinstance(answer, NotAsked)
        for finding in answer[0]
        if not finding.path and finding.line <= index.n_lines
    ]
    return tuple(sorted(found, key=lambda one: one.severity))


def _diagnostic(finding: Finding, source: str, index: LineIndex) -> Diagnostic:
    return Diagnostic(
        span=index.line_span(finding.line - 1),
        message=finding.message,
        code=finding.code,
        source=source,
        severity=_SEVERITY[finding.gravity],
    )
