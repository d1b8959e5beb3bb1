"""What the server does once a client is there: menus, actions, settings. Imported after the client was greeted."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tierwise.config import ConfigInputs, Loaded, user_config_file
from tierwise.config.doctor import DoctorReport
from tierwise.config.trust import TrustStore, default_trust_file, workspace_digest
from tierwise.dispatch.doctor import examine
from tierwise.dispatch.native.programs import narrow_search_path
from tierwise.lsp.carrying import Wire
from tierwise.lsp.clicks import Clicks
from tierwise.lsp.client import Client
from tierwise.lsp.documents import Documents
from tierwise.lsp.host import Host
from tierwise.lsp.menus import Menus
from tierwise.lsp.outlines import Outlines
from tierwise.lsp.process import settle_memory
from tierwise.lsp.progress import ProgressBars
from tierwise.lsp.results import Results
from tierwise.lsp.settings_completion import register
from tierwise.lsp.settings_problems import SettingsProblems
from tierwise.lsp.status import StatusItem
from tierwise.lsp.tripwire import Watch
from tierwise.lsp.workspace import EditorWorkspace

logger = logging.getLogger(__name__)


class Session:
    """One client with its documents and the runtime that serves it."""

    def __init__(
        self, wire: Wire, client: Client, documents: Documents, outlines: Outlines, folders: tuple[Path, ...]
    ) -> None:
        self.client = client
        self.bars = ProgressBars()
        self.host: Host
        self._wire = wire
        self._documents = documents
        self._outlines = outlines
        self._settings: object = client.settings
        self._status: StatusItem
        self.watch: Watch
        self._background: set[asyncio.Task[Any]] = set()
        self._problems = SettingsProblems(wire)
        self.clicks = Clicks(self, wire, documents, outlines)
        self.results = Results(self, wire, self.clicks)
        self.menus: Menus
        self.set_folders(folders)

    # Beginning, change of surroundings, end

    async def open(self) -> None:
        """Load the configuration and make the runtime; what is slow goes on in the background."""
        self.host = await Host.open(self._inputs)
        self._status = StatusItem(self._wire, self.host)
        self.menus = Menus(self.host, self.client, self._documents, self._outlines, lambda: self.workspace)
        self.watch = Watch(self._wire, self.host, self.begin, self.push_status)
        self.host.on_reload = self._reloaded
        self.host.under_way.on_change = self._show_calls
        self.host.watch()
        self._problems.tell(self.host.loaded, *self.host.runtime.problems)
        self.begin(self._warm())
        self.begin(self.clicks.tell_of_broken_edit())
        if self.client.can_register_completion:
            self.begin(register(self._wire))

    async def aclose(self) -> None:
        """Close the runtime and everything it started."""
        self._problems.close()
        await self.watch.aclose()
        for task in self._background:
            task.cancel()
        await self.clicks.fates.aclose()
        await self.host.aclose()

    def set_folders(self, folders: tuple[Path, ...]) -> None:
        """Take over the folders the user has open."""
        self._folders = folders
        narrow_search_path(() if self.client.is_trusted or _are_listed(folders) else folders)
        self.workspace = EditorWorkspace(
            self._documents,
            folders,
            is_trusted=self.client.is_trusted or _are_listed(folders),
            max_bytes=lambda: self.host.runtime.max_file_bytes,
        )

    async def reload(self, settings: object = None, *, is_by_hand: bool = False) -> Loaded:
        """Load the configuration again, with new editor settings where given; `is_by_hand` as the host has it."""
        if settings is not None:
            self._settings = settings
        return await self.host.reload(is_by_hand=is_by_hand)

    async def examine(self) -> DoctorReport:
        """Look at every backend, key and tool; takes as long as the slowest probe."""
        with self.host.lease() as runtime:
            root = self.workspace.roots[0] if self.workspace.roots else Path.cwd()
            report = await examine(
                runtime, self.host.loaded, root, is_trusted=self.workspace.is_trusted, editor_keys=self.host.editor_keys
            )
        self.push_status()
        return report

    def keys_changed(self) -> None:
        """Other servers can be asked now: find out which."""
        self.begin(self._warm())

    def opened(self, uri: str) -> None:
        """A document was opened: find out which tool of its project would serve it."""
        snapshot = self._documents.snapshot(uri)
        if snapshot is not None:
            self.begin(asyncio.to_thread(self.host.runtime.learn_tools, uri, snapshot.language, self.workspace))

    def _inputs(self) -> ConfigInputs:
        return ConfigInputs(
            user_file=user_config_file(),
            workspace_roots=self._folders,
            trusted=self.client.is_trusted or TrustStore(default_trust_file()).is_trusted,
            editor_settings=self._settings or None,
        )

    async def _warm(self) -> None:
        await self.host.runtime.learn()
        # Connecting imports what a backend stands on, so only what can be asked takes memory.
        await self.host.runtime.probe()
        self.host.runtime.team.note_rows()
        settle_memory()
        self.push_status()

    def _reloaded(self, loaded: Loaded) -> None:
        self._problems.tell(loaded, *self.host.runtime.problems)
        for uri in self._documents:
            self.opened(uri)
        self.push_status()

    # The status item

    def push_status(self) -> None:
        """Send the figures soon, once for everything that happens before."""
        if self.client.wants_status:
            self.begin(self._status.send())

    def _show_calls(self) -> None:
        if self.client.wants_status:
            self._status.send_calls()

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
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
