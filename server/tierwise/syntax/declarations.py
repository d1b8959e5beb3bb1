"""Which nodes of each grammar declare a symbol, and where they keep its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ast_grep_py import Config, Relation, Rule, SgNode

SymbolKind = Literal["function", "method", "class", "other"]

FUNCTION_VALUES: Mapping[str, SymbolKind] = {
    "arrow_function": "function",
    "function_expression": "function",
    "generator_function": "function",
    "function_definition": "function",
    "class": "class",
}
_SCRIPT_VALUES = ("arrow_function", "function_expression", "generator_function", "class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """How one grammar declares."""

    kinds: Mapping[str, SymbolKind]
    holders: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Nodes that give a function or class value a name → the fields with the name and the value."""
    wrappers: frozenset[str] = frozenset()
    """Nodes around a declaration that are part of it."""
    leading: frozenset[str] = frozenset()
    """Nodes right before a declaration that are part of it."""

    @property
    def rule(self) -> Config:
        """What finds the declarations in a tree."""
        wanted: list[Rule] = [{"kind": kind} for kind in self.kinds]
        for kind, (_, value) in self.holders.items():
            if kind == "assignment_statement":
                has: Relation = {"kind": "expression_list", "has": {"kind": "function_definition"}}
            else:
                has = {"field": value, "any": [{"kind": name} for name in _SCRIPT_VALUES]}
            wanted.append({"kind": kind, "has": has})
        return {"rule": {"any": wanted}}


_SCRIPT = Declarations(
    kinds={
        "function_declaration": "function",
        "generator_function_declaration": "function",
        "class_declaration": "class",
        "method_definition": "method",
    },
    holders={
        "variable_declarator": ("name", "value"),
        "assignment_expression": ("left", "right"),
        "pair": ("key", "value"),
        "field_definition": ("property", "value"),
    },
    wrappers=frozenset({"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}),
    leading=frozenset({"decorator"}),
)
_TYPED_SCRIPT = Declarations(
    kinds={
        **_SCRIPT.kinds,
        "abstract_class_declaration": "class",
        "interface_declaration": "class",
        "enum_declaration": "class",
        "type_alias_declaration": "other",
        "internal_module": "other",
        "module": "other",
        "function_signature": "function",
        "method_signature": "method",
        "abstract_method_signature": "method",
    },
    holders={
        "variable_declarator": ("name", "value"),
        "assignment_expression": ("left", "right"),
        "pair": ("key", "value"),
        "public_field_definition": ("name", "value"),
    },
    wrappers=_SCRIPT.wrappers | {"ambient_declaration"},
    leading=_SCRIPT.leading,
)
_C_KINDS: Mapping[str, SymbolKind] = {
    "function_definition": "function",
    "struct_specifier": "class",
    "union_specifier": "class",
    "enum_specifier": "class",
    "type_definition": "other",
    "preproc_function_def": "other",
}

DECLARATIONS: Mapping[str, Declarations] = {
    "python": Declarations(
        kinds={"function_definition": "function", "class_definition": "class"},
        wrappers=frozenset({"decorated_definition"}),
    ),
    "javascript": _SCRIPT,
    "typescript": _TYPED_SCRIPT,
    "tsx": _TYPED_SCRIPT,
    "go": Declarations(
        kinds={
            "function_declaration": "function",
            "method_declaration": "method",
            "type_spec": "class",
            "type_alias": "other",
            "method_elem": "method",
        },
        wrappers=frozenset({"type_declaration"}),
    ),
    "rust": Declarations(
        kinds={
            "function_item": "function",
            "function_signature_item": "function",
            "struct_item": "class",
            "enum_item": "class",
            "union_item": "class",
            "trait_item": "class",
            "impl_item": "class",
            "mod_item": "other",
            "type_item": "other",
            "macro_definition": "other",
        },
        leading=frozenset({"attribute_item"}),
    ),
    "java": Declarations(
        kinds={
            "class_declaration": "class",
            "interface_declaration": "class",
            "enum_declaration": "class",
            "record_declaration": "class",
            "annotation_type_declaration": "class",
            "method_declaration": "method",
            "constructor_declaration": "method",
            "compact_constructor_declaration": "method",
        }
    ),
    "c": Declarations(kinds=_C_KINDS),
    "cpp": Declarations(
        kinds={**_C_KINDS, "class_specifier": "class", "namespace_definition": "other"},
        wrappers=frozenset({"template_declaration"}),
    ),
    "csharp": Declarations(
        kinds={
            "class_declaration": "class",
            "struct_declaration": "class",
            "interface_declaration": "class",
            "record_declaration": "class",
            "enum_declaration": "class",
            "method_declaration": "method",
            "constructor_declaration": "method",
            "destructor_declaration": "method",
            "local_function_statement": "function",
            "property_declaration": "other",
            "delegate_declaration": "other",
            "namespace_declaration": "other",
        }
    ),
    "ruby": Declarations(
        kinds={"method": "function", "singleton_method": "method", "class": "class", "module": "other"}
    ),
    "php": Declarations(
        kinds={
            "function_definition": "function",
            "class_declaration": "class",
            "interface_declaration": "class",
            "trait_declaration": "class",
            "enum_declaration": "class",
            "method_declaration": "method",
        }
    ),
    "bash": Declarations(kinds={"function_definition": "function"}),
    "lua": Declarations(
        kinds={"function_declaration": "function"},
        holders={"assignment_statement": ("", "")},
        wrappers=frozenset({"variable_declaration"}),
    ),
}

_RECEIVER = re.compile(r"\(\s*(?:\w+\s+)?\*?\s*(\w+)")
_TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>|\s+")
_BODY_KINDS = ("body_statement", "enum_variant_list")


def name_of(node: SgNode, table: Declarations) -> SgNode | None:
    """The node that spells a declaration's name; None for one without a name."""
    kind = node.kind()
    if kind == "assignment_statement":
        names = node.child(0)
        return _last_part(names) if names is not None and len(names.children()) == 1 else None
    if kind in table.holders:
        named = node.field(table.holders[kind][0])
        return None if named is None else _last_part(named)
    if kind == "impl_item":
        implemented = node.field("type")
        return None if implemented is None else implemented.field("type") or implemented
    named = node.field("name") or node.field("declarator")
    return None if named is None else _last_part(named)


def owner_of(node: SgNode) -> str | None:
    """What a declaration that stands elsewhere says it belongs to: a Go receiver, a C++ or Lua qualifier."""
    if node.kind() == "method_declaration":
        receiver = node.field("receiver")
        match = _RECEIVER.match(receiver.text()) if receiver is not None else None
        return match[1] if match else None
    named = node.field("name") if node.kind() == "function_declaration" else node.field("declarator")
    while named is not None and named.kind() != "qualified_identifier":
        if named.kind() in ("method_index_expression", "dot_index_expression"):
            table = named.field("table")
            return None if table is None else table.text()
        named = named.field("declarator")
    if named is None:
        return None
    qualifier = _TEMPLATE_ARGUMENTS.sub("", named.text()).rpartition("::")[0]
    return qualifier.replace("::", ".").strip() or None


def body_of(node: SgNode, table: Declarations) -> SgNode | None:
    """The node that holds what a declaration does or contains; None for a bare declaration."""
    value = value_of(node, table)
    if value is not None:
        return value.field("body")
    if node.kind() == "type_spec":
        declared = node.field("type")
        return declared if declared is not None and declared.kind() in ("struct_type", "interface_type") else None
    body = node.field("body")
    if body is not None or node.is_leaf():
        return body
    return next((child for child in node.children() if child.kind() in _BODY_KINDS), None)


def value_of(node: SgNode, table: Declarations) -> SgNode | None:
    """The function or class that a holder gives a name to; None for nodes that declare by themselves."""
    kind = node.kind()
    if kind == "assignment_statement":
        return node.find(kind="function_definition")
    return node.field(table.holders[kind][1]) if kind in table.holders else None


def _last_part(named: SgNode) -> SgNode | None:
    """Walk down declarators and qualifiers to the last name."""
    part: SgNode | None = named
    while part is not None and not part.is_leaf():
        inner = next((found for name in _NAME_FIELDS if (found := part.field(name)) is not None), None)
        if inner is None:
            named_children = [child for child in part.children() if child.is_named()]
            is_wrapper = part.kind() in ("parenthesized_declarator", "variable_list", "reference_declarator")
            return _last_part(named_children[0]) if is_wrapper and len(named_children) == 1 else part
        part = inner
    return part


_NAME_FIELDS = ("declarator", "name", "property", "method", "field")
