"""Python modules broken on purpose, each in one place of one function."""

import ast
import copy
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator, Sequence

from tierwise.checks.emptied import does_nothing
from tierwise.checks.reading import parse_python
from tierwise.checks.running import other_value
from tierwise.checks.running.mutant import Mutant

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Break = Callable[[ast.AST], str | None]
"""Breaks one node in place and says how; None where there is nothing of its kind."""
_Kind = Callable[[Function, int], str | None]
"""Breaks a function in place, at the place whose turn it is, and says how; None when there is no such place."""

_OTHER = "_tierwise_other"
_MAX_TURNS = 4
_SWAPPED_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SWAPPED_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


def python_mutants(text: str, lines: tuple[int, int] | None, named: frozenset[str]) -> Iterator[Mutant]:
    """Broken versions of a module, those a test of values is surest to notice first; all of them can be imported.

    Only the insides of functions are broken, so that importing alone shows nothing. A broken version gives values of
    the same types wherever it can, so that a test of types alone shows nothing either.
    """
    tree = parse_python(text)
    if not isinstance(tree, ast.Module):
        return
    functions = [f for f in _functions(tree) if not does_nothing(f) and _lies(f, lines)]
    functions.sort(key=lambda f: f.name not in named and f.name != "__init__")
    tested = [f for f in functions if lines is not None or f.name in named] or functions
    # In turns over functions and kinds: no kind is tried at a second place before all were tried at their first.
    for turn, kind, function in itertools.product(range(_MAX_TURNS), _KINDS, tested):
        broken = copy.deepcopy(function)
        words = kind(broken, turn)
        if words is not None:
            yield Mutant(_with(text, tree, function, broken), f"{function.name!r} {words}")


def reworded_python(text: str) -> str:
    """The same program in other words, every function of it; the text with a comment more where it cannot be read."""
    tree = parse_python(text)
    other = (text if not isinstance(tree, ast.Module) else ast.unparse(tree)) + "\n\n# The end.\n"
    again = parse_python(other)
    lines = other.split("\n")
    functions = list(_functions(again)) if isinstance(again, ast.Module) else []
    for function in sorted(functions, key=lambda f: -f.lineno):
        first = function.body[0]
        lines.insert(first_line(first) - 1, " " * first.col_offset + "# The same.")
    return "\n".join(lines)


def _lies(function: Function, lines: tuple[int, int] | None) -> bool:
    return lines is None or (lines[0] <= function.lineno and (function.end_lineno or 0) <= lines[1])


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _with(text: str, tree: ast.Module, function: Function, broken: Function) -> str:
    """The module with a broken function in the place of the good one, which has whole lines for itself."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").split("\n")
    broken.decorator_list = []
    new = textwrap.indent(ast.unparse(ast.fix_missing_locations(broken)), " " * function.col_offset)
    lines[function.lineno - 1 : function.end_lineno] = [new]
    if _OTHER in new:
        firsts = [first_line(statement) for statement in tree.body if not _must_stand_first(statement)]
        lines.insert(firsts[0] - 1, _helper())
    return "\n".join(lines)


def _helper() -> str:
    """The text of what makes other values, without the words in front of it."""
    source = inspect.getsource(other_value)
    return source[source.index("import ") :]


def first_line(statement: ast.stmt) -> int:
    """The line a statement begins on, its decorators included, from 1."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _must_stand_first(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")


def _inside(function: Function) -> Iterator[ast.AST]:
    """All nodes of a body in the order of the text; not those of defaults and decorators, which run on import."""
    pending: list[ast.AST] = list(reversed(function.body))
    while pending:
        node = pending.pop()
        yield node
        is_text_alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text_alone:
            pending += reversed(list(ast.iter_child_nodes(node)))


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a body that are not in a function or class within it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)


def _at_place(break_node: _Break) -> _Kind:
    """The kind of mutant that breaks the node whose turn it is."""

    def make(function: Function, turn: int) -> str | None:
        found = (node for node in _inside(function) if break_node(copy.copy(node)) is not None)
        node = next(itertools.islice(found, turn, None), None)
        if node is None:
            return None
        return f"{break_node(node)} on line {getattr(node, 'lineno', function.lineno)}"

    return make


def _compared_otherwise(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _SWAPPED_COMPARISONS:
        return None
    node.ops = [_SWAPPED_COMPARISONS[type(node.ops[0])](), *node.ops[1:]]
    return "compares the other way round"


def _calculated_otherwise(node: ast.AST) -> str | None:
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return "joins conditions otherwise"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        # A division stays a division, since any other operation might give a whole number.
        node.left = ast.BinOp(node.left, ast.Add(), node.right)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _SWAPPED_OPERATORS:
        node.op = _SWAPPED_OPERATORS[type(node.op)]()
    else:
        return None
    return "calculates otherwise"


def _negated(node: ast.AST) -> str | None:
    if not isinstance(node, (ast.If, ast.While, ast.IfExp)):
        return None
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return "takes the other branch"


def _other_constant(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float, complex, str, bytes)):
        return None
    node.value = other_value._tierwise_other(node.value)
    return "has another constant"


def _other_results(is_larger: bool) -> _Kind:
    """The kind of mutant whose results are other values of the same type."""

    def make(function: Function, turn: int) -> str | None:
        own = [node for node in _own(function) if isinstance(node, (ast.Return, ast.Yield))]
        if turn or all(node.value is None for node in own):
            return None
        for node in own:
            arguments: list[ast.expr] = [ast.Constant(value=True)] if is_larger else []
            if node.value is not None:
                node.value = ast.Call(ast.Name(_OTHER, ast.Load()), [node.value, *arguments], [])
        return f"returns {'larger values' if is_larger else 'other values of the same type'}"

    return make


def _shortened(function: Function, turn: int) -> str | None:
    """The function without one of its statements."""
    blocks = [block for node in (function, *_inside(function)) for block in _blocks(node)]
    places = [(block, i) for block in blocks for i, statement in enumerate(block) if _may_go(statement)]
    if len(places) <= turn:
        return None
    block, i = places[turn]
    line = block[i].lineno
    block[i] = ast.Pass()
    return f"lacks what line {line} does"


def _blocks(node: ast.AST) -> Sequence[list[ast.stmt]]:
    found = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    return [block for block in found if isinstance(block, list)]


def _may_go(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, (ast.Constant, ast.Yield, ast.YieldFrom))
    return isinstance(statement, (ast.Assign, ast.AugAssign, ast.Delete, ast.Raise))


def _emptied(function: Function, turn: int) -> str | None:
    """The function without a body, unless it returns something: that it returns at all is no proof."""
    gives = (ast.Yield, ast.YieldFrom)
    nodes = list(_own(function))
    if turn or any(isinstance(n, gives) or (isinstance(n, ast.Return) and n.value is not None) for n in nodes):
        return None
    function.body = [ast.Pass()]
    return "does nothing"


_KINDS: tuple[_Kind, ...] = (
    _other_results(is_larger=False),
    _emptied,
    _at_place(_compared_otherwise),
    _at_place(_calculated_otherwise),
    _at_place(_negated),
    _at_place(_other_constant),
    _shortened,
    _other_results(is_larger=True),
)


def test_names(text: str) -> dict[str, str]:
    """Every test of a file, `Class::name` or `name`, with its code; one with the same code elsewhere is the same."""
    tree = parse_python(text)
    if not isinstance(tree, ast.Module):
        return {}
    found: dict[str, str] = {}
    classes = [(f"{node.name}::", node.body) for node in tree.body if isinstance(node, ast.ClassDef)]
    for prefix, statements in itertools.chain([("", tree.body)], classes):
        for node in statements:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
                found[prefix + node.name] = ast.dump(node)
    return found
