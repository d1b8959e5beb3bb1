"""What the server does once a client is there: menus, actions, settings. Imported after the client was greeted."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import cattrs
from lsprotocol import types

from tierwise.actions import Scope
from tierwise.config import ConfigInputs, Loaded, Severity, user_config_file
from tierwise.config.doctor import DoctorReport
from tierwise.config.trust import TrustStore, default_trust_file, workspace_digest
from tierwise.dispatch import Question, Refusal, Task
from tierwise.dispatch.doctor import examine
from tierwise.dispatch.previewing import preview, preview_json, preview_text
from tierwise.lsp.asking import RESTORE, WHY, ask_user, button_of, higher, why_of
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.carrying import Wire, deliver, edit_of, refuse, refuse_early, task_of, tell, words_of, work
from tierwise.lsp.client import Client
from tierwise.lsp.documents import Documents
from tierwise.lsp.fates import Fates
from tierwise.lsp.from_proto import RunRequest, run_request
from tierwise.lsp.host import Host
from tierwise.lsp.menus import Menus
from tierwise.lsp.messages import Failed
from tierwise.lsp.outlines import Outlines
from tierwise.lsp.process import settle_memory
from tierwise.lsp.progress import ActionProgress, ProgressBars, title_of
from tierwise.lsp.reports import refusal as early_end
from tierwise.lsp.restoring import restore, shelf_of
from tierwise.lsp.sending import Editor
from tierwise.lsp.status import StatusItem
from tierwise.lsp.tripwire import Watch
from tierwise.lsp.workspace import EditorWorkspace
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection, Snapshot

logger = logging.getLogger(__name__)


class Session:
    """One client with its documents and the runtime that serves it."""

    def __init__(
        self, wire: Wire, client: Client, documents: Documents, outlines: Outlines, folders: tuple[Path, ...]
    ) -> None:
        self.client = client
        self.bars = ProgressBars()
        self.last_result: dict[str, Any] | None = None
        self.host: Host
        self._wire = wire
        self._documents = documents
        self._outlines = outlines
        self._settings: object = client.settings
        self._status: StatusItem
        self._watch: Watch
        self._background: set[asyncio.Task[Any]] = set()
        self._fates = Fates(documents, lambda: self.host.ledger, self._forget)
        self.menus: Menus
        self.set_folders(folders)

    # Beginning, change of surroundings, end

    async def open(self) -> None:
        """Load the configuration and make the runtime; what is slow goes on in the background."""
        self.host = await Host.open(self._inputs())
        self._status = StatusItem(self._wire, self.host)
        self.menus = Menus(self.host, self.client, self._documents, self._outlines, lambda: self.workspace)
        self._watch = Watch(self._wire, self.host, self._begin, self.push_status)
        self.host.on_reload = self._reloaded
        self.host.watch(self._inputs)
        self._report_problems(self.host.loaded)
        self._begin(self._warm())

    async def aclose(self) -> None:
        """Close the runtime and everything it started."""
        await self._watch.aclose()
        for task in self._background:
            task.cancel()
        await self._fates.aclose()
        await self.host.aclose()

    def set_folders(self, folders: tuple[Path, ...]) -> None:
        """Take over the folders the user has open."""
        self._folders = folders
        self.workspace = EditorWorkspace(
            self._documents,
            folders,
            is_trusted=self.client.is_trusted or _are_listed(folders),
            max_bytes=lambda: self.host.runtime.max_file_bytes,
        )

    async def reload(self, settings: object = None) -> Loaded:
        """Load the configuration again, with new editor settings where given."""
        if settings is not None:
            self._settings = settings
        return await self.host.reload(self._inputs())

    async def examine(self) -> DoctorReport:
        """Look at every backend, key and tool; takes as long as the slowest probe."""
        with self.host.lease() as runtime:
            root = self.workspace.roots[0] if self.workspace.roots else Path.cwd()
            report = await examine(runtime, self.host.loaded, root, is_trusted=self.workspace.is_trusted)
        self.push_status()
        return report

    def opened(self, uri: str) -> None:
        """A document was opened: find out which tool of its project would serve it."""
        snapshot = self._documents.snapshot(uri)
        if snapshot is not None:
            self._begin(asyncio.to_thread(self.host.runtime.learn_tools, uri, snapshot.language, self.workspace))

    def _inputs(self) -> ConfigInputs:
        return ConfigInputs(
            user_file=user_config_file(),
            workspace_roots=self._folders,
            trusted=self.client.is_trusted or TrustStore(default_trust_file()).is_trusted,
            editor_settings=self._settings or None,
        )

    async def _forget(self, action_key: str) -> None:
        """The edit of an action was undone, so what was answered for it is not served again."""
        await self.host.runtime.replies.undone(action_key)

    async def _warm(self) -> None:
        await self.host.runtime.learn()
        # Connecting imports what a backend stands on, so only what can be asked takes memory.
        await self.host.runtime.probe()
        settle_memory()
        self.push_status()

    def _reloaded(self, loaded: Loaded) -> None:
        self._report_problems(loaded)
        for uri in self._documents:
            self.opened(uri)
        self.push_status()

    def _report_problems(self, loaded: Loaded) -> None:
        errors = [problem for problem in loaded.problems if problem.severity is Severity.ERROR]
        if errors:
            more = f" (and {len(errors) - 1} more, see `tierwise config validate`)" if errors[1:] else ""
            tell(self._wire, f"{errors[0]}{more}", types.MessageType.Warning)
        if self.host.runtime.ledger_problem is not None:
            tell(self._wire, self.host.runtime.ledger_problem, types.MessageType.Warning)

    # Carrying out

    def run(self, request: RunRequest, token: types.ProgressToken | None) -> dict[str, Any] | Awaitable[dict[str, Any]]:
        """Carry out one action on the document as it is at the moment of this call, and bring its edit in."""
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            self.last_result = refuse_early(self._wire, request.action, snapshot.code, snapshot.detail)
            return self.last_result
        task = task_of(request, snapshot, self._documents, self.client)
        return self._carry_out(task, self._progress(task, token))

    async def preview(self, request: RunRequest) -> dict[str, Any]:
        """What one action would send and where to; nothing is sent."""
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            return early_end(request.action, "refused", snapshot.code, snapshot.detail)
        task = task_of(request, snapshot, self._documents, self.client)
        with self.host.lease() as runtime:
            found = await preview(runtime, task, self.workspace)
        if isinstance(found, Refusal):
            return early_end(task.action_id, "refused", found.code, found.words)
        return preview_json(found) | {"text": preview_text(found)}

    async def _carry_out(self, task: Task, progress: ActionProgress) -> dict[str, Any]:
        with self._watch.action(), self.host.lease() as runtime:
            self.push_status()
            outcome = await work(runtime, task, self.workspace, self.bars, progress, self._agree)
            if isinstance(outcome, Refusal):
                result = refuse(self._wire, outcome, is_told=not self.client.wants_buttons)
                if self.client.wants_buttons and result["status"] == "refused":
                    self._begin(self._ask_after_refusal(task, outcome))
            else:
                result = await deliver(self._wire, self._editor(), outcome, may_create=self._may_create(task))
                if result["status"] == "applied" and outcome.tier is not Tier.NATIVE:
                    await runtime.note_applied(outcome.action_key)
                    self._fates.follow(outcome, runtime.candidates)
                if self.client.wants_buttons and result["code"] == "partly-applied":
                    self._begin(self._ask_to_restore(result["message"]))
        self.last_result = result
        self.push_status()
        return result

    async def _agree(self, question: Question) -> bool:
        """Whether the user agrees to what costs money; no answer is a no."""
        return await ask_user(self._wire, question.words, [question.yes]) == question.yes

    async def _ask_after_refusal(self, task: Task, refusal: Refusal) -> None:
        """What the user may want now: the reasons, or a better model for the same task."""
        above = None if refusal.code == "cancelled" else higher(refusal, self.host.runtime.candidates)
        buttons = [WHY] if above is None else [WHY, button_of(above)]
        chosen = await ask_user(self._wire, words_of(refusal), buttons)
        if chosen == WHY:
            tell(self._wire, why_of(refusal), types.MessageType.Info)
        elif chosen is not None and above is not None:
            again = replace(task, tier=above.tier)
            result = await self._carry_out(again, self._progress(again, None))
            if result["status"] == "applied":
                tell(self._wire, result["message"], types.MessageType.Info)

    async def _ask_to_restore(self, words: str) -> None:
        if await ask_user(self._wire, words, [RESTORE]) == RESTORE:
            await self.restore()

    async def restore(self) -> dict[str, Any]:
        """Take back the last edit that reached only some of its files, and say what came of it."""
        result = await restore(replace(self._editor(), shelf=None), self._shelf())
        tell(self._wire, result["message"], types.MessageType.Info)
        return result

    def fill(self, action: types.CodeAction, converter: cattrs.Converter) -> Awaitable[types.CodeAction]:
        """Carry out an action for a client that takes edits only this way; raises Failed with the reason."""
        request = run_request(action.data if isinstance(action.data, dict) else {}, converter)
        snapshot = self._current(request)
        if isinstance(snapshot, Rejection):
            raise Failed(types.LSPErrorCodes.ContentModified, snapshot.detail)
        task = task_of(request, snapshot, self._documents, self.client)
        return self._fill(action, task, self._progress(task, None))

    async def _fill(self, action: types.CodeAction, task: Task, progress: ActionProgress) -> types.CodeAction:
        with self._watch.action(), self.host.lease() as runtime:
            outcome = await work(runtime, task, self.workspace, self.bars, progress, self._agree)
        if isinstance(outcome, Refusal):
            self.last_result = refuse(self._wire, outcome)
            raise Failed(types.LSPErrorCodes.RequestFailed, outcome.words)
        action.edit = await edit_of(self._wire, self._editor(), outcome, may_create=self._may_create(task))
        return action

    def _may_create(self, task: Task) -> bool:
        """Whether a new file is what the user asked for."""
        action = self.host.runtime.action(task.action_id)
        return action is not None and action.scope is Scope.TEST_FILE

    def _current(self, request: RunRequest) -> Snapshot | Rejection:
        """The document as it is, if it still is what the menu was opened on."""
        snapshot = self._documents.usable(request.uri)
        if isinstance(snapshot, Rejection) or request.version in (None, snapshot.version):
            return snapshot
        return Rejection("stale", "the document has changed since the menu was opened, open it again")

    def _progress(self, task: Task, token: types.ProgressToken | None) -> ActionProgress:
        action = self.host.runtime.action(task.action_id)
        symbols = self._outlines.ready(task.snapshot)
        title = task.action_id if action is None else title_of(action, task, symbols)
        return ActionProgress(self._wire, self.bars, f"Tierwise: {title}", token, can_create=self.client.has_progress)

    def _editor(self) -> Editor:
        return Editor(
            wire=self._wire,
            client=self.client,
            documents=self._documents,
            workspace=self.workspace,
            shelf=self._shelf(),
        )

    def _shelf(self) -> Shelf:
        return shelf_of(self.host.loaded.ledger_path.parent, self.workspace.roots)

    # The status item

    def push_status(self) -> None:
        """Send the figures soon, once for everything that happens before."""
        if self.client.wants_status:
            self._begin(self._status.send())

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something in the background; failures are logged."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work in the background failed", exc_info=error)


def _are_listed(folders: tuple[Path, ...]) -> bool:
    """Whether the user has put every open folder on the list of trusted ones."""
    store = TrustStore(default_trust_file())
    try:
        return bool(folders) and all(store.is_trusted(folder, workspace_digest(folder)) for folder in folders)
    except ValueError:
        return False
