"""The normal form of one node: a label and parts, of which some spellings are already forgotten."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ast_grep_py import SgNode

from tierwise.syntax.comments import COMMENT_KINDS


class Part(NamedTuple):
    """A child in normal form: a node still to be looked into, or a text that is final."""

    kind: str
    text: str
    node: SgNode | None = None


class Shape(NamedTuple):
    """One level of a tree."""

    label: str
    parts: list[Part]


SpecialShape = Callable[[SgNode, "Rules"], Shape | None]
"""Makes the shape of a kind of node that the plain rules do not fit; None falls back on them."""
Unwrap = Callable[[SgNode, str], SgNode]
"""Takes a child and its parent's kind to the node that really counts, e.g. out of parentheses."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which spellings of a language mean the same."""

    whole: frozenset[str] = frozenset()
    """Kinds compared by their exact text."""
    separators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Parent kind → child kinds that only separate or end things there; under `*`, everywhere."""
    trailing_commas: frozenset[str] | None = frozenset()
    """Kinds in which a comma before the closing bracket says nothing; None: in all."""
    special: Mapping[str, SpecialShape] = field(default_factory=dict)
    unwrap: Unwrap | None = None
    wrappers: frozenset[str] = frozenset()
    """Kinds that `unwrap` may take off."""
    has_significant_case_in_numbers: bool = False
    spanning: tuple[str, ...] | None = None
    """What announces a token over several lines; texts without it do not depend on indentation. None: all texts may."""
    has_line_continuation: bool = False
    """Whether a backslash before a line break makes white space of both, where there is some beside them."""
    line_enders: re.Pattern[str] | None = None
    """What a line break turns into the end of a statement when a line ends with it."""
    lists: frozenset[str] = frozenset()
    """Kinds in which such an end is meant, and the tree shows it."""
    has_significant_breaks: bool = False
    """Whether every line break between two nodes counts."""
    no_break_after: frozenset[str] = frozenset()
    """Kinds that mean something else when a line break follows."""
    no_break_before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Parent kind → child kinds that belong to what stands before them only on the same line."""

    @cached_property
    def skipped(self) -> Mapping[str, frozenset[str]]:
        """What `separators` says, comments included."""
        everywhere = self.separators.get("*", frozenset()) | COMMENT_KINDS
        return {
            "*": everywhere,
            **{kind: dropped | COMMENT_KINDS for kind, dropped in self.separators.items() if kind != "*"},
        }


_NUMBERS = frozenset(
    {
        "number",
        "integer",
        "float",
        "number_literal",
        "integer_literal",
        "float_literal",
        "real_literal",
        "int_literal",
        "decimal_integer_literal",
        "hex_integer_literal",
        "octal_integer_literal",
        "binary_integer_literal",
        "decimal_floating_point_literal",
        "hex_floating_point_literal",
        "imaginary_literal",
    }
)
_CLOSERS = frozenset({")", "]", "}", ">", "|"})
_OPENERS = frozenset({"(", "[", "{", "<", ","})
_CONTINUATION = re.compile(r"\s+(?:\\\r?\n\s*)+|\s*(?:\\\r?\n\s*)*\\\r?\n\s+")
_SEMANTIC_SPACE = ("_content", "_fragment", "_text", "text", "_scalar", "_body")


def shape_of(node: SgNode, rules: Rules) -> Shape:
    """One level of the normal form of a node that was already unwrapped."""
    kind = node.kind()
    special = rules.special.get(kind)
    if special is not None and (shape := special(node, rules)) is not None:
        return shape
    children = [] if kind in rules.whole else node.children()
    if not children:
        return Shape(kind, [Part(kind, leaf_text(kind, node.text(), rules))])
    return Shape(kind, plain_parts(node, children, rules))


def plain_parts(node: SgNode, children: list[SgNode], rules: Rules) -> list[Part]:
    """The children without comments, separators and meaningless trailing commas, and what lies between them."""
    kind, text = node.kind(), node.text()
    skipped = rules.skipped.get(kind) or rules.skipped["*"]
    is_list, bound, last = kind in rules.lists, rules.no_break_before.get(kind, ()), ""
    parts: list[Part] = []
    done = end_of_code = 0
    # This loop sees every node of what changed, so it asks nothing twice.
    for child in children:
        child_kind, child_text = child.kind(), child.text()
        start = text.find(child_text, done)
        if start != done and not text[done:start].isspace():
            parts += _gap(text[done:start], rules)
        done = start + len(child_text)
        if child_kind in skipped or ((not child_text or child_text.isspace()) and is_empty(child_kind, child_text)):
            continue
        if rules.line_enders is not None and rules.line_enders.search(text, max(0, end_of_code - 2), end_of_code):
            is_item = is_list and child_kind not in ("{", "(")
            parts += _end(text[end_of_code:start], child, is_item=is_item)
        must_join = last in rules.no_break_after or child_kind in bound or rules.has_significant_breaks
        if must_join and "\n" in text[end_of_code:start]:
            parts.append(Part("end", "line break"))
        last, end_of_code = child_kind, done
        is_wrapped = child_kind in rules.wrappers
        parts.append(part_of(child, kind, rules) if is_wrapped else Part(child_kind, child_text, child))
    if done != len(text) and not text[done:].isspace():
        parts += _gap(text[done:], rules)
    if rules.trailing_commas is None or kind in rules.trailing_commas:
        _drop_trailing_comma(parts)
    return parts


def _end(between: str, child: SgNode, *, is_item: bool) -> list[Part]:
    """Whether a statement ends where none is meant to, or does not end in front of the next item of a list."""
    has_break = "\n" in between
    if is_item:
        return [Part("end", "none")] if not has_break and ";" not in between and child.is_named() else []
    return [Part("end", "line break")] if has_break else []


def _gap(between: str, rules: Rules) -> list[Part]:
    """Text that no node covers; nobody knows what its white space means, so it is kept but for the line ends."""
    if rules.has_line_continuation and _CONTINUATION.fullmatch(between):
        return []
    return [Part("gap", between.strip().replace("\r\n", "\n"))]


def part_of(child: SgNode, parent_kind: str, rules: Rules) -> Part:
    """A child as a part of its parent, out of whatever wraps it without meaning."""
    inner = child if rules.unwrap is None else rules.unwrap(child, parent_kind)
    return Part(inner.kind(), inner.text(), inner)


def is_empty(kind: str, text: str) -> bool:
    """Whether a node is a line break or an invented token, which the shape of the tree stands for."""
    return not text.strip() and not is_text(kind)


def is_text(kind: str) -> bool:
    """Whether a node is a text in a program, of which every space counts."""
    return kind.endswith(_SEMANTIC_SPACE)


def leaf_text(kind: str, text: str, rules: Rules) -> str:
    """A leaf's text; numbers in one case where that means nothing."""
    is_number = kind in _NUMBERS and not rules.has_significant_case_in_numbers
    return text.lower() if is_number else text


def _drop_trailing_comma(parts: list[Part]) -> None:
    """Drop the comma before the closing bracket, unless it stands for a missing element, as in `[1,,]`."""
    if 3 <= len(parts) and parts[-1].kind in _CLOSERS and parts[-2].kind == "," and parts[-3].kind not in _OPENERS:
        del parts[-2]
