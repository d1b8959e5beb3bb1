"""Texts as streams of tokens, and what a grammar could not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from ast_grep_py import Rule, SgNode

from tierwise.syntax.languages import grammar_of
from tierwise.syntax.trees import parse, span_of
from tierwise.text import Span

GAP = "gap"
"""The kind of a token that no node of the tree stands for: text the grammar swallowed."""

# Nodes whose inner white space is text; their leaves do not cover it in every grammar.
WHOLE_KINDS = {
    "python": frozenset({"comment"}),
    "javascript": frozenset({"comment", "regex", "jsx_text"}),
    "typescript": frozenset({"comment", "regex"}),
    "tsx": frozenset({"comment", "regex", "jsx_text"}),
    "go": frozenset({"comment", "raw_string_literal", "interpreted_string_literal", "rune_literal"}),
    "rust": frozenset(
        {"line_comment", "block_comment", "shebang", "string_literal", "raw_string_literal", "char_literal"}
    ),
    "java": frozenset({"line_comment", "block_comment", "character_literal"}),
    "c": frozenset({"comment", "string_literal", "char_literal", "system_lib_string", "preproc_arg"}),
    "cpp": frozenset(
        {"comment", "string_literal", "raw_string_literal", "char_literal", "system_lib_string", "preproc_arg"}
    ),
    "csharp": frozenset({"comment", "string_literal", "character_literal", "verbatim_string_literal"}),
    "ruby": frozenset({"comment", "heredoc_body", "regex"}),
    "php": frozenset({"comment", "heredoc", "nowdoc", "string", "encapsed_string", "text"}),
    "bash": frozenset({"comment", "string", "raw_string", "ansi_c_string", "heredoc_body", "regex"}),
    "html": frozenset({"comment", "attribute_value", "quoted_attribute_value", "raw_text", "text"}),
    "css": frozenset({"comment", "js_comment", "string_value"}),
    "json": frozenset({"comment", "string"}),
    "yaml": frozenset({"comment", "single_quote_scalar", "double_quote_scalar", "block_scalar", "plain_scalar"}),
    "lua": frozenset({"comment", "string"}),
}

_MAY_BE_EMPTY = ("_content", "_fragment", "_body", "raw_text")
"""Endings of the kinds that stand for the inside of something, which may be nothing."""
_MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text without white space around it."""

    kind: str
    """The grammar's name for it, or `gap`."""
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A place the grammar could not read."""

    line: int
    """1-based."""
    column: int
    """1-based, in code points."""
    detail: str
    """What was found there, for people."""


def tokens(text: str, language: str) -> tuple[Token, ...]:
    """All tokens in text order, comments included; empty when no grammar reads the language.

    Nothing but white space lies between two tokens.
    """
    root = parse(text, language)
    return () if root is None else tuple(_tokens(root, text, WHOLE_KINDS[grammar_of(language) or ""]))


def syntax_errors(text: str, language: str) -> tuple[SyntaxProblem, ...]:
    """What the grammar could not read, in text order; empty for a good text and for languages without a grammar."""
    root = parse(text, language)
    return () if root is None else syntax_errors_of(root, language)


def syntax_errors_of(root: SgNode, language: str) -> tuple[SyntaxProblem, ...]:
    """What the grammar could not read of a parsed text; of nested problems the innermost, which is the best guess."""
    broken = broken_nodes(root, language)
    problems: list[SyntaxProblem] = []
    for node, following in zip_longest(broken, broken[1:]):
        if not _is_unread(node):
            problems.append(_problem(node, f"missing {node.kind()!r}"))
        elif following is None or not span_of(node).contains(span_of(following)):
            problems.append(_problem(node, f"unexpected {_shorten(node.text())!r}"))
    return tuple(problems)


def count_errors(root: SgNode, language: str) -> int:
    """How many places of a tree the grammar could not read, nested ones counted too."""
    return len(broken_nodes(root, language))


def broken_nodes(root: SgNode, language: str) -> list[SgNode]:
    """Nodes around unreadable text, and tokens that the grammar had to invent, which have no text."""
    wanted: list[Rule] = [{"kind": "ERROR"}, {"regex": "^$"}]
    if grammar_of(language) == "html":
        wanted.append({"kind": "erroneous_end_tag"})
    return [node for node in root.find_all({"rule": {"any": wanted}}) if _is_unread(node) or _is_missing(node)]


def _is_unread(node: SgNode) -> bool:
    return node.kind() in ("ERROR", "erroneous_end_tag")


def _is_missing(node: SgNode) -> bool:
    return not node.kind().endswith(_MAY_BE_EMPTY) and node.parent() is not None


def _problem(node: SgNode, detail: str) -> SyntaxProblem:
    start = node.range().start
    return SyntaxProblem(start.line + 1, start.column + 1, detail)


def _shorten(text: str) -> str:
    line = text.strip().split("\n", 1)[0].rstrip()
    return line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + "…"


def _tokens(root: SgNode, text: str, whole: frozenset[str]) -> Iterator[Token]:
    """Leaves in order. They are found by search, because asking a node for its place takes time in its column."""
    done = 0
    pending = [root]
    while pending:
        node = pending.pop()
        kind = node.kind()
        children = [] if kind in whole else node.children()
        if children:
            pending.extend(reversed(children))
            continue
        content = node.text().strip()
        if not content:
            continue
        start = text.find(content, done)
        if start < 0:
            # Only the stand-ins for lone surrogates differ from the text; they are as long as what they stand for.
            start = done + len(text[done:]) - len(text[done:].lstrip())
        yield from _gap(text, done, start)
        done = start + len(content)
        yield Token(kind, text[start:done], Span(start, done))
    yield from _gap(text, done, len(text))


def _gap(text: str, start: int, end: int) -> Iterator[Token]:
    between = text[start:end]
    content = between.strip()
    if content:
        begin = start + between.index(content)
        yield Token(GAP, content, Span(begin, begin + len(content)))
