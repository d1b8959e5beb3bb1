"""What means the same in JavaScript, TypeScript and JSX."""

import re

from ast_grep_py import SgNode

from tierwise.checks.trees.expressions import PARENTHESES, unwrap_parentheses
from tierwise.checks.trees.shapes import Part, Rules, Shape, part_of, plain_parts

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_NAMES_WITH_A_MEANING = frozenset({"get", "set", "static", "async", "accessor"})
NO_BREAK_AFTER = frozenset(
    {"async", "declare", "abstract", "type", "interface", "namespace", "module", "readonly", "accessor"}
    | {"accessibility_modifier", "override_modifier", "asserts", "return", "throw", "break", "continue", "yield"}
)
"""Words that are mere names, or the end of a statement, when a line break follows."""
NO_BREAK_BEFORE = {
    "arrow_function": frozenset({"=>"}),
    "update_expression": frozenset({"++", "--"}),
    "as_expression": frozenset({"as"}),
    "satisfies_expression": frozenset({"satisfies"}),
    "non_null_expression": frozenset({"!"}),
    "generic_type": frozenset({"type_arguments"}),
    "array_type": frozenset({"["}),
    "lookup_type": frozenset({"["}),
    "conditional_type": frozenset({"extends"}),
    "type_predicate": frozenset({"is"}),
}
TRAILING_COMMAS = frozenset(
    {"arguments", "array", "object", "formal_parameters", "array_pattern", "object_pattern", "named_imports"}
    | {"export_clause", "enum_body", "tuple_type", "type_parameters"}
)
_DECLARATION = re.compile(r"(?:async\s+)?function\b|class\b")
_ESCAPED_QUOTE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?=['\"])")


def shape_string(node: SgNode, rules: Rules) -> Shape:
    """A string by its value, whatever its quotes."""
    return Shape("string", [Part("string", _ESCAPED_QUOTE.sub(r"\1", node.text()[1:-1]))])


def shape_number(node: SgNode, rules: Rules) -> Shape:
    """A number by its value."""
    return Shape("number", [Part("number", number_value(node.text()))])


def number_value(text: str) -> str:
    """One spelling for every number."""
    plain = text.lower().replace("_", "")
    if plain.endswith("n") or re.match(r"0\d", plain):
        return plain
    if plain[:2] in ("0x", "0o", "0b"):
        return str(int(plain, 0))
    try:
        value = float(plain)
    except ValueError:
        return plain
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def shape_arrow(node: SgNode, rules: Rules) -> Shape:
    """An arrow function; a lone parameter may have parentheses."""
    parts = plain_parts(node, node.children(), rules)
    for i, part in enumerate(parts):
        if part.kind == "formal_parameters" and part.node is not None:
            name = _lone_parameter(part.node, rules.skipped["*"])
            if name is not None:
                parts[i] = Part("identifier", name)
        elif part.kind == "identifier" and i + 1 < len(parts) and parts[i + 1].kind == "=>":
            parts[i] = Part("identifier", part.text)
    return Shape(node.kind(), parts)


def _lone_parameter(parameters: SgNode, skipped: frozenset[str]) -> str | None:
    named = [child for child in parameters.children() if child.is_named() and child.kind() not in skipped]
    if len(named) == 1 and named[0].kind() == "required_parameter":
        named = [child for child in named[0].children() if child.kind() not in skipped]
    return named[0].text() if len(named) == 1 and named[0].kind() == "identifier" else None


def shape_pair(node: SgNode, rules: Rules) -> Shape:
    """A property; a key that is a name may have quotes."""
    parts = plain_parts(node, node.children(), rules)
    for i, part in enumerate(parts[:2]):
        if part.kind == "property_identifier":
            parts[i] = Part("key", part.text)
        elif part.kind == "string" and _IDENTIFIER.fullmatch(part.text[1:-1]):
            parts[i] = Part("key", part.text[1:-1])
    return Shape(node.kind(), parts)


def shape_method(node: SgNode, rules: Rules) -> Shape:
    """A method; a name may have quotes."""
    parts = plain_parts(node, node.children(), rules)
    for i, part in enumerate(parts):
        if part.kind == "property_identifier":
            parts[i] = Part("key", part.text)
        elif part.kind == "string" and _IDENTIFIER.fullmatch(part.text[1:-1]):
            parts[i] = Part("key", part.text[1:-1])
    return Shape(node.kind(), parts)


def shape_new(node: SgNode, rules: Rules) -> Shape:
    """A construction; no arguments may be written as none or as empty parentheses."""
    parts = plain_parts(node, node.children(), rules)
    if parts[-1].kind == "arguments" and parts[-1].text.strip("() \t\r\n") == "":
        parts.pop()
    return Shape(node.kind(), parts)


def shape_union(node: SgNode, rules: Rules) -> Shape:
    """A union or an intersection of types: its members, with or without a leading sign."""
    kind = node.kind()
    found: list[Part] = []
    pending = [(node, True)]
    while pending:
        current, may_lead = pending.pop()
        if current.kind() != kind:
            found.append(Part(current.kind(), current.text(), current))
            continue
        children = [child for child in current.children() if child.kind() != "comment"]
        if not may_lead and not children[0].is_named():
            found.append(Part("end", children[0].text()))
        for i, child in reversed(list(enumerate(children))):
            if child.is_named():
                may_lead_inside = child.kind() in PARENTHESES or (may_lead and i == 0)
                pending.append((unwrap_parentheses(child, kind), may_lead_inside))
    return Shape(kind, found)


def shape_statements(node: SgNode, rules: Rules) -> Shape:
    """A block; empty statements in it do nothing."""
    parts = plain_parts(node, node.children(), rules)
    return Shape(node.kind(), [part for part in parts if part.kind != "empty_statement"])


def shape_members(node: SgNode, rules: Rules) -> Shape:
    """Members of a type, however they are set apart."""
    parts: list[Part] = []
    is_after_member = False
    for child in node.children():
        kind = child.kind()
        if kind == "comment":
            continue
        if kind not in (";", ",") or not is_after_member:
            parts.append(part_of(child, node.kind(), rules))
        is_after_member = kind not in (";", ",", "{", "{|")
    return Shape(node.kind(), parts)


def shape_with_rest(node: SgNode, rules: Rules) -> Shape:
    """Parameters or a pattern; nothing may follow what takes the rest, not even a comma."""
    parts = plain_parts(node, node.children(), rules)
    kinds = [(child.kind(), child.text()[:3]) for child in node.children() if child.kind() != "comment"]
    if 3 < len(kinds) and kinds[-2][0] == "," and kinds[-3][1] == "...":
        parts.append(Part("end", ","))
    return Shape(node.kind(), parts)


def shape_expression_statement(node: SgNode, rules: Rules) -> Shape:
    """An expression as a statement; one that begins like a declaration needs its parentheses."""
    parts = plain_parts(node, node.children(), rules)
    if _DECLARATION.match(node.text()):
        parts.append(Part("bare", "declaration"))
    return Shape(node.kind(), parts)


def shape_class_body(node: SgNode, rules: Rules) -> Shape:
    """Members; the end of a field whose name could begin the next member is part of the program."""
    parts: list[Part] = []
    children = node.children()
    for child, following in zip(children, [*children[1:], None], strict=True):
        if child.kind() in (";", "comment"):
            continue
        parts.append(part_of(child, node.kind(), rules))
        if child.text() in _NAMES_WITH_A_MEANING:
            parts.append(Part("end", ";" if following is not None and following.kind() == ";" else "line break"))
    return Shape(node.kind(), parts)
