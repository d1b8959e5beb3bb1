"""Parse trees of the grammars."""

import re

from ast_grep_py import SgNode, SgRoot

from tierwise.syntax.languages import grammar_of
from tierwise.text import Span

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def parse(text: str, language: str) -> SgNode | None:
    """The root of the tree of `text`, or None when no grammar reads the language.

    The tree always exists, however broken the text; its nodes must stay in the thread that made them.
    """
    grammar = grammar_of(language)
    if grammar is None:
        return None
    # The parser takes UTF-8, which has no lone surrogates; a replacement of one code point keeps all offsets.
    return SgRoot(_LONE_SURROGATES.sub("\ufffd", text), grammar).root()


def span_of(node: SgNode) -> Span:
    """Where a node stands, in code points."""
    place = node.range()
    return Span(place.start.index, place.end.index)
