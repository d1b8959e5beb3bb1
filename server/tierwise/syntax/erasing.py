"""TypeScript without its types, for a Node that does not read it. Pure; lines stay where they are."""

import re

from ast_grep_py import SgNode

from tierwise.syntax.trees import parse
from tierwise.text import Rejection

_BLANKED = frozenset(
    {
        *("type_annotation", "type_predicate_annotation", "asserts_annotation", "type_parameters", "type_arguments"),
        *("interface_declaration", "type_alias_declaration", "ambient_declaration", "function_signature"),
        *("implements_clause", "accessibility_modifier", "override_modifier", "abstract_method_signature"),
        *("index_signature", "opting_type_annotation", "omitting_type_annotation"),
    }
)
_WORDS = frozenset({"readonly", "abstract", "declare", "override"})
_COMPILED = frozenset({"enum_declaration", "internal_module", "module", "import_alias", "decorator"})
_ASSERTIONS = frozenset({"as_expression", "satisfies_expression"})


def without_types(text: str) -> str | Rejection:
    """The program as Node runs it; a rejection, `not-erasable`, where a part of it would have to be compiled."""
    root = parse(text, "typescript")
    if root is None:
        return Rejection("not-erasable", "cannot be read, because no TypeScript grammar is installed")
    pieces = list(text)
    fault = _erase(root, pieces)
    if fault is not None:
        return fault
    return re.sub(r"""((?:from|import)\s*\(?\s*["'][^"'\n]*)\.ts(["'])""", r"\1.js\2", "".join(pieces))


def _erase(node: SgNode, pieces: list[str]) -> Rejection | None:
    kind = node.kind()
    if node.is_named() and (kind in _COMPILED or (kind == "required_parameter" and _is_property(node))):
        line = node.range().start.line + 1
        return Rejection("not-erasable", f"has TypeScript that must be compiled on line {line} ({kind})")
    if kind in _BLANKED or _is_type_only(node):
        _blank(node, pieces)
        return None
    children = node.children()
    if kind in _ASSERTIONS:
        for child in children[1:]:
            _blank(child, pieces)
        children = children[:1]
    for child, after in zip(children, [*children[1:], None], strict=False):
        if kind == "named_imports" and _is_type_only(child) and after is not None and after.text() == ",":
            _blank(after, pieces)
        if _is_marker(child, kind):
            _blank(child, pieces)
        elif (fault := _erase(child, pieces)) is not None:
            return fault
    return None


def _is_marker(child: SgNode, parent: str) -> bool:
    """Marks that only types have a use for: `?` and `!` behind names, and modifiers of members."""
    text = child.text()
    if text == "?":
        return parent in ("optional_parameter", "public_field_definition", "method_definition")
    if text == "!":
        return parent in ("non_null_expression", "public_field_definition", "variable_declarator")
    return child.kind() in _WORDS and text in _WORDS


def _is_property(node: SgNode) -> bool:
    return any(child.kind() == "accessibility_modifier" for child in node.children())


def _is_type_only(node: SgNode) -> bool:
    kind, words = node.kind(), node.text().split(None, 3)
    if kind == "import_statement":
        return words[1:2] == ["type"]
    if kind == "import_specifier":
        return words[:1] == ["type"] and 1 < len(words)
    if kind == "export_statement":
        return words[1:2] in (["type"], ["interface"], ["declare"])
    return False


def _blank(node: SgNode, pieces: list[str]) -> None:
    where = node.range()
    for at in range(where.start.index, where.end.index):
        if pieces[at] not in "\r\n":
            pieces[at] = " "
