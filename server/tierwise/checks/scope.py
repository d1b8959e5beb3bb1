"""Whether a change stays where it was asked for."""

import re

from tierwise.checks.base import Accepted, Change, Verdict
from tierwise.checks.reading import Reading
from tierwise.syntax.trees import span_of
from tierwise.text import Rejection, Span

_IMPORTS = {
    "python": ("import_statement", "import_from_statement", "future_import_statement"),
    "javascript": ("import_statement",),
    "typescript": ("import_statement",),
    "tsx": ("import_statement",),
    "go": ("import_declaration",),
    "rust": ("use_declaration",),
    "java": ("import_declaration",),
    "c": ("preproc_include",),
    "cpp": ("preproc_include", "using_declaration"),
    "csharp": ("using_directive",),
    "php": ("namespace_use_declaration",),
}
_TYPE_CHECKING = re.compile(r"if\s+(?:typing\.)?TYPE_CHECKING\s*:")


def in_scope(change: Change, before: Reading, after: Reading) -> Verdict:
    """Accept a change that leaves everything outside the span as it was, but for imports where they are allowed."""
    span = change.span
    if span is None:
        return Accepted()
    head, tail = before.text[: span.start], before.text[span.end :]
    is_long_enough = len(head) + len(tail) <= len(after.text)
    if is_long_enough and after.text.startswith(head) and after.text.endswith(tail):
        return Accepted()
    if change.allow_imports and _same_but_for_imports(before, after, span):
        return Accepted(("imports outside the selection changed",))
    line = _first_changed_line(before.text, after.text, span)
    return Rejection("out-of-scope", f"line {line} changed, which is outside the part that was to be edited")


def _same_but_for_imports(before: Reading, after: Reading, span: Span) -> bool:
    head = _lines(_without_imports(before, Span(0, span.start)))
    tail = _lines(_without_imports(before, Span(span.end, len(before.text))))
    whole = _lines(_without_imports(after, Span(0, len(after.text))))
    if len(whole) < len(head) + len(tail):
        return False
    return whole[: len(head)] == head and (not tail or whole[-len(tail) :] == tail)


def _without_imports(reading: Reading, within: Span) -> str:
    """The text of a region without the import statements that stand in it."""
    kinds = _IMPORTS.get(reading.grammar or "", ())
    if reading.root is None or not kinds:
        return reading.text[within.start : within.end]
    nodes = [node for node in reading.root.children() if node.kind() in kinds]
    nodes += [
        node
        for node in reading.root.children()
        if node.kind() == "if_statement" and _TYPE_CHECKING.match(node.text()) and _holds_only(node.text())
    ]
    pieces, done = [], within.start
    for span in sorted(span_of(node) for node in nodes):
        if within.contains(span):
            pieces.append(reading.text[done : span.start])
            done = span.end
    return "".join([*pieces, reading.text[done : within.end]])


def _holds_only(block: str) -> bool:
    """Whether a block imports and does nothing else."""
    body = re.sub(r"\([^()]*\)", "()", block).split("\n")[1:]
    return all(re.match(r"\s+(?:import|from)\s|\s*(?:#.*)?$", line) for line in body)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _first_changed_line(before: str, after: str, span: Span) -> int:
    """The line of `before` where the first change outside the span stands."""
    head = before[: span.start]
    if not after.startswith(head):
        same = next(
            (i for i, (a, b) in enumerate(zip(head, after, strict=False)) if a != b), min(len(head), len(after))
        )
        return before.count("\n", 0, same) + 1
    tail = before[span.end :]
    reverse = zip(reversed(tail), reversed(after), strict=False)
    n_same = next((i for i, (a, b) in enumerate(reverse) if a != b), min(len(tail), len(after)))
    return before.count("\n", 0, len(before) - n_same) + 1
