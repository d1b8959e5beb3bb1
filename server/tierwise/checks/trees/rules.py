"""Which spellings mean the same, grammar by grammar."""

import re
from collections.abc import Mapping

from tierwise.checks.trees import expressions, jsx, markup, plain, script
from tierwise.checks.trees.shapes import Rules
from tierwise.syntax.tokens import WHOLE_KINDS

_BY_LINES = frozenset({"javascript", "typescript", "tsx", "go", "python", "ruby", "bash", "yaml"})
STRICT: Mapping[str, Rules] = {
    grammar: Rules(whole=whole, has_significant_breaks=grammar in _BY_LINES) for grammar, whole in WHOLE_KINDS.items()
}
"""Nothing but white space between tokens and comments is forgotten; for the surroundings of syntax errors."""

_SCRIPT = Rules(
    whole=frozenset({"regex"}),
    separators={"*": frozenset({";"})},
    trailing_commas=script.TRAILING_COMMAS,
    no_break_after=script.NO_BREAK_AFTER,
    no_break_before=script.NO_BREAK_BEFORE,
    unwrap=expressions.unwrap_parentheses,
    wrappers=expressions.PARENTHESES,
    spanning=("`", "\\\n", "</", "/>"),
    special={
        "string": script.shape_string,
        "number": script.shape_number,
        "arrow_function": script.shape_arrow,
        "pair": script.shape_pair,
        "property_signature": script.shape_pair,
        "method_definition": script.shape_method,
        "new_expression": script.shape_new,
        "binary_expression": expressions.shape_binary,
        "as_expression": expressions.shape_cast,
        "satisfies_expression": expressions.shape_cast,
        "expression_statement": script.shape_expression_statement,
        "union_type": script.shape_union,
        "intersection_type": script.shape_union,
        "program": script.shape_statements,
        "statement_block": script.shape_statements,
        "switch_case": script.shape_statements,
        "switch_default": script.shape_statements,
        "class_body": script.shape_class_body,
        "object_type": script.shape_members,
        "interface_body": script.shape_members,
        "formal_parameters": script.shape_with_rest,
        "array_pattern": script.shape_with_rest,
        "object_pattern": script.shape_with_rest,
        "jsx_element": jsx.shape_element,
        "jsx_fragment": jsx.shape_element,
        "jsx_attribute": jsx.shape_attribute,
    },
)
_GO_LISTS = frozenset(
    {
        "source_file",
        "block",
        "statement_list",
        "import_spec_list",
        "const_declaration",
        "var_declaration",
        "var_spec_list",
        "type_declaration",
        "field_declaration_list",
        "interface_type",
        "expression_case",
        "default_case",
        "type_case",
        "communication_case",
        "expression_switch_statement",
        "type_switch_statement",
        "select_statement",
    }
)

RULES: Mapping[str, Rules] = {
    "python": STRICT["python"],
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "go": Rules(
        whole=WHOLE_KINDS["go"],
        separators={kind: frozenset({";"}) for kind in _GO_LISTS},
        lists=_GO_LISTS,
        line_enders=re.compile(r"(?:[\w)\]}\"'`]|\+\+|--)\Z"),
        trailing_commas=frozenset(
            {"literal_value", "argument_list", "parameter_list", "type_arguments", "special_argument_list"}
        ),
        unwrap=plain.unwrap_go_parentheses,
        wrappers=plain.PARENTHESES,
        spanning=("`",),
    ),
    "rust": Rules(
        whole=WHOLE_KINDS["rust"],
        trailing_commas=frozenset(
            {
                "arguments",
                "parameters",
                "closure_parameters",
                "array_expression",
                "tuple_expression",
                "tuple_type",
                "tuple_pattern",
                "tuple_struct_pattern",
                "struct_pattern",
                "slice_pattern",
                "field_initializer_list",
                "field_declaration_list",
                "ordered_field_declaration_list",
                "enum_variant_list",
                "use_list",
                "type_arguments",
                "type_parameters",
                "match_block",
            }
        ),
        special={"match_arm": plain.shape_last_comma, "where_clause": plain.shape_last_comma},
        separators={"macro_definition": frozenset({";"})},
        unwrap=plain.unwrap_rust_block,
        wrappers=frozenset({"block"}),
    ),
    "java": Rules(
        whole=WHOLE_KINDS["java"],
        trailing_commas=frozenset({"array_initializer", "element_value_array_initializer"}),
        special={"program": plain.shape_sorted_imports},
        unwrap=plain.unwrap_operand,
        wrappers=plain.PARENTHESES,
    ),
    "c": STRICT["c"],
    "cpp": STRICT["cpp"],
    "csharp": Rules(
        whole=WHOLE_KINDS["csharp"],
        trailing_commas=frozenset({"initializer_expression", "enum_member_declaration_list", "switch_expression"}),
    ),
    "ruby": Rules(
        whole=WHOLE_KINDS["ruby"],
        separators={
            kind: frozenset({";", "then"}) if kind == "then" else frozenset({";"})
            for kind in (
                "program",
                "body_statement",
                "then",
                "do",
                "else",
                "begin",
                "block_body",
                "class",
                "module",
                "method",
            )
        },
        trailing_commas=frozenset({"array", "hash", "argument_list"}),
        special={"string": plain.shape_plain_string},
    ),
    "php": Rules(
        whole=WHOLE_KINDS["php"] - {"string", "encapsed_string"},
        trailing_commas=frozenset({"array_creation_expression", "arguments", "formal_parameters", "match_block"}),
        special={"string": plain.shape_plain_string, "encapsed_string": plain.shape_plain_string},
    ),
    "bash": Rules(
        whole=WHOLE_KINDS["bash"],
        separators={
            kind: frozenset({";"})
            for kind in (
                "program",
                "compound_statement",
                "if_statement",
                "elif_clause",
                "else_clause",
                "do_group",
                "case_item",
                "while_statement",
                "for_statement",
                "subshell",
                "c_style_for_statement_body",
                "command_substitution",
            )
        },
        special={"test_command": plain.shape_shell_test, "heredoc_redirect": plain.shape_heredoc},
        has_line_continuation=True,
    ),
    "html": Rules(
        special={
            "document": markup.shape_children,
            "element": markup.shape_children,
            "attribute": markup.shape_attribute,
            "doctype": markup.shape_doctype,
            "start_tag": markup.shape_tag,
            "self_closing_tag": markup.shape_tag,
        },
        whole=frozenset({"raw_text"}),
    ),
    "css": Rules(
        separators={"declaration": frozenset({";"})},
        special={
            "call_expression": plain.shape_css_call,
            "color_value": plain.shape_in_lower_case,
            "string_value": plain.shape_plain_string,
            "integer_value": plain.shape_css_number,
            "float_value": plain.shape_css_number,
        },
    ),
    "json": Rules(whole=WHOLE_KINDS["json"], spanning=()),
    "yaml": Rules(
        special={
            "block_scalar": plain.shape_block_scalar,
            "plain_scalar": plain.shape_yaml_text,
            "single_quote_scalar": plain.shape_yaml_text,
            "double_quote_scalar": plain.shape_yaml_text,
        }
    ),
    "lua": Rules(
        separators={kind: frozenset({";", "empty_statement"}) for kind in ("chunk", "block")},
        trailing_commas=frozenset({"table_constructor"}),
        special={"string": plain.shape_plain_string},
    ),
}
