"""Imports that a model wrote in front of the code it was asked for, moved to where a file has them."""

import ast
import re
import textwrap

from tierwise.text import Span

_IMPORT = re.compile(r"\s*(?:import\s+\w|from\s+[\w.]+\s+import\s)")


def hoist_imports(before: str, after: str, span: Span) -> str:
    """The text with leading Python imports of a rewritten span moved to the imports of the file.

    `after` is `before` with the span replaced. A text that cannot be read, or whose span began with imports already,
    comes back as it is.
    """
    end = len(after) - (len(before) - span.end)
    new = after[span.start : end]
    if _IMPORT.match(new) is None or _IMPORT.match(before[span.start : span.end]) is not None:
        return after
    split = _split(new)
    if split is None:
        return after
    imports, rest = split
    rest = _as_deep(rest, before[span.start : span.end])
    without = after[: span.start] + rest + after[end:]
    return _inserted(without, [line for line in imports if not _has_line(without, line)])


def _as_deep(code: str, like: str) -> str:
    """Code as deep as other code; an import before it at the margin may have shifted all of it."""
    have, wanted = _depth(code), _depth(like)
    lines = code.split("\n")
    if have < wanted:
        return "\n".join(" " * (wanted - have) + line if line.strip() else line for line in lines)
    surplus = " " * (have - wanted)
    if all(line.startswith(surplus) for line in lines if line.strip()):
        return "\n".join(line[len(surplus) :] if line.strip() else line for line in lines)
    return code


def _depth(code: str) -> int:
    """Spaces in front of the first line that holds something."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _split(code: str) -> tuple[list[str], str] | None:
    """The import statements at the beginning of a piece of code, and what follows them with its indentation."""
    lines = code.split("\n")
    n_taken = 0
    imports: list[str] = []
    while n_taken < len(lines) and (not lines[n_taken].strip() or _IMPORT.match(lines[n_taken])):
        statement = _statement(lines, n_taken)
        if statement is None:
            return None
        if statement[0].strip():
            imports.append(textwrap.dedent("\n".join(statement)).rstrip())
        n_taken += len(statement)
    return (imports, "\n".join(lines[n_taken:])) if n_taken < len(lines) else None


def _statement(lines: list[str], start: int) -> list[str] | None:
    """The lines of one import, which may be in brackets over several; None when it never ends."""
    for end in range(start + 1, min(len(lines), start + 60) + 1):
        taken = lines[start:end]
        if "\n".join(taken).count("(") <= "\n".join(taken).count(")"):
            return taken
    return None


def _has_line(text: str, line: str) -> bool:
    return f"\n{line}\n" in f"\n{text}\n".replace("\r", "")


def _inserted(text: str, imports: list[str]) -> str:
    """The text with import statements after its last import at the top, else after its docstring or its first comments.

    Lines that were there keep their ends; the new ones end as the first line does.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return text
    lines = text.split("\n")
    place = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    for index, node in enumerate(body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not isinstance(node, ast.Import | ast.ImportFrom):
            break
        place = node.end_lineno or place
    end = "\r" if lines[0].endswith("\r") else ""
    added = [line.rstrip("\r") + end for statement in imports for line in statement.split("\n")]
    return "\n".join([*lines[:place], *added, *lines[place:]])
