"""What the user typed while the model was working: rebase a change onto it, or say that the two collide."""

from dataclasses import replace

from tierwise.checks import RUNNING_CHECKS, Change, Check, verify
from tierwise.dispatch.values import FileChange
from tierwise.text import Rejection, Snapshot
from tierwise.text.merge import merge

_ALWAYS = (Check.PARSES, Check.NO_HIDDEN_UNICODE)
_OF_THE_FIRST_TEXT = frozenset({Check.IN_SCOPE, Check.NO_PROTECTED_FILE, *RUNNING_CHECKS})
"""Checks that cannot be asked again: the span has moved, who asked is past, and what was run was run."""


def check_part(change: FileChange) -> Rejection | None:
    """What speaks against a change of which only some parts are left; those that were run are not run again."""
    checks = dict.fromkeys((*_ALWAYS, *(check for check in change.checks if check not in _OF_THE_FIRST_TEXT)))
    before = None if change.before is None else change.before.text
    verdict = verify(checks, Change(str(change.path), change.language, before=before, after=change.after))
    return verdict if isinstance(verdict, Rejection) else None


def recheck(change: FileChange, current: Snapshot) -> FileChange | Rejection:
    """The same change against the document as it is now, under the URI it has now.

    Unchanged text gives the change back as it is. Text changed elsewhere gets the change merged in and checked again;
    text changed in the same place gives a Rejection with code `conflict`.
    """
    before = change.before
    if current.text == ("" if before is None else before.text):
        return replace(change, before=current, uri=current.uri)
    if before is None:
        return Rejection("conflict", f"{change.path.name!r} was created in the meantime")
    if change.after is None:
        return Rejection("conflict", f"{change.path.name!r} was changed while it was about to be deleted")
    merged = merge(before.text, change.after, current.text)
    if isinstance(merged, Rejection):
        return merged
    checks = dict.fromkeys((*_ALWAYS, *(check for check in change.checks if check not in _OF_THE_FIRST_TEXT)))
    verdict = verify(checks, Change(str(change.path), change.language, before=current.text, after=merged))
    if isinstance(verdict, Rejection):
        return Rejection("conflict", f"what was typed meanwhile does not go with the change: {verdict.detail}")
    return replace(change, before=current, after=merged, uri=current.uri)
