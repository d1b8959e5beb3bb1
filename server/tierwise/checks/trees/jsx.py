"""What means the same in the text between JSX tags."""

import re

from ast_grep_py import SgNode

from tierwise.checks.trees.shapes import Part, Rules, Shape, part_of

_BREAK = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t\r\n]*")
_TEXTS = frozenset({"jsx_text", "html_character_reference"})
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_QUOTE = re.compile("|".join(_QUOTES))
_PLAIN_STRING = re.compile(r"\{\s*(?P<quote>['\"])(?P<words>[^'\"\\{}<>&\r\n]*)(?P=quote)\s*\}")


def shape_element(node: SgNode, rules: Rules) -> Shape:
    """An element; lines of text are joined as the compiler joins them, and `{" "}` is a space."""
    parts: list[Part] = []
    text = ""
    raw = ""
    for child in node.children():
        kind = child.kind()
        if kind in _TEXTS:
            raw += child.text()
            continue
        text += joined_lines(raw)
        raw = ""
        if kind == "jsx_expression":
            string = _PLAIN_STRING.fullmatch(child.text())
            if string is not None:
                text += string["words"]
                continue
            if _holds_nothing(child):
                continue
        if text:
            parts.append(Part("jsx_text", text))
            text = ""
        parts.append(part_of(child, node.kind(), rules))
    return Shape(node.kind(), parts)


def joined_lines(text: str) -> str:
    """Text between tags as it will be shown: lines trimmed at their breaks, joined by one space, blank ones dropped."""
    lines = _BREAK.split(text)
    return text if len(lines) == 1 else " ".join(line for line in lines if line)


def shape_attribute(node: SgNode, rules: Rules) -> Shape:
    """An attribute; a plain string may stand in braces."""
    parts: list[Part] = []
    for child in node.children():
        string = _PLAIN_STRING.fullmatch(child.text()) if child.kind() == "jsx_expression" else None
        if string is not None:
            parts.append(Part("attribute string", string["words"]))
        elif child.kind() == "string":
            # Backslashes mean nothing here; quotes may be written as references.
            parts.append(Part("attribute string", _QUOTE.sub(lambda match: _QUOTES[match[0]], child.text()[1:-1])))
        elif child.kind() != "comment":
            parts.append(part_of(child, node.kind(), rules))
    return Shape(node.kind(), parts)


def _holds_nothing(expression: SgNode) -> bool:
    return all(child.kind() in ("{", "}", "comment") for child in expression.children())
