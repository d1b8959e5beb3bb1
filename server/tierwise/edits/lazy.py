"""Complete files in which the model left out what it did not change."""

from collections.abc import Sequence

from tierwise.edits.elision import is_elision
from tierwise.text.rejection import Rejection


def filled(lines: Sequence[str], before: Sequence[str], path: str) -> tuple[str, ...] | Rejection:
    """The lines with every elision replaced by what it stands for in `before`."""
    known = {line.strip() for line in before}
    gaps = [
        at
        for at, line in enumerate(lines)
        if is_elision(line, "python" if path.endswith((".py", ".pyi")) else "") and line.strip() not in known
    ]
    if not gaps:
        return tuple(lines)
    return Rejection("elided-code", f"line {gaps[0] + 1} of the new text of {path!r} stands for code that was left out")
