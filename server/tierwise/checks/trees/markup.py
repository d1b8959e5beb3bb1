"""What means the same in HTML."""

import re

from ast_grep_py import SgNode

from tierwise.checks.trees.shapes import Part, Rules, Shape, part_of

BLOCKS = frozenset(
    [
        "html",
        "head",
        "body",
        "title",
        "meta",
        "link",
        "base",
        "script",
        "style",
        "template",
        "noscript",
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "dialog",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "section",
        "summary",
        "ul",
        "table",
        "caption",
        "colgroup",
        "col",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "option",
        "optgroup",
        "area",
        "source",
        "track",
        "param",
    ]
)
"""Elements around and in which white space at the edges does not show."""
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_VERBATIM = frozenset({"pre", "textarea", "listing", "xmp"})
_ELEMENTS = frozenset({"element", "script_element", "style_element"})
_TAGS = frozenset({"start_tag", "end_tag", "self_closing_tag"})
SPACE = " \t\n\r\f"
"""What HTML and CSS take for white space; others, such as the space that does not break, are text."""
_SPACES = re.compile(f"[{SPACE}]+")
_NAME = re.compile(r"</?\s*([\w:-]+)")


def shape_children(node: SgNode, rules: Rules) -> Shape:
    """A document or an element; runs of white space are one space, and none at the edges of blocks."""
    kind, text = node.kind(), node.text()
    name = _name(node) if kind != "document" else "html"
    if name in _VERBATIM:
        return Shape(kind, [Part("verbatim", text)])
    parts: list[Part] = []
    done = 0
    is_space_before = False
    for child in node.children():
        start = text.find(child.text(), done)
        between = text[done:start]
        if between.strip(SPACE):
            parts.append(Part("gap", one_space(between)))
        is_space_before = is_space_before or bool(between)
        done = start + len(child.text())
        if child.kind() == "comment":
            continue
        if is_space_before and not _is_edge(parts[-1] if parts else None, child, name):
            parts.append(Part("space", " "))
        is_space_before = False
        parts.append(_child_part(child, kind, rules))
    return Shape(kind, parts)


def shape_tag(node: SgNode, rules: Rules) -> Shape:
    """The tag of an element; one that holds nothing may end in a slash."""
    parts = [part_of(child, node.kind(), rules) for child in node.children() if child.kind() not in (">", "/>")]
    return Shape("tag" if _name(node) in _VOID else node.kind(), parts)


def shape_doctype(node: SgNode, rules: Rules) -> Shape:
    """The type of the document; its name may be written in capitals."""
    text = " ".join(node.text().split())
    return Shape("doctype", [Part("doctype", text.lower() if text.lower() == "<!doctype html>" else text)])


def shape_attribute(node: SgNode, rules: Rules) -> Shape:
    """An attribute, in whichever quotes."""
    name, _, value = node.text().partition("=")
    value = value.strip()
    if value[:1] in ("'", '"'):
        value = value[1:-1]
    return Shape("attribute", [Part("name", name.strip()), Part("value", value)])


def _child_part(child: SgNode, parent_kind: str, rules: Rules) -> Part:
    if child.kind() in ("text", "entity"):
        return Part("text", one_space(child.text()))
    return part_of(child, parent_kind, rules)


def _is_edge(before: Part | None, child: SgNode, parent: str) -> bool:
    """Whether white space here touches a block from the inside or the outside."""
    if before is None or _is_block(before.kind, before.text, parent):
        return True
    return _is_block(child.kind(), child.text(), parent)


def _is_block(kind: str, text: str, parent: str) -> bool:
    if kind == "doctype":
        return True
    if kind in _TAGS:
        return parent in BLOCKS
    return kind in _ELEMENTS and _name_in(text) in BLOCKS


def _name(element: SgNode) -> str:
    return _name_in(element.text())


def _name_in(text: str) -> str:
    match = _NAME.match(text)
    return match[1].lower() if match else ""


def one_space(text: str) -> str:
    """Text without white space at its edges, and with one space for every run of it."""
    return _SPACES.sub(" ", text).strip(" ")
