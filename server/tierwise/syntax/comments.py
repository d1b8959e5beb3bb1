"""Comments, and the instructions people write into them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ast_grep_py import SgNode

from tierwise.syntax.languages import grammar_of
from tierwise.syntax.trees import parse, span_of
from tierwise.text import Span

COMMENT_KINDS = frozenset(
    {
        "comment",
        "line_comment",
        "block_comment",
        "hash_bang_line",
        "shebang",
        "shebang_directive",
        "html_comment",
        "js_comment",
    }
)

_KINDS_BY_GRAMMAR = {
    "javascript": ("comment", "hash_bang_line", "html_comment"),
    "typescript": ("comment", "hash_bang_line", "html_comment"),
    "tsx": ("comment", "hash_bang_line", "html_comment"),
    "rust": ("line_comment", "block_comment", "shebang"),
    "java": ("line_comment", "block_comment"),
    "csharp": ("comment", "shebang_directive"),
    "css": ("comment", "js_comment"),
    "lua": ("comment", "hash_bang_line"),
}
_INSTRUCTION = re.compile(r"(?:#+|//+!?|--+(?:\[=*\[)?|/\*+|<!--+)\s*tw:(?P<words>.*)", re.DOTALL | re.IGNORECASE)
_CONTINUATION = re.compile(r"(?:#+|//+|--+)(?: {2,}|\t)\s*(?P<words>\S.*)")
_CLOSER = re.compile(r"\s*(?:\*+/|--+>|\]=*\])$")
_LINE_START = re.compile(r"\s*\n[ \t]*\*?[ \t]*")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, markers included, without the line break that ends it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a comment that starts with `tw:` asks for."""

    span: Span
    """The comment, with the line comments the instruction goes on in."""
    text: str


def comments(text: str, language: str) -> tuple[Comment, ...]:
    """All comments in text order; empty when no grammar reads the language."""
    root = parse(text, language)
    return () if root is None else comments_of(root, language)


def comments_of(root: SgNode, language: str) -> tuple[Comment, ...]:
    """All comments of a tree that `parse` made of a text in `language`."""
    kinds = _KINDS_BY_GRAMMAR.get(grammar_of(language) or "", ("comment",))
    nodes = root.find_all({"rule": {"any": [{"kind": kind} for kind in kinds]}})
    return tuple(sorted((_comment(node) for node in nodes), key=lambda comment: comment.span))


def instructions(text: str, language: str) -> tuple[Instruction, ...]:
    """What the comments that start with `tw:` ask for, in text order.

    A line comment goes on in the line comments right below it whose words are indented by two spaces or more.
    """
    if "tw:" not in text.lower():
        return ()
    return tuple(_instructions(text, comments(text, language)))


def _instructions(text: str, found: Sequence[Comment]) -> Iterator[Instruction]:
    for i, comment in enumerate(found):
        match = _INSTRUCTION.fullmatch(comment.text)
        if match is None:
            continue
        words, end = [match["words"]], comment.span.end
        for follower in found[i + 1 :]:
            more = _CONTINUATION.fullmatch(follower.text)
            if more is None or not _is_right_below(text[end : follower.span.start]):
                break
            words.append(more["words"])
            end = follower.span.end
        asked = _LINE_START.sub(" ", _CLOSER.sub("", " ".join(words))).strip()
        if asked:
            yield Instruction(Span(comment.span.start, end), asked)


def _is_right_below(between: str) -> bool:
    return not between.strip() and between.replace("\r\n", "\n").replace("\r", "\n").count("\n") == 1


def _comment(node: SgNode) -> Comment:
    """Grammars disagree on whether a line comment owns its line break; here it never does."""
    text, start = node.text().rstrip("\r\n"), span_of(node).start
    return Comment(Span(start, start + len(text)), text)
