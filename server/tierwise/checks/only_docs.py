"""Whether a change touches documentation and nothing else."""

import ast
from collections import Counter

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.comment_changes import comment_words
from tierwise.checks.python_program import docstring_of, docstrings, documentable, find_difference
from tierwise.checks.reading import Reading
from tierwise.checks.same_program import same_code
from tierwise.text import Rejection


def only_docs(before: Reading, after: Reading) -> Verdict:
    """Accept a change of comments and docstrings that adds something and leaves the code as it is."""
    verdict = _same_without_docs(before, after)
    if isinstance(verdict, Rejection):
        return verdict
    old, new = _words(before), _words(after)
    if not new - old:
        return Rejection("nothing-documented", "no documentation was added")
    kept = comment_words(before.comments)
    if kept.total() and (kept - new).total() * 2 > kept.total():
        return Rejection("comments-lost", "most of the comments that were there are gone; keep them")
    return verdict


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Drop all docstrings from a tree, in place; a body of nothing else becomes `pass`."""
    for node in documentable(tree):
        if docstring_of(node) is not None:
            del node.body[0]
        if not node.body and not isinstance(node, ast.Module):
            node.body.append(ast.Pass(lineno=node.lineno, col_offset=node.col_offset))
    return tree


def _same_without_docs(before: Reading, after: Reading) -> Verdict:
    if before.grammar is None:
        return Rejection(
            "not-checked", f"{before.language!r} files cannot be parsed here, so documentation cannot be told from code"
        )
    if not isinstance(before.python, ast.Module) or before.grammar != "python":
        return _only_docs_words(same_code(before, after))
    if not isinstance(after.python, ast.Module):
        return Rejection("does-not-parse", f"line {after.python.line} does not parse: {after.python.detail}")
    trees = without_docstrings(_own(before)), without_docstrings(_own(after))
    difference = find_difference(*trees, (before.text, after.text))
    if difference is None:
        return Accepted()
    return Rejection("not-only-docs", f"line {difference.line_before} is code and changed: {difference.words}")


def _only_docs_words(verdict: Verdict) -> Verdict:
    if isinstance(verdict, Rejection) and verdict.code == "not-the-same-program":
        return Rejection("not-only-docs", f"code changed: {verdict.detail}")
    return verdict


def _own(reading: Reading) -> ast.Module:
    """A tree that may be changed."""
    return ast.parse(reading.text.removeprefix("\ufeff"))


def _words(reading: Reading) -> Counter[str]:
    words = comment_words(reading.comments)
    if reading.grammar == "python" and isinstance(reading.python, ast.Module):
        for text in docstrings(reading.python):
            words.update(text.split())
    return words
