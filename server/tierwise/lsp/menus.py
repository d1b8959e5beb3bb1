"""What is offered at a place: at once where the symbols are known, else as soon as they are."""

from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types

from tierwise.checks.protected import protection_of
from tierwise.dispatch import Offer, offers
from tierwise.dispatch.prepared import root_of
from tierwise.lsp.client import Client
from tierwise.lsp.documents import Documents, name_of
from tierwise.lsp.from_proto import RunRequest, diagnostics_of
from tierwise.lsp.host import Host
from tierwise.lsp.menu import Entry, Place, entries, is_wanted, unavailable
from tierwise.lsp.outlines import Outlines
from tierwise.lsp.workspace import EditorWorkspace
from tierwise.syntax.outline import Symbol
from tierwise.text import Rejection, Snapshot, Span
from tierwise.text.uris import path_of


class Menus:
    """Answers what the lightbulb and the palette ask; no model, no disk, no network."""

    def __init__(
        self,
        host: Host,
        client: Client,
        documents: Documents,
        outlines: Outlines,
        workspace: Callable[[], EditorWorkspace],
    ) -> None:
        self._host = host
        self._client = client
        self._documents = documents
        self._outlines = outlines
        self._workspace = workspace

    def code_actions(self, params: types.CodeActionParams) -> list[Entry] | Awaitable[list[Entry]]:
        """The entries at a place: at once where the symbols are known, which they are for most documents."""
        uri, context = params.text_document.uri, params.context
        only = None if context.only is None else [str(getattr(kind, "value", kind)) for kind in context.only]
        if not any(is_wanted(action.kind, only) for action in self._host.runtime.actions):
            return []
        snapshot = self._usable(uri)
        is_automatic = context.trigger_kind is types.CodeActionTriggerKind.Automatic
        if isinstance(snapshot, Rejection):
            says_why = not is_automatic and self._client.actions.has_disabled and snapshot.code != "not-open"
            return [unavailable(snapshot.detail)] if says_why and is_wanted("refactor.rewrite.tierwise", only) else []
        if is_automatic and not context.diagnostics and params.range.start == params.range.end:
            return []
        # Asked for by kind and by itself is what an editor carries out whenever a file is saved: nobody said yes.
        if is_automatic and only is not None and self._is_protected(snapshot):
            return []
        place = Place(
            uri=uri,
            version=snapshot.version,
            range=params.range,
            reported=diagnostics_of(context.diagnostics, uri, self._documents),
        )
        selection = self._documents.span(uri, params.range)

        def found(symbols: tuple[Symbol, ...]) -> list[Entry]:
            has_twins = self._host.runtime.config.editor.twins
            offered = self._offers(snapshot, symbols, selection, place, is_automatic=is_automatic, has_twins=has_twins)
            return entries(offered, place, self._client, only)

        symbols = self._outlines.ready(snapshot)
        return found(symbols) if symbols is not None else self._once_known(snapshot, found)

    def _is_protected(self, snapshot: Snapshot) -> bool:
        """Whether the file is changed only if the user asks for it."""
        path = path_of(snapshot.uri)
        if path is None:
            return False
        root = root_of(path, self._workspace().roots)
        return protection_of(path.relative_to(root).as_posix(), snapshot.text) is not None

    async def offers_for(self, request: RunRequest) -> tuple[tuple[Offer, ...], Place] | Rejection:
        """The offers at a place, for clients that show a menu of their own."""
        snapshot = self._usable(request.uri)
        if isinstance(snapshot, Rejection):
            return snapshot
        whole = types.Range(types.Position(0, 0), types.Position(0, 0))
        wanted = request.range or whole
        reported = diagnostics_of(request.diagnostics, request.uri, self._documents)
        place = Place(uri=request.uri, version=snapshot.version, range=wanted, reported=reported)
        selection = self._documents.span(request.uri, wanted)
        symbols = await self._outlines.wait(snapshot)
        return self._offers(snapshot, symbols, selection, place, is_automatic=False, has_twins=True), place

    def _offers(
        self,
        snapshot: Snapshot,
        symbols: tuple[Symbol, ...],
        selection: Span,
        place: Place,
        *,
        is_automatic: bool,
        has_twins: bool = False,
    ) -> tuple[Offer, ...]:
        runtime = self._host.runtime
        runtime.refresh()
        menu = runtime.menu(snapshot.uri, snapshot.language, self._workspace().roots, has_twins=has_twins)
        return offers(menu, snapshot, symbols, selection, tuple(place.reported), is_automatic=is_automatic)

    async def _once_known(self, snapshot: Snapshot, found: Any) -> list[Entry]:
        entries_found: list[Entry] = found(await self._outlines.wait(snapshot))
        return entries_found

    def _usable(self, uri: str) -> Snapshot | Rejection:
        """The document, or why no action would work on it; asked on every cursor movement."""
        snapshot = self._documents.usable(uri)
        limit = self._host.runtime.max_file_bytes
        if isinstance(snapshot, Snapshot) and limit < len(snapshot.text):
            words = f"{name_of(uri)!r} has more than the {limit} characters that limits.max_file_bytes allows"
            return Rejection("too-large", words)
        return snapshot
