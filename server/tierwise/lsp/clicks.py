"""What the user asks for, from the click to the last word about it: actions, and what is done with their results."""

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import Any, Protocol

import cattrs
from lsprotocol import types

from tierwise.actions import Scope
from tierwise.dispatch import FileChange, Proposal, Refusal, Task, Workspace
from tierwise.dispatch import Question as MoneyQuestion
from tierwise.dispatch.previewing import preview, preview_json, preview_text
from tierwise.lsp.asking import RESTORE, WHY, ask_user, button_of, higher, why_of
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.carrying import (
    Delivery,
    Wire,
    deliver,
    edit_of,
    refuse,
    refuse_early,
    task_of,
    tell,
    words_of,
    work,
)
from tierwise.lsp.client import Client
from tierwise.lsp.consent import questions
from tierwise.lsp.documents import Documents
from tierwise.lsp.fates import Fates
from tierwise.lsp.from_proto import RunRequest, run_request
from tierwise.lsp.host import Host
from tierwise.lsp.memory import Former, Memory, Remembered
from tierwise.lsp.messages import Failed
from tierwise.lsp.outlines import Outlines
from tierwise.lsp.progress import ActionProgress, ProgressBars, title_of
from tierwise.lsp.proposals import Reviews
from tierwise.lsp.reports import refusal as early_end
from tierwise.lsp.restoring import broken_off, restore, shelf_of
from tierwise.lsp.sending import Editor
from tierwise.lsp.tripwire import Watch
from tierwise.lsp.trying_again import Before, answered_anew
from tierwise.lsp.workspace import EditorWorkspace
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection, Snapshot

_SETTLED_S = 1.0
"""How long after the start an editor has reported what it has open."""


class Desk(Protocol):
    """What of a session clicks need; some of it changes while the session goes on."""

    client: Client
    host: Host
    workspace: EditorWorkspace
    bars: ProgressBars
    watch: Watch

    def push_status(self) -> None:
        """Send the figures soon."""
        ...

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something in the background."""
        ...


class Clicks:
    """The actions of one session, and the proposals and edits they left."""

    def __init__(self, desk: Desk, wire: Wire, documents: Documents, outlines: Outlines) -> None:
        self._desk = desk
        self._wire = wire
        self._documents = documents
        self._outlines = outlines
        self.fates = Fates(documents, lambda: desk.host.ledger, self._forget, desk.push_status)
        self.memory = Memory()
        self.reviews = Reviews()
        self.last_result: dict[str, Any] | None = None

    # Actions

    def run(self, request: RunRequest, token: types.ProgressToken | None) -> dict[str, Any] | Awaitable[dict[str, Any]]:
        """Carry out one action on the document as it is at the moment of this call, and bring its edit in."""
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            self.last_result = refuse_early(self._wire, request.action, snapshot.code, snapshot.detail)
            return self.last_result
        task = task_of(request, snapshot, self._documents, self._desk.client)
        return self.carry_out(task, token, wish=request.review)

    async def preview(self, request: RunRequest) -> dict[str, Any]:
        """What one action would send and where to; nothing is sent."""
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            return early_end(request.action, "refused", snapshot.code, snapshot.detail)
        task = task_of(request, snapshot, self._documents, self._desk.client)
        with self._desk.host.lease() as runtime:
            found = await preview(runtime, task, self._desk.workspace)
        if isinstance(found, Refusal):
            return early_end(task.action_id, "refused", found.code, found.words)
        return preview_json(found) | {"text": preview_text(found)}

    async def carry_out(
        self,
        task: Task,
        token: types.ProgressToken | None,
        former: Former | None = None,
        wish: str | None = None,
    ) -> dict[str, Any]:
        """Run a task and deliver what comes of it.

        `former` is the action whose answer it is to take the place of; `wish` whether the user looks at it first:
        `always`, `never`, or None for what the configuration says.
        """
        desk, progress = self._desk, self._progress(task, token)
        made = () if former is None else former.made
        workspace: Workspace = Before(desk.workspace, made) if made else desk.workspace
        with desk.watch.action(), desk.host.lease() as runtime:
            desk.push_status()
            outcome = await work(runtime, task, workspace, desk.bars, progress, self._agree)
            if made and isinstance(outcome, Proposal):
                outcome = answered_anew(made, outcome)
            if isinstance(outcome, Refusal):
                result = refuse(self._wire, outcome, is_told=not desk.client.wants_buttons)
                entry = self._remember(task, outcome, result, former=former)
                if desk.client.wants_buttons and result["status"] == "refused":
                    desk.begin(self._ask_after_refusal(task, outcome, former))
            else:
                delivery = self._delivery(task, outcome, wish or runtime.config.editor.preview)
                result = await deliver(self._wire, self.editor(), self.reviews, delivery)
                entry = self._remember(task, outcome, result, delivery.id, former)
                await self._look_after(entry, outcome)
                self._close_former(former)
        desk.push_status()
        return entry.result

    def _close_former(self, former: Former | None) -> None:
        """Another answer is in the editor, or before the user, so an earlier proposal waits no longer."""
        review = None if former is None else self.reviews.find(former.id)
        entry = None if former is None else self.memory.find(former.id)
        if entry is not None and entry.result["status"] == "proposed":
            entry.result["status"] = "replaced"
        if review is not None:
            self.reviews.close(review.id)
            if self._desk.client.wants_proposals:
                self._wire.notify("tierwise/closed", {"id": review.id})

    def fill(self, action: types.CodeAction, converter: cattrs.Converter) -> Awaitable[types.CodeAction]:
        """Carry out an action for a client that takes edits only this way; raises Failed with the reason."""
        request = run_request(action.data if isinstance(action.data, dict) else {}, converter)
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            raise Failed(types.LSPErrorCodes.ContentModified, snapshot.detail)
        task = task_of(request, snapshot, self._documents, self._desk.client)
        return self._fill(action, task, self._progress(task, None))

    async def _fill(self, action: types.CodeAction, task: Task, progress: ActionProgress) -> types.CodeAction:
        desk = self._desk
        with desk.watch.action(), desk.host.lease() as runtime:
            outcome = await work(runtime, task, desk.workspace, desk.bars, progress, self._agree)
        if isinstance(outcome, Refusal):
            self._remember(task, outcome, refuse(self._wire, outcome))
            raise Failed(types.LSPErrorCodes.RequestFailed, outcome.words)
        action.edit = await edit_of(self._wire, self.editor(), self._delivery(task, outcome, "never"))
        return action

    # What is done with a result

    async def look_after(self, entry: Remembered, changes: tuple[FileChange, ...]) -> None:
        """Parts of a proposal are in the editor now."""
        outcome = entry.outcome
        if isinstance(outcome, Proposal):
            entry.made = changes
            await self._look_after(entry, replace(outcome, changes=changes))
            self._desk.push_status()

    async def _look_after(self, entry: Remembered, proposal: Proposal) -> None:
        """Follow an edit that is in the editor; a part of it that is there alone is put to the user."""
        if entry.result["status"] == "applied":
            entry.made = proposal.changes
            self.memory.take_place(entry)
            if proposal.tier is not Tier.NATIVE:
                runtime = self._desk.host.runtime
                await runtime.note_applied(proposal.action_key)
                self.fates.follow(proposal, runtime.candidates)
        if self._desk.client.wants_buttons and entry.result["code"] == "partly-applied":
            self._desk.begin(self._ask_to_restore(entry.result["message"]))

    async def tell_of_broken_edit(self) -> None:
        """Say, once the editor has reported its documents, what an earlier server left unfinished here."""
        await asyncio.sleep(_SETTLED_S)
        words = await broken_off(self.editor(), self._shelf())
        if words is not None and self._desk.client.wants_buttons:
            await self._ask_to_restore(words)
        elif words is not None:
            tell(self._wire, words, types.MessageType.Warning)

    async def restore(self) -> dict[str, Any]:
        """Take back the last edit that reached only some of its files, and say what came of it."""
        result = await restore(replace(self.editor(), shelf=None), self._shelf())
        tell(self._wire, result["message"], types.MessageType.Info)
        return result

    async def _agree(self, question: MoneyQuestion) -> bool:
        """Whether the user agrees to what costs money; no answer is a no."""
        return await ask_user(self._wire, question.words, [question.yes]) == question.yes

    async def _ask_after_refusal(self, task: Task, refusal: Refusal, former: Former | None) -> None:
        """What the user may want now: the reasons, or a better model for the same task."""
        attempts = () if refusal.code == "cancelled" else refusal.attempts
        above = higher([one.tier for one in attempts], self._desk.host.runtime.candidates)
        buttons = [WHY] if above is None else [WHY, button_of(above)]
        chosen = await ask_user(self._wire, words_of(refusal), buttons)
        if chosen == WHY:
            tell(self._wire, why_of(refusal), types.MessageType.Info)
        elif chosen is not None and above is not None:
            result = await self.carry_out(replace(task, tier=above.tier), None, former)
            if result["status"] == "applied":
                tell(self._wire, result["message"], types.MessageType.Info)

    async def _ask_to_restore(self, words: str) -> None:
        if await ask_user(self._wire, words, [RESTORE]) == RESTORE:
            await self.restore()

    async def _forget(self, action_key: str) -> None:
        """The edit of an action was undone, so what was answered for it is not served again."""
        entry = self.memory.find(action_key)
        if entry is not None and entry.result["status"] == "applied":
            self.memory.give_back(entry)
        await self._desk.host.runtime.replies.undone(action_key)

    # Around an action

    def _remember(
        self,
        task: Task,
        outcome: Proposal | Refusal,
        result: dict[str, Any],
        entry_id: str | None = None,
        former: Former | None = None,
    ) -> Remembered:
        found = entry_id or self.memory.new_id(outcome)
        result["id"] = found
        title = self._title(task)
        entry = Remembered(id=found, title=title, task=task, outcome=outcome, result=result, former=former)
        # What was cancelled has no key, but a row in the ledger, from which histories have it.
        if result["status"] != "cancelled" or outcome.action_key:
            self.memory.add(entry)
        self.last_result = result
        return entry

    def _delivery(self, task: Task, proposal: Proposal, preview: str) -> Delivery:
        may_create = self._may_create(task)
        return Delivery(
            id=self.memory.new_id(proposal),
            task=task,
            proposal=proposal,
            may_create=may_create,
            asked=questions(proposal.changes, may_create=may_create),
            preview=preview,
        )

    def _may_create(self, task: Task) -> bool:
        """Whether a new file is what the user asked for."""
        action = self._desk.host.runtime.action(task.action_id)
        return action is not None and action.scope is Scope.TEST_FILE

    def _current(self, request: RunRequest) -> Snapshot | Rejection:
        """The document as it is, if it still is what the menu was opened on."""
        snapshot = self._documents.usable(request.uri)
        if isinstance(snapshot, Rejection) or request.version in (None, snapshot.version):
            return snapshot
        return Rejection("stale", "the document has changed since the menu was opened, open it again")

    def _title(self, task: Task) -> str:
        action = self._desk.host.runtime.action(task.action_id)
        symbols = self._outlines.ready(task.snapshot)
        return task.action_id if action is None else title_of(action, task, symbols)

    def _progress(self, task: Task, token: types.ProgressToken | None) -> ActionProgress:
        title = f"Tierwise: {self._title(task)}"
        return ActionProgress(self._wire, self._desk.bars, title, token, can_create=self._desk.client.has_progress)

    def editor(self) -> Editor:
        """The client with its documents, as edits need it."""
        return Editor(
            wire=self._wire,
            client=self._desk.client,
            documents=self._documents,
            workspace=self._desk.workspace,
            shelf=self._shelf(),
        )

    def _shelf(self) -> Shelf:
        return shelf_of(self._desk.host.loaded.ledger_path.parent, self._desk.workspace.roots)
