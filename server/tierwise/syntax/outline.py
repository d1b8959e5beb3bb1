"""Functions, methods and classes of a text."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ast_grep_py import SgNode

from tierwise.syntax.comments import COMMENT_KINDS
from tierwise.syntax.declarations import (
    DECLARATIONS,
    FUNCTION_VALUES,
    Declarations,
    SymbolKind,
    body_of,
    name_of,
    owner_of,
    value_of,
)
from tierwise.syntax.languages import grammar_of
from tierwise.syntax.trees import parse, span_of
from tierwise.text import Span


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named thing a text declares."""

    kind: SymbolKind
    name: str
    span: Span
    """From the first decorator, attribute or modifier to the end of the body."""
    name_span: Span
    body_span: Span | None
    """None for a declaration without a body."""
    parent: str | None
    """The names of what it stands in, joined by dots; None at the top."""
    signature: str
    """The declaration without decorators and body."""

    @property
    def path(self) -> str:
        """Its own name after its parent's."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


def outline(text: str, language: str) -> tuple[Symbol, ...]:
    """All symbols in text order, nested ones after what they stand in; empty for languages that declare nothing."""
    root = parse(text, language)
    return () if root is None else outline_of(root, text, language)


def outline_of(root: SgNode, text: str, language: str) -> tuple[Symbol, ...]:
    """All symbols of a tree that `parse` made of `text`."""
    table = DECLARATIONS.get(grammar_of(language) or "")
    if table is None:
        return ()
    drafts = [draft for node in root.find_all(table.rule) if (draft := _symbol(node, text, table)) is not None]
    drafts.sort(key=lambda symbol: (symbol.span.start, -symbol.span.end))
    symbols: list[Symbol] = []
    around: list[Symbol] = []
    for draft in drafts:
        while around and around[-1].span.end < draft.span.end:
            around.pop()
        symbol = _placed(draft, around[-1] if around else None)
        symbols.append(symbol)
        around.append(symbol)
    return tuple(symbols)


def enclosing(symbols: Sequence[Symbol], span: Span) -> Symbol | None:
    """The innermost symbol that contains the whole of `span`; `symbols` are in text order, as `outline` gives them.

    Symbols at the top do not overlap, so the search ends at the last one that begins before the span.
    """
    for index in range(bisect_right(symbols, span.start, key=_start) - 1, -1, -1):
        symbol = symbols[index]
        if symbol.span.contains(span):
            return symbol
        if symbol.parent is None:
            return None
    return None


def _start(symbol: Symbol) -> int:
    return symbol.span.start


def _symbol(node: SgNode, text: str, table: Declarations) -> Symbol | None:
    named = name_of(node, table)
    body = body_of(node, table)
    is_mere_mention = body is None and node.kind() in _NEED_A_BODY
    if named is None or is_mere_mention:
        return None
    value = value_of(node, table)
    kind = table.kinds.get(node.kind()) or (FUNCTION_VALUES[value.kind()] if value is not None else "other")
    if node.kind() == "type_spec" and body is None:
        kind = "other"
    if kind == "function" and node.kind() in _METHOD_HOLDERS:
        kind = "method"
    whole = _with_wrappers(node, table)
    span = Span(span_of(_with_leading(whole, table)).start, span_of(whole).end)
    declared = node if whole.kind() == "decorated_definition" else whole
    first: SgNode | None = declared.child(0)
    while first is not None and first.kind() == "decorator":
        first = first.next()
    name_span = span_of(named)
    return Symbol(
        kind=kind,
        name=text[name_span.start : name_span.end],
        span=span,
        name_span=name_span,
        body_span=None if body is None else span_of(body),
        parent=owner_of(node),
        signature=_signature(text, span_of(first or declared).start, declared, body),
    )


def _placed(symbol: Symbol, around: Symbol | None) -> Symbol:
    """Name the parent, and call functions that belong to a class methods."""
    in_class = around is not None and around.kind == "class"
    parts = [part for part in (around.path if around else None, symbol.parent) if part]
    is_method = symbol.kind == "function" and (in_class or symbol.parent is not None)
    return Symbol(
        kind="method" if is_method else symbol.kind,
        name=symbol.name,
        span=symbol.span,
        name_span=symbol.name_span,
        body_span=symbol.body_span,
        parent=".".join(parts) or None,
        signature=symbol.signature,
    )


def _with_wrappers(node: SgNode, table: Declarations) -> SgNode:
    around = node.parent()
    while around is not None and around.kind() in table.wrappers:
        if _is_shared(around):
            break
        node, around = around, around.parent()
    return node


def _is_shared(wrapper: SgNode) -> bool:
    """Whether a wrapper declares several things, so that none of them owns it."""
    declared = [child for child in wrapper.children() if child.kind() in _SHARED_KINDS]
    return 1 < len(declared)


def _with_leading(node: SgNode, table: Declarations) -> SgNode:
    if not table.leading:
        return node
    before = node.prev()
    while before is not None and before.kind() in table.leading:
        node, before = before, before.prev()
    return node


def _signature(text: str, start: int, whole: SgNode, body: SgNode | None) -> str:
    if body is None:
        return whole.text().split("\n", 1)[0].strip()
    last = body.prev()
    while last is not None and last.kind() in COMMENT_KINDS:
        last = last.prev()
    end = span_of(body).start if last is None else span_of(last).end
    return text[start:end].strip()


_NEED_A_BODY = frozenset({"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"})
_METHOD_HOLDERS = frozenset({"pair", "field_definition", "public_field_definition"})
_SHARED_KINDS = frozenset({"variable_declarator", "type_spec", "type_alias"})
