"""Parentheses and operators of JavaScript and TypeScript."""

from ast_grep_py import SgNode

from tierwise.checks.trees.shapes import Part, Rules, Shape, plain_parts

PARENTHESES = frozenset({"parenthesized_expression", "parenthesized_type"})
_LOGICAL = frozenset({"&&", "||", "??"})
_LOOSER_THAN_CASTS = frozenset({*_LOGICAL, "==", "!=", "===", "!==", "&", "|", "^"})
_CASTS = frozenset({"as_expression", "satisfies_expression"})
_CHAINS = frozenset({"member_expression", "subscript_expression", "call_expression", "non_null_expression"})
_TIGHT = _CHAINS | {"binary_expression", "unary_expression", "await_expression", "new_expression", "update_expression"}
_LOOSE = frozenset(
    {"arrow_function", "assignment_expression", "augmented_assignment_expression", "yield_expression"}
    | {"ternary_expression", "sequence_expression"}
)
_KEEPING = frozenset({"export_statement", "assignment_expression", "augmented_assignment_expression"})
_LOOSE_TYPES = frozenset({"function_type", "constructor_type", "conditional_type", "infer_type"})


def unwrap_parentheses(child: SgNode, parent_kind: str) -> SgNode:
    """Out of parentheses, where the tree alone says the same."""
    while child.kind() in PARENTHESES:
        inner = [node for node in child.children() if node.is_named() and node.kind() != "comment"]
        if len(inner) != 1 or _need_parentheses(inner[0], child, parent_kind):
            break
        child = inner[0]
    return child


def _need_parentheses(inner: SgNode, parentheses: SgNode, parent_kind: str) -> bool:
    """Whether the language wants them; the grammar may read the text without them all the same."""
    kind = inner.kind()
    if parent_kind == "expression_statement":
        # A string alone is a directive.
        return kind == "string"
    if parent_kind in _KEEPING:
        return parent_kind == "export_statement" or parentheses.prev() is None
    if kind == "super" or (kind in _LOOSE and parent_kind in _TIGHT):
        # Between the brackets of `a[b]` everything may stand.
        return kind == "super" or parent_kind != "subscript_expression" or parentheses.prev() is None
    if parentheses.kind() == "parenthesized_type":
        return kind in _LOOSE_TYPES
    if parent_kind == "binary_expression":
        return _must_not_mix(inner, parentheses)
    # Parentheses end an optional chain.
    return parent_kind in _CHAINS and kind in _CHAINS and "?." in inner.text()


def _must_not_mix(inner: SgNode, parentheses: SgNode) -> bool:
    """Whether an operator may not meet another one without parentheses between them."""
    around = parentheses.parent()
    outer = None if around is None else _operator(around)
    if outer == "**":
        return inner.kind() == "unary_expression"
    own = _operator(inner)
    return own in _LOGICAL and outer in _LOGICAL and own != outer and "??" in (own, outer)


def _operator(node: SgNode) -> str | None:
    operator = node.field("operator") if node.kind() == "binary_expression" else None
    return None if operator is None else operator.kind()


def shape_binary(node: SgNode, rules: Rules) -> Shape | None:
    """Chains of one logical operator mean the same however they are grouped."""
    operator = _operator(node)
    if operator not in _LOGICAL:
        return None
    return Shape(f"chain {operator}", _operands(node, operator, rules))


def _operands(node: SgNode, operator: str, rules: Rules) -> list[Part]:
    found: list[Part] = []
    pending = [node]
    while pending:
        current = pending.pop()
        if _operator(current) == operator:
            sides = [current.field("left"), current.field("right")]
            pending.extend(
                unwrap_parentheses(side, "binary_expression") for side in reversed(sides) if side is not None
            )
        elif current.kind() in _CASTS and _operator(current.children()[0]) not in _LOOSER_THAN_CASTS:
            found += plain_parts(current, current.children(), rules)
        else:
            found.append(Part(current.kind(), current.text(), current))
    return found


def shape_cast(node: SgNode, rules: Rules) -> Shape | None:
    """A cast; `a || b as C` casts `b` alone, which the grammar does not know."""
    operand, *rest = plain_parts(node, node.children(), rules)
    first = node.children()[0]
    operator = _operator(first)
    if operator not in _LOOSER_THAN_CASTS:
        return None
    operands = _operands(first, operator, rules) if operator in _LOGICAL else [operand]
    last = operands[-1].node
    if operator not in _LOGICAL or (last is not None and _operator(last) in _LOOSER_THAN_CASTS):
        return Shape(node.kind(), [operand, *rest, Part("bare", operator or "")])
    return Shape(f"chain {operator}", [*operands, *rest])
