"""One click carried out: the work under a progress bar, then the edit into the editor, or a sentence why not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from lsprotocol import types

from tierwise.dispatch import (
    Ask,
    Diagnostic,
    FileChange,
    Proposal,
    Refusal,
    Runtime,
    Task,
    Workspace,
    ask_nobody,
    run_action,
)
from tierwise.lsp.applying import Applied, Unapplied, apply_changes
from tierwise.lsp.client import Client
from tierwise.lsp.consent import Question
from tierwise.lsp.documents import Documents
from tierwise.lsp.from_proto import RunRequest, diagnostics_of
from tierwise.lsp.messages import Failed
from tierwise.lsp.progress import ActionProgress, ProgressBars
from tierwise.lsp.proposals import Review, Reviews, as_shown
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A proposal on its way into the editor."""

    id: str
    task: Task
    proposal: Proposal
    may_create: bool
    """Whether it is to make a file."""
    asked: Mapping[str, Question] = field(default_factory=dict)
    """What of it the user has to confirm, by URI."""
    preview: str = "never"
    """Which edits the user looks at first: `never` any, `multi-file`, `always`."""

    def review(self, changes: tuple[FileChange, ...], why: Rejection) -> Review:
        """These changes, to be looked at for a reason."""
        return Review(
            id=self.id,
            title=self.proposal.summary,
            code=why.code,
            reason=why.detail,
            changes=changes,
            proposal=self.proposal,
            task=self.task,
            may_create=self.may_create,
        )


async def deliver(wire: Wire, editor: Editor, reviews: Reviews, delivery: Delivery) -> dict[str, Any]:
    """Apply a proposal, or show what of it was not applied and say why."""
    proposal = delivery.proposal
    if not proposal.changes:
        return report(proposal, "applied", proposal.summary)
    why = _reason_to_look(editor, delivery)
    if why is not None:
        return await offer_review(wire, editor, reviews, delivery, Unapplied.whole(why, proposal.changes))
    outcome = await apply_changes(editor, proposal.changes, f"Tierwise: {proposal.summary}", delivery.asked)
    if isinstance(outcome, Applied):
        return report(proposal, "applied", proposal.summary)
    if outcome.code == "declined":
        return report(proposal, "cancelled", f"{proposal.summary}: {outcome.detail}", code=outcome.code)
    return await offer_review(wire, editor, reviews, delivery, outcome)


def _reason_to_look(editor: Editor, delivery: Delivery) -> Rejection | None:
    """Why the user looks at a proposal before any of it is applied; None: they do not."""
    if not editor.client.takes_parts:
        return None
    if delivery.asked:
        what = " and ".join(dict.fromkeys(question.why for question in delivery.asked.values()))
        return Rejection("needs-consent", f"it {what}, which nobody asked for")
    n_files = len(delivery.proposal.changes)
    if delivery.preview == "always" or (delivery.preview == "multi-file" and 1 < n_files):
        what = "one file" if n_files == 1 else f"{n_files} files"
        return Rejection("preview", f"it changes {what}, choose what to apply")
    return None


async def offer_review(
    wire: Wire, editor: Editor, reviews: Reviews, delivery: Delivery, unapplied: Unapplied
) -> dict[str, Any]:
    """Show what was not applied; the client's user may accept parts of it later."""
    proposal = delivery.proposal
    missing = unapplied.missing
    if editor.client.wants_proposals:
        missing = await as_shown(editor.documents, editor.workspace, missing)
    review = delivery.review(missing, Rejection(unapplied.code, unapplied.detail))
    reviews.add(review)
    path = await show_proposal(wire, editor, review, may_create=delivery.may_create)
    where = "" if path is None else f"; the proposal is in {path!r}"
    message = f"{proposal.summary}: {unapplied.detail}{where}"
    if not editor.client.wants_proposals:
        tell(wire, message, types.MessageType.Warning)
    return report(proposal, "proposed", message, code=unapplied.code)


async def edit_of(wire: Wire, editor: Editor, delivery: Delivery) -> types.WorkspaceEdit:
    """A proposal as the edit of an entry of the menu, for the texts of this moment; raises Failed with the reason."""
    proposal = delivery.proposal
    is_alone = len(proposal.changes) == 1
    changes = await rebase(editor.documents, editor.workspace, proposal.changes, is_alone=is_alone)
    support = replace(editor.client.edits, can_apply=True)
    edit = (
        changes
        if isinstance(changes, Rejection)
        else workspace_edit(changes, support, editor.client.encoding, delivery.asked)
    )
    if isinstance(edit, Rejection):
        review = delivery.review(proposal.changes, edit)
        await show_proposal(wire, editor, review, may_create=delivery.may_create)
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
