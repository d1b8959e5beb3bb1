"""What means the same in the brace languages, shells and configuration files."""

import re
import textwrap

from ast_grep_py import SgNode

from tierwise.checks.trees.shapes import Part, Rules, Shape, plain_parts
from tierwise.syntax.comments import COMMENT_KINDS

PARENTHESES = frozenset({"parenthesized_expression"})
_TIGHT = frozenset({"binary_expression", "ternary_expression"})
"""What holds operands; elsewhere in `_HOLDERS` any expression may stand."""
_HOLDERS = _TIGHT | {"argument_list", "variable_declarator", "return_statement", "assignment_expression"}
_GROUPED = frozenset({"binary_expression", "cast_expression", "unary_expression", "method_invocation", "identifier"})
_GROUPED |= {"field_access", "array_access"}
_LOOSE = frozenset({"lambda_expression", "assignment_expression", "switch_expression"})


def unwrap_go_parentheses(child: SgNode, parent_kind: str) -> SgNode:
    """Out of parentheses around a Go expression, whose grouping the tree keeps."""
    while child.kind() in PARENTHESES:
        inner = [node for node in child.children() if node.is_named() and node.kind() != "comment"]
        if len(inner) != 1 or re.search(r"\n\s*\)$", child.text()):
            # A line break in front of the closing parenthesis ends the statement.
            break
        child = inner[0]
    return child


def unwrap_operand(child: SgNode, parent_kind: str) -> SgNode:
    """Out of parentheses around an operand, whose grouping the tree keeps, unless it could be read otherwise."""
    while child.kind() in PARENTHESES and parent_kind in _HOLDERS:
        inner = [node for node in child.children() if node.is_named() and node.kind() not in COMMENT_KINDS]
        if len(inner) != 1 or inner[0].kind() in _LOOSE or (parent_kind in _TIGHT and inner[0].kind() not in _GROUPED):
            break
        child = inner[0]
    return child


def unwrap_rust_block(child: SgNode, parent_kind: str) -> SgNode:
    """Out of the braces around the one expression that a match arm or a closure gives."""
    if child.kind() != "block" or parent_kind not in ("match_arm", "closure_expression"):
        return child
    inner = [node for node in child.children() if node.is_named()]
    if len(inner) != 1 or child.children()[0].kind() != "{":
        return child
    value = inner[0]
    if value.kind() == "expression_statement" and not value.text().endswith(";"):
        # What looks like a statement, such as `match`, is a value at the end of a block.
        value = value.children()[0]
    return value if _is_rust_value(value.kind()) else child


def _is_rust_value(kind: str) -> bool:
    return not kind.endswith(("_statement", "_declaration", "_item", "_definition", "_comment"))


def shape_plain_string(node: SgNode, rules: Rules) -> Shape | None:
    """A string in either quotes, as long as neither kind of quotes does anything with what it holds."""
    text = node.text()
    quote, inside = text[:1], text[1:-1]
    is_plain = quote in ("'", '"') and text.endswith(quote) and not set("\\'\"$#{}`") & set(inside)
    return Shape("plain string", [Part("plain string", inside)]) if is_plain and 2 <= len(text) else None


def shape_sorted_imports(node: SgNode, rules: Rules) -> Shape:
    """A Java file, where the order of imports says nothing."""
    parts = plain_parts(node, node.children(), rules)
    imports = sorted(
        (part for part in parts if part.kind == "import_declaration"), key=lambda part: "".join(part.text.split())
    )
    return Shape(node.kind(), [part for part in parts if part.kind != "import_declaration"] + imports)


def shape_last_comma(node: SgNode, rules: Rules) -> Shape:
    """A match arm; the comma after its block is optional."""
    parts = plain_parts(node, node.children(), rules)
    if parts and parts[-1].kind == ",":
        parts.pop()
    return Shape(node.kind(), parts)


def shape_css_number(node: SgNode, rules: Rules) -> Shape:
    """A CSS number with its unit; zeros that say nothing are dropped, also in `.5`."""
    match = re.fullmatch(r"(?P<sign>[+-]?)(?P<number>[\d.]+(?:[eE][+-]?\d+)?)(?P<unit>%|[a-zA-Z]*)", node.text())
    if match is None or match["number"].count(".") > 1:
        return Shape(node.kind(), [Part("number", node.text())])
    value = repr(float(match["number"])) if match["number"] != "." else "."
    return Shape("number", [Part("number", f"{match['sign']}{value}{match['unit']}")])


def shape_shell_test(node: SgNode, rules: Rules) -> Shape:
    """A test in brackets, which are commands only with white space around them."""
    text = node.text()
    spaces = [str(bool(re.match(r"\[\[?\s", text))), str(bool(re.search(r"\s\]\]?$", text)))]
    parts = plain_parts(node, node.children(), rules)
    return Shape(node.kind(), [*parts, Part("spaces", " ".join(spaces))])


def shape_heredoc(node: SgNode, rules: Rules) -> Shape:
    """A here-document, whose every space is text."""
    return Shape(node.kind(), [Part("text", node.text().replace("\r\n", "\n"))])


def shape_css_call(node: SgNode, rules: Rules) -> Shape | None:
    """An address without quotes, whose every space is text."""
    is_bare = re.match(r"url\(\s*[^\s'\"]", node.text(), re.IGNORECASE) is not None
    return Shape("url", [Part("url", node.text())]) if is_bare else None


def shape_in_lower_case(node: SgNode, rules: Rules) -> Shape:
    """A word in which capitals mean nothing."""
    return Shape(node.kind(), [Part("word", " ".join(node.text().lower().split()))])


def shape_block_scalar(node: SgNode, rules: Rules) -> Shape:
    """A YAML block of text by its own indentation, unless its head says how deep it is."""
    head, _, body = node.text().partition("\n")
    head = head.split("#")[0].strip()
    if any(character.isdigit() for character in head):
        return Shape(node.kind(), [Part("text", node.text())])
    text = textwrap.dedent(body).replace("\r\n", "\n")
    # Only `+` keeps the empty lines at the end.
    return Shape(node.kind(), [Part("head", head), Part("text", text if "+" in head else text.rstrip())])


def shape_yaml_text(node: SgNode, rules: Rules) -> Shape | None:
    """A YAML scalar over several lines; single line breaks in it are spaces."""
    text = node.text()
    if re.search(r"\n[ \t]*\r?\n", text):
        return Shape(node.kind(), [Part("text", text)])
    folded = re.sub(r"[ \t]*\r?\n[ \t]*", " ", text)
    if node.kind() == "plain_scalar":
        return Shape(node.kind(), [Part("text", folded)])
    inside = folded[1:-1]
    if not set("\\'\"") & set(inside):
        return Shape("quoted", [Part("text", inside)])
    return Shape(node.kind(), [Part("text", folded if "\\" not in folded else text)])
