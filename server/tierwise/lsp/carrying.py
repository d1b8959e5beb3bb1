"""One click carried out: the work under a progress bar, then the edit into the editor, or a sentence why not."""

import asyncio
from dataclasses import replace
from typing import Any, Protocol

from lsprotocol import types

from tierwise.dispatch import Ask, Diagnostic, Proposal, Refusal, Runtime, Task, Workspace, ask_nobody, run_action
from tierwise.lsp.applying import Applied, apply_changes
from tierwise.lsp.client import Client
from tierwise.lsp.consent import questions
from tierwise.lsp.documents import Documents
from tierwise.lsp.from_proto import RunRequest, diagnostics_of
from tierwise.lsp.messages import Failed
from tierwise.lsp.progress import ActionProgress, ProgressBars
from tierwise.lsp.rebasing import rebase
from tierwise.lsp.reports import refusal, report
from tierwise.lsp.sending import Editor
from tierwise.lsp.showing import show_proposal
from tierwise.lsp.to_proto import workspace_edit
from tierwise.routing.money import format_money
from tierwise.text import Rejection, Snapshot, Span


class Wire(Protocol):
    """The part of the protocol that an action needs."""

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        ...

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


def task_of(request: RunRequest, snapshot: Snapshot, documents: Documents, client: Client) -> Task:
    """The dispatcher's view of a request that was made for exactly this snapshot."""
    uri = request.uri
    selection = Span(0, len(snapshot.text)) if request.range is None else documents.span(uri, request.range)
    found: dict[Diagnostic, types.Diagnostic] = diagnostics_of(request.diagnostics, uri, documents)
    return Task(
        action_id=request.action,
        snapshot=snapshot,
        selection=selection,
        instruction=request.instruction,
        diagnostics=tuple(found),
        tier=request.tier,
        client=client.name,
    )


async def work(
    runtime: Runtime,
    task: Task,
    workspace: Workspace,
    bars: ProgressBars,
    progress: ActionProgress,
    ask: Ask = ask_nobody,
) -> Proposal | Refusal:
    """Run one task under its bar. The bar's cancel button ends in a Refusal, a cancelled request in CancelledError."""
    running = asyncio.ensure_future(run_action(runtime, task, workspace, progress.report, ask))
    progress.begin(running.cancel)
    words = "failed"
    try:
        outcome = await running
        words = "done" if isinstance(outcome, Proposal) else outcome.words
    except asyncio.CancelledError:
        words = "cancelled"
        this = asyncio.current_task()
        if this is None or this.cancelling():
            raise
        return Refusal(action_id=task.action_id, code="cancelled", words="cancelled, nothing was changed")
    finally:
        progress.end(words)
    return outcome


async def deliver(wire: Wire, editor: Editor, proposal: Proposal, *, may_create: bool) -> dict[str, Any]:
    """Apply a proposal, or show what of it was not applied and say why; `may_create` where it is to make a file."""
    if not proposal.changes:
        return report(proposal, "applied", proposal.summary)
    asked = questions(proposal.changes, may_create=may_create)
    outcome = await apply_changes(editor, proposal.changes, f"Tierwise: {proposal.summary}", asked)
    if isinstance(outcome, Applied):
        return report(proposal, "applied", proposal.summary)
    if outcome.code == "declined":
        return report(proposal, "cancelled", f"{proposal.summary}: {outcome.detail}", code=outcome.code)
    path = await show_proposal(wire, editor, proposal.summary, outcome.detail, outcome.missing)
    where = "" if path is None else f"; the proposal is in {path!r}"
    message = f"{proposal.summary}: {outcome.detail}{where}"
    if not editor.client.wants_proposals:
        tell(wire, message, types.MessageType.Warning)
    return report(proposal, "proposed", message, code=outcome.code)


async def edit_of(wire: Wire, editor: Editor, proposal: Proposal, *, may_create: bool) -> types.WorkspaceEdit:
    """A proposal as the edit of an entry of the menu, for the texts of this moment; raises Failed with the reason."""
    asked = questions(proposal.changes, may_create=may_create)
    is_alone = len(proposal.changes) == 1
    changes = await rebase(editor.documents, editor.workspace, proposal.changes, is_alone=is_alone)
    support = replace(editor.client.edits, can_apply=True)
    edit = (
        changes if isinstance(changes, Rejection) else workspace_edit(changes, support, editor.client.encoding, asked)
    )
    if isinstance(edit, Rejection):
        await show_proposal(wire, editor, proposal.summary, edit.detail, proposal.changes)
        raise Failed(types.LSPErrorCodes.ContentModified, f"{proposal.summary} was not applied: {edit.detail}")
    return edit


def refuse(wire: Wire, outcome: Refusal, *, is_told: bool = True) -> dict[str, Any]:
    """Say why nothing was done; `is_told` False where the user is asked what to do now instead."""
    if outcome.code == "cancelled":
        return report(outcome, "cancelled", outcome.words, code=outcome.code)
    if is_told:
        tell(wire, words_of(outcome), types.MessageType.Warning)
    return report(outcome, "refused", outcome.words, code=outcome.code)


def words_of(outcome: Refusal) -> str:
    """The sentence for the user, with what was spent for nothing."""
    spent = f" ({format_money(outcome.cost_pico_usd)} spent)" if outcome.cost_pico_usd else ""
    return f"{outcome.words}{spent}"


def refuse_early(wire: Wire, action_id: str, code: str, words: str) -> dict[str, Any]:
    """Say why an action was not even begun."""
    tell(wire, words, types.MessageType.Warning)
    return refusal(action_id, "refused", code, words)


def tell(wire: Wire, words: str, kind: types.MessageType) -> None:
    """One sentence for the user."""
    params = types.ShowMessageParams(type=kind, message=f"Tierwise: {words}")
    wire.notify(types.WINDOW_SHOW_MESSAGE, params)
