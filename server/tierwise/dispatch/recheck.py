"""What the user typed while the model was working: rebase a change onto it, or say that the two collide."""

from dataclasses import replace

from tierwise.checks import Change, Check, verify
from tierwise.dispatch.values import FileChange
from tierwise.text import Rejection, Snapshot
from tierwise.text.merge import merge

_ALWAYS = (Check.PARSES, Check.NO_HIDDEN_UNICODE)


def recheck(change: FileChange, current: Snapshot) -> FileChange | Rejection:
    """The same change against the document as it is now.

    Unchanged text gives the change back as it is. Text changed elsewhere gets the change merged in and checked again;
    text changed in the same place gives a Rejection with code `conflict`.
    """
    before = change.before
    if current.text == ("" if before is None else before.text):
        return replace(change, before=current)
    if before is None:
        return Rejection("conflict", f"{change.path.name!r} was created in the meantime")
    if change.after is None:
        return Rejection("conflict", f"{change.path.name!r} was changed while it was about to be deleted")
    merged = merge(before.text, change.after, current.text)
    if isinstance(merged, Rejection):
        return merged
    verdict = verify(
        _ALWAYS,
        Change(path=str(change.path), language=change.language, before=current.text, after=merged, span=None),
    )
    if isinstance(verdict, Rejection):
        return verdict
    return replace(change, before=current, after=merged)
