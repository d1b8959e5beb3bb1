"""What all the requests for one file change in the text that the model saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tierwise.edits.blocks import Edit, FileRequest, LineRange, Quote, Substitution, Whole
from tierwise.edits.document import Document
from tierwise.edits.elision import find_elision, is_gap
from tierwise.edits.lazy import filled
from tierwise.edits.mending import mended
from tierwise.edits.plan import plan_quotes
from tierwise.edits.substitute import plan_ranges, substituted
from tierwise.syntax.languages import language_of
from tierwise.text.merge import LineChange, line_changes, spliced
from tierwise.text.rejection import Rejection


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The changes of one file."""

    changes: tuple[LineChange, ...]
    has_final_break: bool | None = None
    """For a file without text before: whether it gets a final line break."""


def plan_file(path: str, requests: Sequence[FileRequest], document: Document) -> FilePlan | Rejection:
    """The changes that the requests come to, or why one of them cannot be carried out.

    Refused with `elided-code` when a line that comes stands for code that was left out.
    """
    plan = _planned(path, requests, document)
    if isinstance(plan, Rejection):
        return plan
    meant = mended(document.lines, plan.changes, path)
    if meant is not None:
        plan = replace(plan, changes=tuple(meant))
    if any(is_gap(line) for change in plan.changes for line in change.lines):
        language = language_of(path)
        after = "\n".join(spliced(document.lines, plan.changes))
        elided = find_elision("\n".join(document.lines), after, language)
        if elided is not None:
            return Rejection(elided.code, f"{path!r}: {elided.detail}")
    return plan


def _planned(path: str, requests: Sequence[FileRequest], document: Document) -> FilePlan | Rejection:
    edits = [edit for request in requests for edit in request.edits]
    wholes = [edit for edit in edits if isinstance(edit, Whole)]
    if wholes:
        if 1 < len(edits):
            return Rejection("overlapping-edits", f"the reply gives {path!r} whole and edits it as well")
        return _planned_whole(path, wholes[0], document)
    quotes = [edit for edit in edits if isinstance(edit, Quote)]
    if len(quotes) == len(edits):
        is_ordered = all(request.is_ordered for request in requests) and len(requests) == 1
        changes = plan_quotes(document.lines, quotes, path, is_ordered=is_ordered, may_have_tabs=document.has_tabs)
        return changes if isinstance(changes, Rejection) else FilePlan(tuple(changes))
    return _planned_pieces(path, edits, document)


def _planned_whole(path: str, whole: Whole, document: Document) -> FilePlan | Rejection:
    lines = filled(whole.lines, document.lines, path)
    if isinstance(lines, Rejection):
        return lines
    return FilePlan(tuple(line_changes(document.lines, lines)), has_final_break=not whole.is_exact)


def _planned_pieces(path: str, edits: Sequence[Edit], document: Document) -> FilePlan | Rejection:
    """Lines replaced by number first, since the numbers are those of the file as it was, then pieces of text."""
    changes = plan_ranges(document.lines, [edit for edit in edits if isinstance(edit, LineRange)], path)
    if isinstance(changes, Rejection):
        return changes
    others = [edit for edit in edits if isinstance(edit, Substitution)]
    if not others:
        return FilePlan(tuple(changes))
    text = "".join(f"{line}\n" for line in spliced(document.lines, changes))
    if document.breaks and not document.breaks[-1]:
        text = text.removesuffix("\n")
    result = substituted(text, others, path)
    if isinstance(result, Rejection):
        return result
    new = result.removesuffix("\n").split("\n") if result else []
    return FilePlan(tuple(line_changes(document.lines, new)), has_final_break=result.endswith("\n"))
