"""White space at the beginning of lines: measured, compared and fitted."""

import re
from collections.abc import Iterable, Sequence

_LEADING = re.compile(r"[ \t\u00a0\u3000]*")


def leading(line: str) -> str:
    """The blanks and tabs a line begins with."""
    match = _LEADING.match(line)
    return match[0] if match else ""


def is_blank(line: str) -> bool:
    """Whether the line shows nothing."""
    return not line.strip()


def shared_indentation(lines: Iterable[str]) -> str | None:
    """The longest indentation that every line that is not blank begins with; None when all are blank."""
    shared: str | None = None
    for line in lines:
        if is_blank(line):
            continue
        own = leading(line)
        if shared is None:
            shared = own
        while not own.startswith(shared):
            shared = shared[:-1]
    return shared


def uses_tabs(lines: Iterable[str]) -> bool | None:
    """Whether lines are indented by tabs; None when none is indented, or when they differ."""
    kinds = {leading(line)[0] == "\t" for line in lines if not is_blank(line) and leading(line)}
    return kinds.pop() if len(kinds) == 1 else None


def indentation_step(lines: Sequence[str]) -> int:
    """How many blanks one level of indentation takes in these lines, 4 when it cannot be told."""
    widths = sorted({len(leading(line)) for line in lines if not is_blank(line) and "\t" not in leading(line)})
    steps = [high - low for low, high in zip([0, *widths], widths, strict=False) if high > low]
    step = min(steps, default=4)
    return step if step in (2, 3, 4, 8) else 4


def with_tabs(line: str, step: int) -> str:
    """The line with every `step` blanks of its indentation as one tab."""
    own = leading(line)
    width = len(own.expandtabs(step))
    return "\t" * (width // step) + " " * (width % step) + line[len(own) :]


def with_blanks(line: str, step: int) -> str:
    """The line with its indentation in blanks only."""
    own = leading(line)
    return own.expandtabs(step) + line[len(own) :]


def like(lines: Sequence[str], model: Sequence[str]) -> list[str]:
    """The lines indented by tabs where `model` is, by blanks where that is."""
    wants_tabs = uses_tabs(model)
    if wants_tabs is None or uses_tabs(lines) in (wants_tabs, None):
        return list(lines)
    if wants_tabs:
        step = indentation_step(lines)
        return [with_tabs(line, step) for line in lines]
    return [with_blanks(line, indentation_step(model)) for line in lines]


def moved(lines: Sequence[str], old: str, new: str) -> list[str]:
    """The lines with the indentation `old` replaced by `new`; blank lines and lines indented less stay."""
    return [
        new + line[len(old) :]
        if not is_blank(line) and line.startswith(old)
        else line.rstrip()
        if is_blank(line)
        else line
        for line in lines
    ]
