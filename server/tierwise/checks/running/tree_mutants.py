"""JavaScript, TypeScript and Go broken on purpose, each file in one place of one function."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from ast_grep_py import SgNode

from tierwise.checks.running.mutant import Mutant
from tierwise.syntax.languages import grammar_of
from tierwise.syntax.outline import Symbol, outline_of
from tierwise.syntax.trees import parse, span_of
from tierwise.text import Span

_MAX_TURNS = 3
_SWAPPED = {
    "===": "!==", "!==": "===", "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "&&": "||", "||": "&&", "-": "+", "*": "+", "%": "+", "&": "|", "|": "&", "<<": ">>", ">>": "<<",
}  # fmt: skip
_FUNCTIONS = frozenset(
    {
        "function_declaration", "function_expression", "generator_function", "generator_function_declaration",
        "arrow_function", "method_definition", "method_declaration", "func_literal",
    }
)  # fmt: skip
_NUMBERS = frozenset({"number", "int_literal", "float_literal"})
_TEXTS = frozenset({"string_fragment", "interpreted_string_literal_content"})
_STATEMENTS = frozenset({"expression_statement", "throw_statement", "inc_statement", "assignment_statement"})
_GO_HELPER = "tierwise_other_value.go"
_Edits = list[tuple[Span, str]]


@dataclass(frozen=True, slots=True)
class _Body:
    """One function: its body, and how an expression of its result is made another value."""

    name: str
    node: SgNode
    """The innermost function node."""
    language: str
    results: tuple[str, ...] = ()
    """Go: the types of its results."""


_Kind = Callable[[_Body], Iterator[tuple[_Edits, str]]]
"""All places of one function where something of a kind can be broken, with what is broken in words."""


def tree_mutants(text: str, language: str, lines: tuple[int, int] | None, named: frozenset[str]) -> Iterator[Mutant]:
    """Broken versions of a file, those a test of values is surest to notice first.

    As in Python only the insides of functions are broken, and results keep their types where it can be done. A version
    that does not compile is no version of the program; whoever runs it has to tell.
    """
    root = parse(text, language)
    if root is None:
        return
    bodies = _bodies(root, text, language, lines)
    bodies.sort(key=lambda body: body.name not in named)
    tested = [body for body in bodies if lines is not None or body.name in named] or bodies
    seen: set[str] = set()
    for turn, kind, body in itertools.product(range(_MAX_TURNS), _KINDS, tested):
        place = next(itertools.islice(kind(body), turn, None), None)
        if place is not None:
            edits, words = place
            mutant = _mutant(text, language, edits, f"{body.name!r} {words}")
            if mutant.text not in seen:
                seen.add(mutant.text)
                yield mutant


def reworded_tree(text: str, language: str) -> str:
    """The same program in other words: with comments more, one of them in every function."""
    root = parse(text, language)
    bodies = [] if root is None else _bodies(root, text, language, None)
    inner = {span_of(body): body for node in bodies if (body := node.node.field("body")) is not None}
    other = text
    for span in sorted(inner, key=lambda span: -span.start):
        is_block = inner[span].kind() in ("statement_block", "block")
        at = span.start + 1 if is_block else span.start
        other = other[:at] + " /* here */ " + other[at:]
    return other + "\n// The end.\n"


def _bodies(root: SgNode, text: str, language: str, lines: tuple[int, int] | None) -> list[_Body]:
    nodes = {span_of(node): node for kind in _FUNCTIONS for node in _of_kind(root, kind, language)}
    found = []
    for symbol in outline_of(root, text, language):
        first, last = text.count("\n", 0, symbol.span.start) + 1, text.count("\n", 0, symbol.span.end) + 1
        is_meant = lines is None or (lines[0] <= first and last <= lines[1])
        node = _node_of(symbol, nodes)
        if is_meant and node is not None and symbol.kind in ("function", "method"):
            found.append(_Body(symbol.path, node, language, _results(node)))
    return found


def _of_kind(root: SgNode, kind: str, language: str) -> list[SgNode]:
    is_go = language == "go"
    if is_go != (kind in ("func_literal", "method_declaration")) and kind != "function_declaration":
        return []
    return root.find_all(kind=kind)


def _node_of(symbol: Symbol, nodes: Mapping[Span, SgNode]) -> SgNode | None:
    """The outermost function within a symbol."""
    inside = [span for span in nodes if symbol.span.contains(span)]
    around_body = [span for span in inside if symbol.body_span is None or span.contains(symbol.body_span)]
    return nodes[max(around_body, key=lambda span: span.end - span.start)] if around_body else None


def _block(node: SgNode) -> SgNode | None:
    body = node.field("body")
    return body if body is not None and body.kind() in ("statement_block", "block") else None


def _mutant(text: str, language: str, edits: _Edits, words: str) -> Mutant:
    broken = text
    for span, new in sorted(edits, key=lambda edit: -edit[0].start):
        broken = broken[: span.start] + new + broken[span.end :]
    is_go = language == "go"
    if not is_go and "__tierwiseOther(" in broken:
        suffix = "ts" if grammar_of(language) in ("typescript", "tsx") else "js"
        broken += "\n" + _resource("javascript", f"other_value.{suffix}")
    extra: dict[str, str] = {}
    if is_go and "tierwiseOther[" in broken:
        package = re.search(r"(?m)^package\s+\w+", text)
        extra[_GO_HELPER] = f"{package[0] if package else ''}\n\n{_resource('golang', 'other_value.go.txt')}"
    return Mutant(broken, words, extra)


def _resource(folder: str, name: str) -> str:
    return files("tierwise.checks.running").joinpath(folder, name).read_text("utf-8")


def _inside(body: _Body, *, is_own: bool = False) -> Iterator[SgNode]:
    """The nodes of a body in the order of the text; with `is_own` none of the functions within it."""
    inner = body.node.field("body")
    pending = [] if inner is None else [inner]
    while pending:
        node = pending.pop()
        yield node
        if not (is_own and node.kind() in _FUNCTIONS):
            pending += reversed(node.children())


def _line(node: SgNode) -> int:
    return node.range().start.line + 1


def _other(body: _Body, node: SgNode, result: str = "") -> _Edits:
    start, end = span_of(node).start, span_of(node).end
    call = f"tierwiseOther[{result}](" if body.language == "go" else "__tierwiseOther("
    return [(Span(start, start), call), (Span(end, end), ")")]


def _other_results(body: _Body) -> Iterator[tuple[_Edits, str]]:
    """Every result of the function another value of the same type."""
    edits: _Edits = []
    inner = body.node.field("body")
    if body.node.kind() == "arrow_function" and inner is not None and inner.kind() != "statement_block":
        edits += _other(body, inner)
    for node in _inside(body, is_own=True):
        if node.kind() == "return_statement":
            edits += _returned(body, node)
        if node.kind() == "yield_expression" and node.named_children() and "*" not in node.text()[:7]:
            edits += _other(body, node.named_children()[0])
    if edits:
        yield edits, "returns other values of the same type"


def _returned(body: _Body, node: SgNode) -> _Edits:
    values = [child for child in node.named_children() if child.kind() != "comment"]
    if body.language != "go":
        return _other(body, values[0]) if values else []
    values = values[0].named_children() if values else []
    if len(values) != len(body.results):
        return []
    pairs = [(value, kind) for value, kind in zip(values, body.results, strict=True) if kind != "error"]
    return [edit for value, kind in pairs if value.kind() != "nil" for edit in _other(body, value, kind)]


def _results(node: SgNode) -> tuple[str, ...]:
    """Go: the types of a function's results."""
    result = node.field("result")
    if result is None or node.kind() not in ("function_declaration", "method_declaration"):
        return ()
    if result.kind() != "parameter_list":
        return (result.text(),)
    found: list[str] = []
    for declared in result.named_children():
        kind = declared.field("type")
        if kind is not None:
            found += [kind.text()] * max(1, len(declared.field_children("name")))
    return tuple(found)


def _has_result(body: _Body) -> bool:
    inner = body.node.field("body")
    if body.results or (inner is not None and inner.kind() not in ("statement_block", "block")):
        return True
    return any(
        node.kind() in ("return_statement", "yield_expression") and node.named_children()
        for node in _inside(body, is_own=True)
    )


def _emptied(body: _Body) -> Iterator[tuple[_Edits, str]]:
    block = _block(body.node)
    if block is not None and not _has_result(body) and block.named_children():
        span = span_of(block)
        yield [(Span(span.start + 1, span.end - 1), "")], "does nothing"


def _swapped(body: _Body) -> Iterator[tuple[_Edits, str]]:
    for node in _inside(body):
        if node.kind() != "binary_expression":
            continue
        operator = node.field("operator")
        sign = "" if operator is None else operator.text()
        words = f"calculates or compares otherwise on line {_line(node)}"
        if operator is not None and sign in _SWAPPED:
            yield [(span_of(operator), _SWAPPED[sign])], f"{words} ({_SWAPPED[sign]!r} in the place of {sign!r})"
        elif sign in ("+", "/", "**") and body.language != "go":
            # Texts are joined by the same sign as numbers are added; only the value itself tells which it was.
            yield _other(body, node), words
        elif operator is not None and sign in ("+", "/"):
            yield [(span_of(operator), "-" if sign == "+" else "*")], words


def _negated(body: _Body) -> Iterator[tuple[_Edits, str]]:
    for node in _inside(body):
        if node.kind() in ("if_statement", "ternary_expression"):
            condition = node.field("condition")
            if condition is not None:
                start, end = span_of(condition).start, span_of(condition).end
                before, after = ("(!", ")") if condition.kind() == "parenthesized_expression" else ("!(", ")")
                edits = [(Span(start, start), before), (Span(end, end), after)]
                yield edits, f"takes the other branch on line {_line(node)}"


def _other_constant(body: _Body) -> Iterator[tuple[_Edits, str]]:
    for node in _inside(body):
        if node.kind() in _NUMBERS:
            yield [(span_of(node), f"({node.text()} + 1)")], f"has another number on line {_line(node)}"
        elif node.kind() in _TEXTS and (letter := re.search(r"(?<![\\%])[^\W_]", node.text())):
            at = span_of(node).start + letter.start()
            other = "y" if letter[0] == "x" else "x"
            yield [(Span(at, at + 1), other)], f"has another text on line {_line(node)}"


def _shortened(body: _Body) -> Iterator[tuple[_Edits, str]]:
    for node in _inside(body):
        text = node.text()
        if node.kind() in _STATEMENTS and not text.startswith(("super(", '"use', "'use", "yield", "_ =")):
            yield [(span_of(node), "" if body.language == "go" else ";")], f"lacks what line {_line(node)} does"


_KINDS: tuple[_Kind, ...] = (_other_results, _emptied, _swapped, _negated, _other_constant, _shortened)
