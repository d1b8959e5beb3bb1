"""Putting right what a client without versions did to a text that an edit was not made for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tierwise.dispatch import FileChange, recheck
from tierwise.lsp.echoes import Echoes, misplaced
from tierwise.lsp.rebasing import is_in, rebase
from tierwise.lsp.sending import Editor, Plan, send
from tierwise.lsp.to_proto import workspace_edit
from tierwise.text import Rejection, Snapshot


async def mend(editor: Editor, plan: Plan, sent: Sequence[FileChange], echoes: Echoes) -> Rejection | None:
    """Bring in the clean merge of the edit and of what was typed at the last moment; None when that has been done.

    Such a client applies an edit to whatever the user has typed meanwhile. What it did can be told from the texts it
    reported, and only then is anything sent. Where the two collide, what the user typed stays and the edit goes.
    """
    unseen = [change for change in sent if change.uri in echoes.unseen]
    # Merging and checking a long text takes a while, and the user goes on typing.
    texts = echoes.texts
    changes = [await asyncio.to_thread(_mended, editor, change, list(texts.get(change.uri, []))) for change in unseen]
    found = [change for change in changes if change is not None]
    if len(found) != len(changes):
        return Rejection("uncertain", "the editor applied something, but not what was sent")
    # An edit may come to stand where it belongs all the same, and then there is nothing to put right.
    wrong = [change for change, _ in found if not is_in(change)]
    problem = await _put_right(editor, plan, wrong) if wrong else None
    if problem is not None:
        return problem
    collision = next((collision for _, collision in found if collision is not None), None)
    return collision


async def _put_right(editor: Editor, plan: Plan, wrong: Sequence[FileChange]) -> Rejection | None:
    now = await rebase(editor.documents, editor.workspace, wrong, is_alone=plan.is_alone)
    edit = now if isinstance(now, Rejection) else workspace_edit(now, editor.client.edits, editor.client.encoding)
    if isinstance(now, Rejection) or isinstance(edit, Rejection):
        return Rejection("uncertain", "the editor applied an edit to a newer text and changed it again")
    with Echoes(editor.documents, now) as again:
        await send(editor, edit, plan)
        await again.wait(editor.echo_timeout_s)
    if again.unseen:
        return Rejection("uncertain", "the editor applied an edit to a newer text and did not take it back")
    return None


def are_misplaced(editor: Editor, sent: Sequence[FileChange], echoes: Echoes) -> bool:
    """Whether it is known already that every edit that has not been seen went to another text."""
    unseen = [change for change in sent if change.uri in echoes.unseen]
    return not editor.client.edits.checks_versions and all(
        misplaced(echoes.texts[change.uri], change.after or "", editor.client.encoding) for change in unseen
    )


def _mended(editor: Editor, change: FileChange, texts: list[str]) -> tuple[FileChange, Rejection | None] | None:
    """What puts one document right, and the collision if there was one; None when nothing is known to be wrong."""
    misplacement = misplaced(texts, change.after or "", editor.client.encoding) if texts else None
    if misplacement is None or change.after is None:
        return None
    typed, spoilt = misplacement
    newer = Snapshot(uri=change.uri, text=typed, language=change.language, version=-1)
    wanted = recheck(change, newer)
    collision = wanted if isinstance(wanted, Rejection) else None
    after = typed if isinstance(wanted, Rejection) else wanted.after
    return replace(change, before=replace(newer, text=spoilt), after=after, checks=()), collision
