"""Whether two Python modules are the same program, by Python's own trees."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tierwise.text import Rejection

_PLACES = frozenset({"lineno", "col_offset", "end_lineno", "end_col_offset", "kind", "type_comment", "ctx"})
# A string's `u` prefix and load or store contexts follow from the rest; type comments are compared as comments.
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _PLACES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_Pair = tuple[Any, Any, ast.AST, ast.AST]
"""Two things to compare, and the nodes around them that have a place."""
_BLOCK_NAMES = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in fields if name in _BLOCK_NAMES)
    for kind, fields in _FIELDS.items()
    if issubclass(kind, ast.mod | ast.stmt | ast.excepthandler | ast.match_case)
}
"""The fields that hold statements, or what holds statements."""
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class TreeDifference:
    """The first place where two trees part."""

    line_before: int
    line_after: int
    words: str


def find_difference(
    before: ast.AST, after: ast.AST, texts: tuple[str, str] | None = None, *, has_docs: bool = True
) -> TreeDifference | None:
    """The first place where two modules are not the same program, docstrings compared but for their white space.

    With the texts the trees were made from, statements that are written alike are not looked into. With `has_docs`
    False docstrings count for nothing.
    """
    lines = None if texts is None else (_lines(texts[0]), _lines(texts[1]))
    pending: list[_Pair] = [(before, after, before, after)]
    while pending:
        pair = pending.pop()
        old, new, _, _ = pair
        if type(old) is not type(new):
            return _difference(*pair)
        if type(old) is list:
            if len(old) != len(new):
                return _difference(*pair)
            pairs = zip(reversed(old), reversed(new), strict=True)
            pending.extend((a, b, *pair[2:]) for a, b in pairs if lines is None or not _is_written_alike(a, b, *lines))
        elif isinstance(old, ast.AST):
            pending.extend(_inside(*pair, has_docs=has_docs))
        elif old != new or repr(old) != repr(new):
            # 1 == True == 1.0 and 0.0 == -0.0, which are not the same constants.
            return _difference(*pair)
    return None


def _deleted(statement: ast.Delete) -> list[ast.expr]:
    """What a statement deletes; formatters put parentheses around several things."""
    found: list[ast.expr] = []
    pending = list(reversed(statement.targets))
    while pending:
        target = pending.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            pending.extend(reversed(target.elts))
        else:
            found.append(target)
    return found


def _lines(text: str) -> list[str]:
    """Lines as Python's parser counts them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _is_written_alike(old: Any, new: Any, old_lines: list[str], new_lines: list[str]) -> bool:
    """Whether two statements have the same text in the same columns, decorators included."""
    if not isinstance(old, ast.stmt) or not isinstance(new, ast.stmt):
        return False
    if (old.col_offset, old.end_col_offset) != (new.col_offset, new.end_col_offset):
        return False
    old_span = old_lines[_first_line(old) - 1 : old.end_lineno]
    return old_span == new_lines[_first_line(new) - 1 : new.end_lineno]


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", None)
    return min(statement.lineno, decorators[0].lineno) if decorators else statement.lineno


def _inside(old: Any, new: Any, around_old: ast.AST, around_new: ast.AST, *, has_docs: bool) -> Iterator[_Pair]:
    """What two nodes of one kind hold, last field first."""
    fields = _FIELDS[type(old)]
    if hasattr(old, "lineno"):
        around_old, around_new = old, new
    if isinstance(old, _WITH_DOCSTRING) and (not has_docs or _has_equal_docstrings(old, new)):
        yield _code(old), _code(new), old, new
        fields = tuple(name for name in fields if name != "body")
    if isinstance(old, ast.Delete):
        yield _deleted(old), _deleted(new), old, new
        return
    for name in reversed(fields):
        a, b = getattr(old, name, None), getattr(new, name, None)
        if a is not b:
            yield a, b, around_old, around_new


def not_the_same(difference: TreeDifference) -> Rejection:
    """The refusal that tells where two programs part."""
    return Rejection("not-the-same-program", f"line {difference.line_before} is no longer the same: {difference.words}")


def docstring_of(node: ast.AST) -> ast.Constant | None:
    """The docstring node of a module, class or function."""
    if not isinstance(node, _WITH_DOCSTRING) or not node.body:
        return None
    first = node.body[0]
    value = first.value if isinstance(first, ast.Expr) else None
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _code(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """A body without its docstring; one of nothing else is as good as `pass`."""
    if docstring_of(node) is None:
        return node.body
    rest = node.body[1:]
    if rest or isinstance(node, ast.Module):
        return rest
    first = node.body[0]
    return [ast.Pass(lineno=first.lineno, col_offset=first.col_offset)]


def docstrings(tree: ast.AST) -> Iterator[str]:
    """All docstrings of a tree, in no particular order."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        found = docstring_of(node)
        if found is not None:
            yield str(found.value)
        # What has one is a statement, so expressions, which are most of a tree, need not be walked.
        for name in _BLOCKS.get(type(node), ()):
            pending.extend(getattr(node, name))


def tidy_docstring(text: str) -> str:
    """A docstring without the white space that formatters and readers of docstrings disregard."""
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).split("\n")).strip()


def _has_equal_docstrings(old: ast.AST, new: ast.AST) -> bool:
    a, b = docstring_of(old), docstring_of(new)
    if a is None or b is None or tidy_docstring(str(a.value)) != tidy_docstring(str(b.value)):
        return False
    # Formatters take white space away from the ends of lines and never put some there.
    return _n_trailing_spaces(str(b.value)) <= _n_trailing_spaces(str(a.value))


def _n_trailing_spaces(docstring: str) -> int:
    """How many lines end in white space; a space between a last quote or backslash and the closing quotes is needed."""
    *lines, last = docstring.split("\n")
    n_last = bool(last.strip()) and last != last.rstrip() and not last.rstrip().endswith(('"', "\\"))
    return n_last + sum(line != line.rstrip() for line in lines)


def _difference(old: Any, new: Any, around_old: ast.AST, around_new: ast.AST) -> TreeDifference:
    shown_old = old if isinstance(old, ast.AST) and hasattr(old, "lineno") else around_old
    shown_new = new if isinstance(new, ast.AST) and hasattr(new, "lineno") else around_new
    words = f"{_shorten(shown_old)} became {_shorten(shown_new)}"
    return TreeDifference(getattr(shown_old, "lineno", 1), getattr(shown_new, "lineno", 1), words)


def _shorten(node: ast.AST) -> str:
    try:
        text = ast.unparse(node).split("\n", 1)[0]
    except (ValueError, RecursionError, AttributeError):
        text = type(node).__name__
    return repr(text if len(text) <= 80 else text[:79] + "…")
