"""Whether a diagnostic is gone, by asking the tool that reported it."""

from pathlib import Path

from tierwise.checks.base import Accepted, Change, Verdict
from tierwise.checks.running.ruff_runs import Finding, new_findings, run_ruff
from tierwise.syntax.languages import grammar_of
from tierwise.text import Rejection

_RUFF_SOURCES = frozenset({"ruff", "pyflakes", "pycodestyle", "flake8", "mccabe", "pylsp"})
_ERRORS = "E9,F"


async def diagnostic_gone(change: Change, *, code: str, source: str, message: str, root: Path | None = None) -> Verdict:
    """Ask the tool behind a diagnostic about the text before and after, and refuse when it still says the same.

    `code`, `source` and `message` are the diagnostic's own. Ruff is asked for its own rules and for those of the tools
    it stands in for; where the tool cannot be asked, the verdict says so. New errors in Python are refused either way.
    """
    if change.after is None or change.before is None:
        return Accepted()
    not_asked = Accepted((f"{source or 'the tool that reported it'} was not asked again",))
    if grammar_of(change.language) != "python":
        return not_asked
    new = await _new_errors(change)
    if new:
        return Rejection("new-diagnostic", f"line {new[0].line} has a new problem: {new[0].message} ({new[0].code})")
    if source.lower() not in _RUFF_SOURCES or not code:
        return not_asked
    before, after = await _count(change, change.before, code, root), await _count(change, change.after, code, root)
    if before is None or after is None:
        return Accepted((f"{source} was not asked again, because ruff does not know {code!r}",))
    is_there = before and before <= after
    return Rejection("diagnostic-stays", f"{source} still reports {code}: {message}") if is_there else Accepted()


async def _new_errors(change: Change) -> tuple[Finding, ...]:
    before = await run_ruff(change.before or "", "change.py", rules=_ERRORS)
    after = await run_ruff(change.after or "", "change.py", rules=_ERRORS)
    return () if before is None or after is None else new_findings(before, after)


async def _count(change: Change, text: str, code: str, root: Path | None) -> int | None:
    """How often a code is reported; by its own rule alone, and where that finds nothing by the project's settings."""
    found = await run_ruff(text, "change.py", rules=code)
    if not found and root is not None:
        with_settings = await run_ruff(text, str(root / change.path), rules=None, cwd=root)
        found = found if with_settings is None else with_settings
    return None if found is None else sum(finding.code == code for finding in found)
