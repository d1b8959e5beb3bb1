"""What means the same in the brace languages, shells and configuration files."""

import re
import textwrap

from ast_grep_py import SgNode

from tierwise.checks.trees.shapes import Part, Rules, Shape, plain_parts

_NUMERIC_ESCAPE = re.compile(r"\\[xuU0-7]")
_SPACE_OR_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\\?\s+", re.DOTALL)
PARENTHESES = frozenset({"parenthesized_expression"})


def unwrap_go_parentheses(child: SgNode, parent_kind: str) -> SgNode:
    """Out of parentheses around a Go expression, whose grouping the tree keeps."""
    while child.kind() in PARENTHESES:
        inner = [node for node in child.children() if node.is_named() and node.kind() != "comment"]
        if len(inner) != 1 or re.search(r"\n\s*\)$", child.text()):
            # A line break in front of the closing parenthesis ends the statement.
            break
        child = inner[0]
    return child


def shape_plain_string(node: SgNode, rules: Rules) -> Shape | None:
    """A string in either quotes, as long as neither kind of quotes does anything with what it holds."""
    text = node.text()
    quote, inside = text[:1], text[1:-1]
    is_plain = quote in ("'", '"') and text.endswith(quote) and not set("\\'\"$#{}`") & set(inside)
    return Shape("plain string", [Part("plain string", inside)]) if is_plain and 2 <= len(text) else None


def shape_c_string(node: SgNode, rules: Rules) -> Shape | None:
    """A C string in one or several pieces; a number written as an escape must not meet the next piece."""
    text = node.text()
    pieces = [child for child in node.children() if child.kind() == "string_literal"]
    if node.kind() == "string_literal":
        pieces = [node]
    elif len(pieces) != len([child for child in node.children() if child.kind() != "comment"]):
        return None
    contents = [piece.text() for piece in pieces]
    if not all(content.startswith('"') and content.endswith('"') for content in contents):
        return None
    if 1 < len(pieces) and _NUMERIC_ESCAPE.search(text):
        return None
    return Shape("c string", [Part("c string", "".join(content[1:-1] for content in contents))])


def shape_macro_text(node: SgNode, rules: Rules) -> Shape:
    """The replacement text of a macro; its white space outside strings is one space."""
    text = _SPACE_OR_STRING.sub(lambda match: match[0] if match[0][0] in "\"'" else " ", node.text())
    return Shape(node.kind(), [Part("macro text", text.strip())])


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
    return Shape("url", [Part("url", node.text())]) if node.text().lower().startswith("url(") else None


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
