"""Whether the new text is still a program."""

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.reading import Reading
from tierwise.text import Rejection


def parses(before: Reading | None, after: Reading) -> Verdict:
    """Accept a text that parses, and a broken one that was no better before."""
    if after.grammar is None:
        return Accepted((f"{after.language} files cannot be parsed here, so the syntax was not checked",))
    if not after.problems:
        return Accepted()
    if before is None or not before.problems:
        return _refuse(after)
    if before.n_errors < after.n_errors:
        return _refuse(after)
    return Accepted(("the file had syntax errors before, so only their number was checked",))


def _refuse(after: Reading) -> Rejection:
    problem = after.problems[0]
    lines = after.text.split("\n")
    line = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
    shown = f", at {line[:80]!r}" if line else ""
    return Rejection("does-not-parse", f"line {problem.line} does not parse: {problem.detail}{shown}")
