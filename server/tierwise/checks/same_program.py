"""Whether a text is still the same program, however it is laid out."""

import ast
import re

from ast_grep_py import SgNode

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.c_tokens import find_c_difference
from tierwise.checks.comment_changes import compare_comments, has_orders
from tierwise.checks.python_program import TreeDifference, find_difference, not_the_same
from tierwise.checks.python_tokens import find_token_difference
from tierwise.checks.reading import Reading
from tierwise.checks.trees import RULES, STRICT, around_errors, find_tree_difference
from tierwise.checks.written_alike import BY_LINES, Likeness, likeness
from tierwise.text import Rejection

_KEEPS_EMPTY_LINES = re.compile(r"[|>]\d?\+")


def same_program(before: Reading, after: Reading, *, must_keep_comments: bool) -> Verdict:
    """Accept a change of layout only: equal trees, comments kept (or their loss noted)."""
    grammar = before.grammar or ""
    alike = Likeness.UNKNOWN if has_orders(before.text) else likeness(before.text, after.text, grammar)
    # Where a token ends is a guess in a text that cannot be parsed, in languages whose white space counts.
    if alike is Likeness.ALIKE and (grammar not in BY_LINES or not before.n_errors):
        return Accepted()
    if alike is Likeness.BUT_FOR_SIGNS and not after.n_errors:
        return Accepted()
    verdict = same_code(before, after)
    if isinstance(verdict, Rejection) or before.grammar is None:
        return verdict
    comments = compare_comments(before, after, must_keep=must_keep_comments)
    return comments if isinstance(comments, Rejection) else Accepted(verdict.notes + comments.notes)


def same_code(before: Reading, after: Reading) -> Verdict:
    """Accept equal programs, whatever became of the comments."""
    if before.grammar == "python" and isinstance(before.python, ast.Module):
        return _same_python(before, before.python, after)
    if before.grammar == "python":
        return _same_python_tokens(before, after)
    if "\r" in before.text or "\r" in after.text:
        # Line ends are a matter of the file, kept by whoever writes it; no language here reads them differently.
        before, after = _with_plain_lines(before), _with_plain_lines(after)
    if before.grammar in ("c", "cpp"):
        return _same_c_tokens(before, after)
    return _same_trees(before, after)


def _same_trees(before: Reading, after: Reading) -> Verdict:
    if before.grammar is None or before.root is None or after.root is None:
        return _same_characters(before, after)
    if before.n_errors != after.n_errors:
        return Rejection("does-not-parse", _words_on_errors(before, after))
    if before.grammar == "yaml" and _KEEPS_EMPTY_LINES.search(before.text) and _has_other_lines(before, after):
        return Rejection(
            "not-the-same-program", "the file has blocks whose last empty lines are text, and lines changed"
        )
    difference = _difference(before, before.root, after, after.root)
    if difference is not None:
        return not_the_same(difference)
    unread = ("parts of the file could not be parsed, so only white space around them may change",)
    return Accepted(unread if before.n_errors else ())


def _difference(before: Reading, old: SgNode, after: Reading, new: SgNode) -> TreeDifference | None:
    rules, strict = RULES[before.grammar or ""], STRICT[before.grammar or ""]
    if not before.n_errors:
        return find_tree_difference(old, new, rules)
    broken = around_errors(old, before.language) | around_errors(new, after.language)
    return find_tree_difference(old, new, rules, strict, broken)


def _same_python(before: Reading, tree: ast.Module, after: Reading) -> Verdict:
    if not isinstance(after.python, ast.Module):
        return Rejection("does-not-parse", f"line {after.python.line} does not parse: {after.python.detail}")
    difference = find_difference(tree, after.python, (before.text, after.text))
    return Accepted() if difference is None else not_the_same(difference)


def _same_python_tokens(before: Reading, after: Reading) -> Verdict:
    if isinstance(after.python, ast.Module) or before.n_errors < after.n_errors:
        return Rejection("not-the-same-program", "only one of the two texts can be parsed")
    difference = find_token_difference(before.text, after.text)
    if difference is not None:
        line, words = difference
        return Rejection("not-the-same-program", f"line {line} is no longer the same: {words}")
    return Accepted(("the file is not written for this version of Python, so only its tokens were compared",))


def _same_c_tokens(before: Reading, after: Reading) -> Verdict:
    difference = find_c_difference(before.text, after.text, is_cpp=before.grammar == "cpp")
    if difference is None:
        return Accepted()
    line, words = difference
    return Rejection("not-the-same-program", f"line {line} is no longer the same: {words}")


def _has_other_lines(before: Reading, after: Reading) -> bool:
    """Whether more than indentation changed."""
    old, new = ([line.strip() for line in reading.text.rstrip().split("\n")] for reading in (before, after))
    return old != new


def _with_plain_lines(reading: Reading) -> Reading:
    return Reading(reading.text.replace("\r\n", "\n"), reading.language)


def _same_characters(before: Reading, after: Reading) -> Verdict:
    """All that can be said without a grammar: nothing but white space changed."""
    if before.text.split() == after.text.split():
        return Accepted((f"{before.language} files cannot be parsed here; only white space changed",))
    return Rejection(
        "not-the-same-program",
        f"more than white space changed, and {before.language!r} files cannot be parsed to see whether that matters",
    )


def _words_on_errors(before: Reading, after: Reading) -> str:
    if not before.problems and after.problems:
        problem = after.problems[0]
        return f"line {problem.line} does not parse: {problem.detail}"
    return "the syntax errors of the file are not the same as before"
