"""A small editor: a real language client over stdio that keeps texts and applies edits, for the demonstration."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter

from tierwise.text import Span, TextEdit, apply_edits
from tierwise.text.lines import LineIndex, Position

_CAPABILITIES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        apply_edit=True,
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
        ),
        workspace_folders=True,
    ),
    text_document=types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            code_action_literal_support=types.ClientCodeActionLiteralOptions(
                code_action_kind=types.ClientCodeActionKindOptions(value_set=[types.CodeActionKind.RefactorRewrite])
            )
        ),
    ),
    window=types.WindowClientCapabilities(work_done_progress=True),
)


def _converter() -> Converter:
    """The protocol's converter with one repair: lsprotocol takes every code action that has a command for a command."""
    converter = default_converter()

    def entry(found: Any, _: type) -> types.Command | types.CodeAction:
        is_bare = isinstance(found.get("command"), str)
        return converter.structure(found, types.Command if is_bare else types.CodeAction)

    converter.register_structure_hook(types.Command | types.CodeAction, entry)
    return converter


class Editor:
    """Opens files, asks for code actions, chooses one, and has the texts afterwards."""

    def __init__(self, on_progress: Callable[[str], None], on_message: Callable[[str], None]) -> None:
        self.texts: dict[str, str] = {}
        """What each document says now, by URI; documents the server created too."""
        self._versions: dict[str, int] = {}
        self._client = LanguageClient("tierwise-demo", "1", converter_factory=_converter)
        self._register(on_progress, on_message)

    async def start(self, root: Path, options: Mapping[str, Any], env: Mapping[str, str]) -> None:
        """Start the server and shake hands."""
        await self._client.start_io(sys.executable, "-m", "tierwise", "serve", env=dict(env))
        await self._client.initialize_async(
            types.InitializeParams(
                capabilities=_CAPABILITIES,
                root_uri=root.as_uri(),
                workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name=root.name)],
                initialization_options=dict(options),
            )
        )
        self._client.initialized(types.InitializedParams())

    def open(self, path: Path, language: str) -> str:
        """Open a file; returns its URI."""
        uri = path.as_uri()
        self.texts[uri], self._versions[uri] = path.read_text("utf-8"), 1
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=self.texts[uri])
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    async def menu(self, uri: str, words: str) -> list[types.CodeAction]:
        """The entries with the cursor at the first place that has these words."""
        here = self._position(uri, self.texts[uri].index(words))
        found = await self._client.text_document_code_action_async(
            types.CodeActionParams(
                text_document=types.TextDocumentIdentifier(uri=uri),
                range=types.Range(start=here, end=here),
                context=types.CodeActionContext(diagnostics=[], trigger_kind=types.CodeActionTriggerKind.Invoked),
            )
        )
        return [entry for entry in found or [] if isinstance(entry, types.CodeAction)]

    async def choose(self, entry: types.CodeAction) -> Any:
        """Choose an entry, as a click does; returns what the command answered."""
        assert entry.command is not None  # noqa: S101 - every entry of this server is a command.
        return await self.execute(entry.command.command, entry.command.arguments)

    async def execute(self, command: str, arguments: Any = None) -> Any:
        """Run one of the server's commands."""
        params = types.ExecuteCommandParams(command=command, arguments=list(arguments or []))
        return await self._client.workspace_execute_command_async(params)

    async def stop(self) -> None:
        """Say goodbye and wait for the server to end."""
        await self._client.shutdown_async(None)
        self._client.exit(None)
        await self._client.stop()

    def _position(self, uri: str, offset: int) -> types.Position:
        place = LineIndex(self.texts[uri]).position(offset, "utf-16")
        return types.Position(line=place.line, character=place.character)

    def _register(self, on_progress: Callable[[str], None], on_message: Callable[[str], None]) -> None:
        @self._client.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            for change in params.edit.document_changes or []:
                if isinstance(change, types.CreateFile):
                    self.texts.setdefault(change.uri, "")
                elif isinstance(change, types.TextDocumentEdit):
                    self._apply(change)
            return types.ApplyWorkspaceEditResult(applied=True)

        @self._client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def create(_params: types.WorkDoneProgressCreateParams) -> None:
            return None

        @self._client.feature(types.PROGRESS)
        def progress(params: types.ProgressParams) -> None:
            value = params.value
            message = value.get("message") if isinstance(value, dict) else getattr(value, "message", None)
            if message:
                on_progress(message)

        @self._client.feature(types.WINDOW_SHOW_MESSAGE)
        def show(params: types.ShowMessageParams) -> None:
            on_message(params.message)

    def _apply(self, change: types.TextDocumentEdit) -> None:
        """Apply edits to a text and tell the server, as an editor does."""
        uri = change.text_document.uri
        text = self.texts.setdefault(uri, "")
        index = LineIndex(text)

        def at(position: types.Position) -> int:
            return index.offset(Position(position.line, position.character), "utf-16")

        edits = [
            TextEdit(Span(at(edit.range.start), at(edit.range.end)), edit.new_text)
            for edit in change.edits
            if isinstance(edit, types.TextEdit | types.AnnotatedTextEdit)
        ]
        self.texts[uri] = apply_edits(text, edits)
        if uri in self._versions:
            self._versions[uri] += 1
            whole = types.TextDocumentContentChangeWholeDocument(text=self.texts[uri])
            document = types.VersionedTextDocumentIdentifier(uri=uri, version=self._versions[uri])
            params = types.DidChangeTextDocumentParams(text_document=document, content_changes=[whole])
            self._client.text_document_did_change(params)
