"""The verdict of the checks on one change."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tierwise.checks.base import RUNNING_CHECKS, Accepted, Change, Check, Verdict
from tierwise.checks.emptied import not_emptied
from tierwise.checks.hidden_unicode import no_hidden_unicode
from tierwise.checks.only_docs import only_docs
from tierwise.checks.only_hints import only_hints
from tierwise.checks.parses import parses
from tierwise.checks.protected import no_protected_file
from tierwise.checks.public_names import public_names_kept
from tierwise.checks.reading import Reading
from tierwise.checks.same_program import same_program
from tierwise.checks.scope import in_scope
from tierwise.checks.size import sane_size
from tierwise.edits.elision import find_elision
from tierwise.text import Rejection

_Judge = Callable[[Change, Reading | None, Reading], Verdict]
"""Gets None for the text before where there was no file."""


def verify(checks: Iterable[Check], change: Change) -> Verdict:
    """Judge a change by the checks that need nothing but its texts; the first failure is the verdict.

    The checks that must run something (`RUNNING_CHECKS`) are passed over. A rejection's detail is one sentence that can
    be read by the user and by the next model.
    """
    wanted = sorted((check for check in checks if check not in RUNNING_CHECKS), key=_comes_first, reverse=True)
    if change.after is None:
        return _deletion(wanted, change)
    before = None if change.before is None else Reading(change.before, change.language)
    after = Reading(change.after, change.language)
    notes: list[str] = []
    for check in wanted:
        verdict = _JUDGES[check](change, before, after)
        if isinstance(verdict, Rejection):
            return verdict
        notes += verdict.notes
    return Accepted(tuple(dict.fromkeys(notes)))


def _deletion(checks: Sequence[Check], change: Change) -> Verdict:
    # A file that goes away is no body emptied: changes of several files may delete one, and the user is asked first.
    keeping = {Check.SAME_PROGRAM, Check.ONLY_DOCS, Check.ONLY_HINTS, Check.IN_SCOPE}
    if keeping & set(checks):
        return Rejection("file-deleted", f"{change.path!r} would be deleted, which was not asked for")
    return no_protected_file(change) if Check.NO_PROTECTED_FILE in checks else Accepted()


def _comes_first(check: Check) -> bool:
    return check is Check.NO_PROTECTED_FILE


def _parses(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return parses(before, after)


def _same_program(change: Change, before: Reading | None, after: Reading) -> Verdict:
    if before is None:
        return _no_before(change)
    return same_program(before, after, must_keep_comments=change.must_keep_comments)


def _only_docs(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return _no_before(change) if before is None else only_docs(before, after)


def _only_hints(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return _no_before(change) if before is None else only_hints(before, after)


def _in_scope(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return Accepted() if before is None else in_scope(change, before, after)


def _no_elision(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return find_elision(change.before or "", after.text, change.language) or Accepted()


def _no_hidden_unicode(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return no_hidden_unicode(change.before or "", after.text)


def _public_names_kept(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return Accepted() if before is None else public_names_kept(change.path, before, after)


def _not_emptied(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return Accepted() if before is None else not_emptied(before, after)


def _sane_size(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return sane_size(change.before, after.text)


def _no_protected_file(change: Change, before: Reading | None, after: Reading) -> Verdict:
    return no_protected_file(change)


def _no_before(change: Change) -> Rejection:
    return Rejection("new-file", f"{change.path!r} is a new file, where an existing one was to be edited")


_JUDGES: Mapping[Check, _Judge] = {
    Check.PARSES: _parses,
    Check.SAME_PROGRAM: _same_program,
    Check.ONLY_DOCS: _only_docs,
    Check.ONLY_HINTS: _only_hints,
    Check.IN_SCOPE: _in_scope,
    Check.NO_ELISION: _no_elision,
    Check.NO_HIDDEN_UNICODE: _no_hidden_unicode,
    Check.PUBLIC_NAMES_KEPT: _public_names_kept,
    Check.NOT_EMPTIED: _not_emptied,
    Check.SANE_SIZE: _sane_size,
    Check.NO_PROTECTED_FILE: _no_protected_file,
}
