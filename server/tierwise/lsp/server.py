"""The server's skin: greets the client, keeps the documents, and hands the rest to the session once that is loaded."""

import asyncio
import gc
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from tierwise import __version__
from tierwise.lsp import process
from tierwise.lsp.capabilities import capabilities
from tierwise.lsp.client import Client, client_of
from tierwise.lsp.documents import Documents
from tierwise.lsp.frames import ByteSource
from tierwise.lsp.messages import Failed
from tierwise.lsp.outlines import Outlines
from tierwise.lsp.protocol import TierwiseProtocol
from tierwise.lsp.transport import ByteSink, Inbox, Outbox
from tierwise.text.uris import path_of

if TYPE_CHECKING:
    # Everything with a model behind it is imported after the client was greeted.
    from tierwise.lsp.session import Session
    from tierwise.syntax.outline import Symbol

logger = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 1.5
_ORPHAN_S = 2.0
_SETTLED_S = 60.0


class TierwiseServer(LanguageServer):
    """One server for one client on one pair of streams."""

    protocol: TierwiseProtocol

    def __init__(self) -> None:
        super().__init__("tierwise", __version__, protocol_cls=TierwiseProtocol)
        self.client = Client()
        self.documents = Documents()
        self.outlines = Outlines(_find_symbols)
        self.folders: dict[str, Path] = {}
        self.session: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self._stopped: asyncio.Future[int] | None = None
        self.protocol.document_lost = self._document_lost  # type: ignore[method-assign]
        # pygls' decorators take plain functions only, these are methods.
        self.protocol.fm.features.update(self._handlers())

    def _handlers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shutdown_session,
            types.SET_TRACE: lambda _: None,
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.TEXT_DOCUMENT_CODE_ACTION: self._code_action,
            types.CODE_ACTION_RESOLVE: self._resolve,
            types.WORKSPACE_EXECUTE_COMMAND: self._execute_command,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._did_change_configuration,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._did_change_folders,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self._cancel_progress,
            types.TEXT_DOCUMENT_COMPLETION: self._complete,
            "tierwise/keys": self._take_keys,
        }

    # One run of the server

    async def serve(self, source: ByteSource, sink: ByteSink) -> int:
        """Serve until the client says goodbye, its stream ends, or its process does; returns the exit code."""
        loop = asyncio.get_running_loop()
        self._stopped = loop.create_future()

        def gone() -> None:
            loop.call_soon_threadsafe(self.stop, 1)

        outbox = Outbox(sink, on_broken=gone)
        inbox = Inbox(source, outbox, self.protocol.receive, on_end=lambda: self.stop(1))
        self.protocol.outbox, self.protocol.on_exit = outbox, self.stop
        outbox.start()
        inbox.start()
        loop.call_later(_SETTLED_S, gc.enable)
        code = await self._stopped
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self.protocol.cancel_all()
                await self._shutdown_session(None)
        except TimeoutError:
            logger.warning("something did not end in time and is left behind")
        await asyncio.to_thread(outbox.close, 0.5)
        return code

    def stop(self, code: int) -> None:
        """End `serve`; the first code counts."""
        if self._stopped is not None and not self._stopped.done():
            self._stopped.set_result(code)

    # The beginning and the end of a session

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        self.client = client_of(params)
        self.documents.encoding = self.client.encoding
        for folder in params.workspace_folders or ():
            self._add_folder(folder.uri)
        if not params.workspace_folders and params.root_uri:
            self._add_folder(params.root_uri)
        if self.client.process_id is not None:
            self._watch_parent(self.client.process_id)
        return types.InitializeResult(
            capabilities=capabilities(self.client),
            server_info=types.ServerInfo(name=self.name, version=self.version),
        )

    def _initialized(self, _: Any) -> None:
        self._opening = asyncio.create_task(self._open_session())
        self._opening.add_done_callback(self._opened)

    def _opened(self, opening: "asyncio.Task[Session]") -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            logger.error("the session could not be opened", exc_info=error)
            words = "Tierwise: the server could not load what it needs, its log says where; reinstall it"
            self.window_show_message(types.ShowMessageParams(type=types.MessageType.Error, message=words))

    async def _open_session(self) -> "Session":
        session = await asyncio.to_thread(self._make_session)
        await session.open()
        process.settle_memory()
        self.session = session
        for uri in self.documents:
            session.opened(uri)
        return session

    def _make_session(self) -> "Session":
        from tierwise.lsp.session import Session  # noqa: PLC0415

        return Session(self.protocol, self.client, self.documents, self.outlines, tuple(self.folders.values()))

    async def _shutdown_session(self, _: Any) -> None:
        session, self.session = self.session, None
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        if session is not None:
            await session.aclose()

    def _watch_parent(self, pid: int) -> None:
        loop, stopped = asyncio.get_running_loop(), self.stop

        def parent_gone() -> None:
            loop.call_soon_threadsafe(stopped, 1)
            # Runs in a thread of its own, so a loop that hangs does not keep an orphan alive.
            threading.Event().wait(_ORPHAN_S)
            process.end_process(1)

        if not process.watch_process(pid, parent_gone):
            logger.info("the client's process cannot be seen from here, only the end of its stream is noticed")

    def _add_folder(self, uri: str) -> None:
        if (path := path_of(uri)) is not None:
            self.folders[uri] = path

    def _with_session(self, then: "Callable[[Session], Any]") -> Any:
        """Do something with the session: at once if it is there, else as soon as it is."""
        return then(self.session) if self.session is not None else self._later(then)

    async def _later(self, then: "Callable[[Session], Any]") -> Any:
        if self._opening is None:
            raise Failed(types.ErrorCodes.ServerNotInitialized, "the client has not sent 'initialized' yet")
        outcome = then(await asyncio.shield(self._opening))
        return await outcome if inspect.isawaitable(outcome) else outcome

    # Documents

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self.documents.open(params.text_document)
        self.outlines.forget(params.text_document.uri)
        if self.session is not None:
            self.session.opened(params.text_document.uri)

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self.documents.change(params)
        self.outlines.changed(params.text_document.uri, self.documents.snapshot)

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self.documents.close(params.text_document.uri)
        self.outlines.forget(params.text_document.uri)

    def _document_lost(self, uri: str) -> None:
        self.outlines.forget(uri)
        if self.documents.lose(uri):
            words = "Tierwise: a change of an open file could not be read, close the file and open it again"
            self.window_show_message(types.ShowMessageParams(type=types.MessageType.Warning, message=words))

    # Requests

    def _code_action(self, params: types.CodeActionParams) -> Any:
        return self._with_session(lambda session: session.menus.code_actions(params))

    def _resolve(self, action: types.CodeAction) -> Any:
        is_ours_to_fill = action.edit is None and action.command is None and isinstance(action.data, dict)
        if not is_ours_to_fill or self.client.edits.can_apply:
            return action
        return self._with_session(lambda session: session.clicks.fill(action, self.protocol.converter))

    def _execute_command(self, params: types.ExecuteCommandParams) -> Any:
        def execute(session: "Session") -> Any:
            from tierwise.lsp import commands  # noqa: PLC0415

            return commands.execute(session, params, self.protocol.converter)

        return self._with_session(execute)

    def _complete(self, params: types.CompletionParams) -> Any:
        from tierwise.lsp.settings_completion import complete  # noqa: PLC0415

        return complete(self.documents, params)

    def _cancel_progress(self, params: types.WorkDoneProgressCancelParams) -> None:
        if self.session is not None:
            self.session.bars.cancel(params.token)

    def _take_keys(self, params: Any) -> Any:
        from tierwise.lsp.keys import take_keys  # noqa: PLC0415

        return self._with_session(lambda session: take_keys(session, params))

    # Settings and folders

    async def _did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        settings: Any = params.settings
        if isinstance(settings, dict) and "tierwise" in settings:
            settings = settings["tierwise"]
        if settings is None and self.client.can_be_asked_for_settings:
            settings = await self._ask_for_settings()
        if settings is not None:
            await _awaited(self._with_session(lambda session: session.reload(settings)))

    async def _ask_for_settings(self) -> Any:
        item = types.ConfigurationItem(section="tierwise")
        try:
            answer = await self.workspace_configuration_async(types.ConfigurationParams(items=[item]))
        except (JsonRpcException, TimeoutError):
            return None
        return answer[0] if answer else None

    async def _did_change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            self.folders.pop(folder.uri, None)
        for folder in params.event.added:
            self._add_folder(folder.uri)

        def change(session: "Session") -> Awaitable[Any]:
            session.set_folders(tuple(self.folders.values()))
            return session.reload()

        await _awaited(self._with_session(change))


def _find_symbols(text: str, language: str) -> "tuple[Symbol, ...]":
    from tierwise.syntax.outline import outline  # noqa: PLC0415

    return outline(text, language)


async def _awaited(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome
