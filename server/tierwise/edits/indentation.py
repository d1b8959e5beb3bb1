"""White space at the beginning of lines: measured, compared and fitted."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

_STEPS = (2, 3, 4, 8)
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


def mostly_tabs(lines: Iterable[str]) -> bool | None:
    """Whether a text is indented by tabs: four in five of its indented lines; None when only some of them are."""
    lines = list(lines)
    text = "\n".join(lines)
    if "\n\t" not in text and text[:1] != "\t":
        return False if "\n " in text or text[:1] == " " else None
    firsts = [line[0] for line in lines if line[:1] in ("\t", " ") and not is_blank(line)]
    n_tabs = firsts.count("\t")
    if not firsts or (n_tabs and n_tabs <= 4 * (len(firsts) - n_tabs)):
        return None
    return bool(n_tabs)


def indentation_step(lines: Iterable[str]) -> int:
    """How many blanks one level of indentation mostly takes in these lines, 4 when it cannot be told."""
    widths = [len(leading(line)) for line in lines if not is_blank(line) and "\t" not in leading(line)]
    rises = Counter(high - low for low, high in pairwise(widths) if high - low in _STEPS)
    if rises:
        return rises.most_common(1)[0][0]
    first = min((width for width in widths if width), default=4)
    return first if first in (2, 3) else 4


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
