"""New lines written with typographic quotes, entities, escapes or another depth, when the file could not be read so.

Nothing is mended in a text that the language's parser reads, or that it could not read before.
"""

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Sequence

from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import with_plain_quotes
from tierwise.edits.readings import has_escaped_quotes, is_markup, without_entities, without_escapes
from tierwise.syntax.languages import language_of
from tierwise.syntax.tokens import count_errors
from tierwise.syntax.trees import parse
from tierwise.text.merge import LineChange, line_changes, spliced

_Mending = Callable[[Sequence[str], LineChange], tuple[str, ...]]


def mended(before: Sequence[str], changes: Sequence[LineChange], path: str) -> list[LineChange] | None:
    """The changes of a file as they were meant; None when nothing speaks for another meaning than their own."""
    text = "\n".join(line for change in changes for line in change.lines)
    possible: tuple[tuple[_Mending, bool], ...] = (
        (_plain_quotes, not text.isascii()),
        (_plain_signs, "&" in text),
        (_plain_escapes, "\\" in text),
        (_plain_depth, True),
    )
    given = [change.lines for change in changes]
    meant = ([mending(before, one) for one in changes] for mending, is_possible in possible if is_possible)
    others = [
        [LineChange(change.start, change.end, lines) for change, lines in zip(changes, one, strict=True)]
        for one in meant
        if one != given
    ]
    language = language_of(path) if others else ""
    if not others or not _is_read(before, language) or _is_read(spliced(before, changes), language):
        return None
    for other in others:
        after = spliced(before, other)
        if _is_read(after, language):
            return line_changes(before, after)
    return None


def _is_read(lines: Sequence[str], language: str) -> bool:
    """Whether a parser reads the lines without complaint; never so for a language without one."""
    text = "\n".join(lines) + "\n"
    if language == "python":
        return _is_python(text)
    root = parse(text, language)
    return root is not None and not count_errors(root, language)


def _is_python(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _plain_quotes(_: Sequence[str], change: LineChange) -> tuple[str, ...]:
    return tuple(map(with_plain_quotes, change.lines))


def _plain_signs(_: Sequence[str], change: LineChange) -> tuple[str, ...]:
    return tuple(map(without_entities, change.lines)) if is_markup(change.lines) else change.lines


def _plain_escapes(_: Sequence[str], change: LineChange) -> tuple[str, ...]:
    return tuple(map(without_escapes, change.lines)) if has_escaped_quotes(change.lines) else change.lines


def _plain_depth(before: Sequence[str], change: LineChange) -> tuple[str, ...]:
    """The lines moved back when all that stood there before, and no line less deep, was moved by so many blanks."""
    old = before[change.start : change.end]
    if not old or not change.lines or leading(old[0]) == leading(change.lines[0]):
        return change.lines
    depths = {line.strip(): len(leading(line)) for line in old if not is_blank(line)}
    new = [line for line in change.lines if not is_blank(line)]
    moves = Counter(len(leading(line)) - depths[line.strip()] for line in new if line.strip() in depths)
    if len(moves) != 1 or 0 in moves:
        return change.lines
    by = next(iter(moves))
    least_new, least_old = min(len(leading(line)) for line in new), min(depths.values())
    if least_new < least_old + by or (by < 0 and "\t" in "".join(map(leading, new))):
        return change.lines
    return tuple(line if is_blank(line) else line[by:] if by > 0 else " " * -by + line for line in change.lines)
