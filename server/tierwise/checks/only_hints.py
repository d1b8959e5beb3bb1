"""Whether a change adds type hints and nothing else."""

import ast
import dataclasses

from ast_grep_py import SgNode

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.comment_changes import comment_words
from tierwise.checks.python_hints import HintProblem, count_hints, without_hints
from tierwise.checks.python_program import find_difference
from tierwise.checks.reading import Reading
from tierwise.checks.same_program import same_code
from tierwise.checks.trees import RULES, find_tree_difference
from tierwise.checks.trees.shapes import Part, Rules, Shape, plain_parts
from tierwise.text import Rejection

_TYPE_NODES = frozenset(
    {"type_annotation", "type_predicate_annotation", "asserts_annotation", "type_parameters", "type_arguments", "!"}
)
_TYPE_DECLARATIONS = frozenset({"interface_declaration", "type_alias_declaration"})


def only_hints(before: Reading, after: Reading) -> Verdict:
    """Accept a change after which the program without annotations is the same, and which added some."""
    if before.grammar is None:
        return Rejection(
            "not-checked", f"{before.language!r} files cannot be parsed here, so hints cannot be told from code"
        )
    if before.grammar == "python" and isinstance(before.python, ast.Module):
        return _python_hints(before, before.python, after)
    if before.grammar in ("typescript", "tsx"):
        return _script_hints(before, after)
    verdict = same_code(before, after)
    if isinstance(verdict, Rejection):
        return Rejection("not-only-hints", f"code changed: {verdict.detail}")
    if not comment_words(after.comments) - comment_words(before.comments):
        return Rejection("no-hints-added", "no type hints were added")
    return verdict


def _python_hints(before: Reading, tree: ast.Module, after: Reading) -> Verdict:
    if not isinstance(after.python, ast.Module):
        return Rejection("does-not-parse", f"line {after.python.line} does not parse: {after.python.detail}")
    if count_hints(after.python) <= count_hints(tree):
        return Rejection("no-hints-added", "no type hints were added")
    try:
        difference = find_difference(*without_hints(before.text, after.text))
    except HintProblem as problem:
        return Rejection("not-only-hints", str(problem))
    if difference is not None:
        return Rejection("not-only-hints", f"line {difference.line_before} is code and changed: {difference.words}")
    return Accepted()


def _script_hints(before: Reading, after: Reading) -> Verdict:
    if before.root is None or after.root is None:
        return Rejection("not-checked", f"{before.language!r} files cannot be parsed here")
    if before.n_errors != after.n_errors:
        return Rejection("does-not-parse", "the syntax errors of the file are not the same as before")
    difference = find_tree_difference(before.root, after.root, _erasing(RULES[before.grammar or ""]))
    if difference is not None:
        return Rejection("not-only-hints", f"line {difference.line_before} is code and changed: {difference.words}")
    gone = {s.path for s in before.symbols} - {s.path for s in after.symbols}
    if gone:
        return Rejection("not-only-hints", f"the type {sorted(gone)[0]!r} is gone")
    if _count_annotations(after) <= _count_annotations(before):
        return Rejection("no-hints-added", "no type hints were added")
    return Accepted()


def _count_annotations(reading: Reading) -> int:
    return 0 if reading.root is None else len(reading.root.find_all(kind="type_annotation"))


def _erasing(rules: Rules) -> Rules:
    """The rules of a language when its types are not looked at."""
    return dataclasses.replace(
        rules,
        separators={kind: dropped | _TYPE_NODES for kind, dropped in rules.separators.items()},
        special={**rules.special, "optional_parameter": _shape_optional, "program": _shape_program},
    )


def _shape_optional(node: SgNode, rules: Rules) -> Shape:
    parts = plain_parts(node, node.children(), rules)
    return Shape("required_parameter", [part for part in parts if part.kind != "?"])


def _shape_program(node: SgNode, rules: Rules) -> Shape:
    parts = plain_parts(node, node.children(), rules)
    return Shape("program", [part for part in parts if not _is_type_only(part)])


def _is_type_only(part: Part) -> bool:
    text = part.text.removeprefix("export").lstrip()
    is_import = part.kind == "import_statement" and part.text.split()[1:2] == ["type"]
    return (
        part.kind in _TYPE_DECLARATIONS | {"empty_statement"}
        or is_import
        or (part.kind == "export_statement" and text.startswith(("interface ", "type ")))
    )
