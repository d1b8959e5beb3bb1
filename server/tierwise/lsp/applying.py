"""A verified edit on its way into the editor: rebased, sent with versions, and looked at afterwards."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.dispatch import FileChange
from tierwise.lsp.batches import batches
from tierwise.lsp.consent import Question
from tierwise.lsp.echoes import Echoes
from tierwise.lsp.mending import are_misplaced, mend
from tierwise.lsp.rebasing import is_in, rebase
from tierwise.lsp.sending import Editor, Plan, obstacle_in, send
from tierwise.lsp.taking_back import taken_back
from tierwise.lsp.to_proto import obstacle, workspace_edit
from tierwise.text import Rejection

_TRIES = 3
"""A client that refuses because the user just typed is asked again with the edit on the new text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The edit is in the editor."""

    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapplied:
    """The edit is not in the editor, or not all of it, and why."""

    code: str
    detail: str
    missing: tuple[FileChange, ...]
    """What was not applied."""

    @classmethod
    def whole(cls, why: Rejection, changes: tuple[FileChange, ...]) -> "Unapplied":
        """Nothing of these changes is applied."""
        return cls(code=why.code, detail=why.detail, missing=changes)


async def apply_changes(
    editor: Editor, changes: Iterable[FileChange], label: str, asked: Mapping[str, Question] | None = None
) -> Applied | Unapplied:
    """Bring changes into the editor: all of them, or the reason why not, with what is missing.

    `asked` is what the user has to confirm, by URI. Where the changes may come to be applied in part, `editor.shelf`
    has the files' former texts until all are in.
    """
    plan = Plan(changes=tuple(changes), label=label, asked=asked or {})
    current = await rebase(editor.documents, editor.workspace, plan.changes, is_alone=plan.is_alone)
    if isinstance(current, Rejection):
        return _unapplied(current, plan)
    refused = obstacle(current, editor.client.edits, plan.asked)
    if refused is not None:
        return _unapplied(refused, plan)
    kept = await _keep(editor, current)
    if isinstance(kept, Rejection):
        return _unapplied(kept, plan)
    seen: set[str] = set()
    for numbers in batches(current, editor.client.edits):
        why = await _apply_batch(editor, plan, [plan.changes[number] for number in numbers], seen)
        if why is not None:
            return await _aftermath(editor, plan, current, seen, why, kept)
    _forget(editor, kept)
    return Applied(changes=plan.changes)


def _unapplied(why: Rejection, plan: Plan) -> Unapplied:
    return Unapplied.whole(why, plan.changes)


def _is_risky(changes: Sequence[FileChange]) -> bool:
    """Whether some of the changes can come to be applied and others not."""
    return 1 < len(changes) or any(change.before is None or change.after is None for change in changes)


async def _keep(editor: Editor, changes: Sequence[FileChange]) -> Path | Rejection | None:
    """Put the files' texts on the shelf; where they are, None when there is no need, or what speaks against it."""
    if editor.shelf is None or not _is_risky(changes):
        return None
    try:
        return await asyncio.to_thread(editor.shelf.keep, changes)
    except OSError as error:
        why = f"what the files say now cannot be kept in {str(editor.shelf.folder)!r}: {error.strerror}"
        return Rejection("no-before-images", f"{why}; make room there and run the action again")


def _forget(editor: Editor, kept: Path | None) -> None:
    if editor.shelf is not None and kept is not None:
        editor.shelf.clear(kept)


async def _aftermath(
    editor: Editor, plan: Plan, sent: Sequence[FileChange], seen: set[str], why: Rejection, kept: Path | None
) -> Applied | Unapplied:
    """What an edit that was not applied whole has left behind."""
    if not _is_risky(sent):
        return _unapplied(why, plan)
    left = await taken_back(editor.documents, editor.workspace, sent)
    are_open = {change.path for change in sent if change.before is not None and change.before.version is not None}
    were_seen = {change.path for change in sent if change.uri in seen}
    touched = {change.path for change in left.changes} | {
        path for path in left.unclear if path in were_seen or path not in are_open
    }
    missing = tuple(change for change in plan.changes if change.path not in touched)
    if not touched:
        if why.code != "uncertain":
            _forget(editor, kept)
        return _unapplied(why, plan)
    if not missing:
        _forget(editor, kept)
        return Applied(changes=plan.changes)
    there = ", ".join(sorted(repr(path.name) for path in touched))
    lacking = ", ".join(repr(change.path.name) for change in missing)
    detail = f"the editor changed {there} but not {lacking} ({why.detail}); 'tierwise.restore' takes it back"
    return Unapplied(code="partly-applied", detail=detail, missing=missing)


async def _apply_batch(editor: Editor, plan: Plan, changes: Sequence[FileChange], seen: set[str]) -> Rejection | None:
    """Send one edit, again on the newer text where the user was typing just then; None when it is in."""
    why: Rejection | None = None
    uncertain: Rejection | None = None
    for _ in range(_TRIES):
        current = await rebase(editor.documents, editor.workspace, changes, is_alone=plan.is_alone)
        if isinstance(current, Rejection):
            # After a try that the client called applied, the collision may be with our own edit.
            return uncertain or current
        missing = tuple(change for change in current if not is_in(change))
        if not missing:
            return None
        edit = workspace_edit(missing, editor.client.edits, editor.client.encoding, plan.asked)
        if isinstance(edit, Rejection):
            return edit
        with Echoes(editor.documents, missing) as echoes:
            answer = await send(editor, edit, plan)
            if answer is not None and answer.applied:
                await _hear(editor, missing, echoes)
            why = obstacle_in(answer, echoes, is_asked=edit.change_annotations is not None)
            seen |= echoes.expected.keys() - echoes.unseen.keys()
            if why is not None and why.code == "uncertain" and not editor.client.edits.checks_versions:
                return await mend(editor, plan, missing, echoes)
        if why is None or not echoes.has_moved or not echoes.unseen:
            break
        uncertain = why if why.code == "uncertain" else None
    return why or await _still_there(editor, changes)


async def _hear(editor: Editor, sent: Sequence[FileChange], echoes: Echoes) -> None:
    """Wait for what the editor reports of an edit that it says it has applied."""
    await echoes.wait(editor.echo_timeout_s, is_enough=lambda: are_misplaced(editor, sent, echoes))


async def _still_there(editor: Editor, changes: Sequence[FileChange]) -> Rejection | None:
    """Whether a file that should be gone is there all the same: some clients pass over what they cannot do."""
    for change in changes:
        if change.after is None and await asyncio.to_thread(change.path.exists):
            return Rejection("partly-applied", f"the editor did not take {change.path.name!r} away")
    return None
