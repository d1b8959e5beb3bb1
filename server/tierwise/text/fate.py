"""What became of an edit: kept, changed, or undone, told from three texts. Pure."""

from collections.abc import Sequence
from typing import Literal

from tierwise.text.diff import diff
from tierwise.text.spans import Span, TextEdit

Fate = Literal["kept", "changed", "undone"]


def fate_of(before: str, after: str, now: str) -> Fate:
    """What became of the edit that made `after` of `before`, in the text as it is `now`.

    What was edited elsewhere in the file does not matter. An edit of several places is kept or undone only if all of
    them are. Where only white space was changed, as by a formatter, the edit was kept.
    """
    if now in (after, before):
        return "kept" if now == after else "undone"
    edits = diff(before, after)
    since, against = diff(after, now), diff(before, now)
    shift = 0
    fates: set[Fate] = set()
    for edit in edits:
        start = edit.span.start + shift
        place = Span(start, start + len(edit.new_text))
        fates.add(_fate_at(edit.span, place, since, against, after))
        shift += len(edit.new_text) - (edit.span.end - edit.span.start)
    return fates.pop() if len(fates) == 1 else "changed"


def _fate_at(old: Span, new: Span, since: Sequence[TextEdit], against: Sequence[TextEdit], after: str) -> Fate:
    """The fate of one place: `old` in the text before, `new` in the text after the edit."""
    changes = [edit for edit in since if _disturbs(edit, new)]
    if not changes:
        return "kept"
    if not any(_disturbs(edit, old) for edit in against):
        return "undone"
    return "kept" if all(_is_only_space(edit, after) for edit in changes) else "changed"


def _disturbs(edit: TextEdit, place: Span) -> bool:
    """Whether an edit changes a place; text typed right before or right after it does not."""
    span = edit.span
    if place.start == place.end:
        # Where something was deleted, putting text there again is a change.
        return span.start < place.start < span.end or span == place
    if span.start == span.end:
        return place.start < span.start < place.end
    return span.start < place.end and place.start < span.end


def _is_only_space(edit: TextEdit, text: str) -> bool:
    return "".join(text[edit.span.start : edit.span.end].split()) == "".join(edit.new_text.split())
