"""Whether a change touches documentation and nothing else."""

import ast
from collections import Counter

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.comment_changes import comment_words
from tierwise.checks.python_program import docstrings, find_difference
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


def _same_without_docs(before: Reading, after: Reading) -> Verdict:
    if before.grammar is None:
        return Rejection(
            "not-checked", f"{before.language!r} files cannot be parsed here, so documentation cannot be told from code"
        )
    if not isinstance(before.python, ast.Module) or before.grammar != "python":
        return _only_docs_words(same_code(before, after))
    if not isinstance(after.python, ast.Module):
        return Rejection("does-not-parse", f"line {after.python.line} does not parse: {after.python.detail}")
    difference = find_difference(before.python, after.python, (before.text, after.text), has_docs=False)
    if difference is None:
        return Accepted()
    return Rejection("not-only-docs", f"line {difference.line_before} is code and changed: {difference.words}")


def _only_docs_words(verdict: Verdict) -> Verdict:
    if isinstance(verdict, Rejection) and verdict.code == "not-the-same-program":
        return Rejection("not-only-docs", f"code changed: {verdict.detail}")
    return verdict


def _words(reading: Reading) -> Counter[str]:
    words = comment_words(reading.comments)
    if reading.grammar == "python" and isinstance(reading.python, ast.Module):
        for text in docstrings(reading.python):
            words.update(text.split())
    return words
