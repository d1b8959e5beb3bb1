"""An editor for tests: a real client over standard streams that keeps texts, types, and applies what it is sent."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import make_test_lsp_client

from e2e.loaded import tierwise
from lsp.reference import reference_apply, reference_position

NOTHING = types.ClientCapabilities()


class Editor:
    """One client with its server."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.encoding = "utf-16"
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        """Every edit the server asked for."""
        self.proposals: list[Any] = []
        self.statuses: list[Any] = []
        self.closed: list[Any] = []
        """Proposals the server said to be answered by something else."""
        self.on_apply: Callable[[types.ApplyWorkspaceEditParams], types.ApplyWorkspaceEditResult] = self.apply
        """What becomes of an edit; tests replace it to be another kind of editor."""
        handlers = {
            types.WORKSPACE_APPLY_EDIT: self._asked_to_apply,
            "tierwise/proposal": lambda params: self.proposals.append(plain(params)),
            "tierwise/closed": lambda params: self.closed.append(plain(params)),
            "tierwise/status": lambda params: self.statuses.append(plain(params)),
        }
        # The library's decorators take plain functions only.
        client.protocol.fm.features.update(handlers)
        # The library takes every entry that has a command for a bare command.
        converter = client.protocol._converter

        def entry(raw: Any, _: Any) -> types.Command | types.CodeAction:
            is_bare = isinstance(raw.get("command"), str)
            wanted: Any = types.Command if is_bare else types.CodeAction
            found: types.Command | types.CodeAction = converter.structure(raw, wanted)
            return found

        converter.register_structure_hook(types.Command | types.CodeAction, entry)

    @property
    def told(self) -> list[str]:
        """What the user was told."""
        return [message.message for message in self.client.messages]

    # Documents

    def uri(self, name: str) -> str:
        """The URI of a file of the workspace."""
        return (self.root / name).as_uri()

    def open(self, name: str, marked: str, language: str = "python") -> tuple[str, types.Range]:
        """Write and open a file; `$0` in its text marks the cursor, two of them a selection."""
        first, *rest = marked.split("$0")
        text = first + "".join(rest)
        uri = self.uri(name)
        (self.root / name).write_bytes(text.encode())
        self.open_uri(uri, text, language)
        end = len(first) + (len(rest[0]) if len(rest) == 2 else 0)
        return uri, self.range(uri, len(first), end)

    def open_uri(self, uri: str, text: str, language: str = "python") -> None:
        """Open a document of any kind."""
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close(self, uri: str) -> None:
        """Close a document."""
        del self.texts[uri], self.versions[uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def range(self, uri: str, start: int, end: int) -> types.Range:
        """Offsets as a range."""
        places = (reference_position(self.texts[uri], at, self.encoding) for at in (start, end))
        return types.Range(*(types.Position(**place) for place in places))

    def type(self, uri: str, before: str, text: str) -> None:
        """Type a text in front of the first place that reads `before`."""
        at = self.texts[uri].index(before)
        change = types.TextDocumentContentChangePartial(self.range(uri, at, at), text)
        self.texts[uri] = self.texts[uri][:at] + text + self.texts[uri][at:]
        self._changed(uri, change)

    def say(self, uri: str, text: str) -> None:
        """Make a document say something else, as undoing or pasting does."""
        self.texts[uri] = text
        self._changed(uri, types.TextDocumentContentChangeWholeDocument(text))

    def _changed(self, uri: str, change: types.TextDocumentContentChangeEvent) -> None:
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    # Edits of the server

    def _asked_to_apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.applied.append(params)
        return self.on_apply(params)

    def apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Apply all of an edit, or refuse it because a document has another version."""
        edit = self.client.protocol._converter.unstructure(params.edit)
        for part in edit.get("documentChanges", ()):
            if "kind" not in part:
                document = part["textDocument"]
                if document["version"] not in (None, self.versions.get(document["uri"])):
                    return types.ApplyWorkspaceEditResult(applied=False, failure_reason="the document has changed")
        self.take(edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def take(self, edit: Any) -> None:
        """Apply a workspace edit as it came over the wire, whatever versions it names."""
        for part in edit.get("documentChanges", ()):
            if part.get("kind") == "create":
                assert part["uri"] not in self.texts, "a file that is there was created"
                self.texts[part["uri"]] = ""
            else:
                self._edit(part["textDocument"]["uri"], part["edits"])
        for uri, edits in edit.get("changes", {}).items():
            self._edit(uri, edits)

    def _edit(self, uri: str, edits: list[Any]) -> None:
        self.texts[uri] = reference_apply(self.texts[uri], edits, self.encoding)
        if uri in self.versions:
            self._changed(uri, types.TextDocumentContentChangeWholeDocument(self.texts[uri]))

    # Actions

    async def menu(
        self,
        uri: str,
        selection: types.Range,
        *,
        only: list[str] | None = None,
        is_automatic: bool = False,
        diagnostics: list[types.Diagnostic] | None = None,
    ) -> list[types.CodeAction]:
        """The lightbulb's entries."""
        kind = types.CodeActionTriggerKind.Automatic if is_automatic else types.CodeActionTriggerKind.Invoked
        context = types.CodeActionContext(diagnostics=diagnostics or [], only=only, trigger_kind=kind)
        document = types.TextDocumentIdentifier(uri)
        params = types.CodeActionParams(text_document=document, range=selection, context=context)
        found = await self.client.text_document_code_action_async(params)
        return [entry for entry in found or () if isinstance(entry, types.CodeAction)]

    def reports(self, token: types.ProgressToken) -> list[Any]:
        """What one bar has shown: its begin, its reports, its end."""
        return list(self.client.progress_reports[token])

    async def entry(self, title: str, uri: str, selection: types.Range, **more: Any) -> types.CodeAction:
        """The entry whose title begins so."""
        found = await self.menu(uri, selection, **more)
        return next(entry for entry in found if entry.title.startswith(title))

    async def choose(self, title: str, uri: str, selection: types.Range, token: Any = None) -> Any:
        """Pick an entry and wait for its command."""
        command = (await self.entry(title, uri, selection)).command
        assert command is not None
        return await self.command(command.command, *(command.arguments or ()), token=token)

    async def command(self, name: str, *arguments: Any, token: Any = None) -> Any:
        """Run a command; its answer as plain JSON."""
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments), work_done_token=token)
        return plain(await self.client.workspace_execute_command_async(params))

    def begin(self, action: str, uri: str, selection: types.Range, message_id: str, token: Any = None) -> Any:
        """Start an action under an id of our own; the future of its answer."""
        arguments = {"action": action, "uri": uri, "range": selection, "version": self.versions[uri]}
        params = types.ExecuteCommandParams(command="tierwise.run", arguments=[arguments], work_done_token=token)
        sent = self.client.protocol.send_request(types.WORKSPACE_EXECUTE_COMMAND, params, msg_id=message_id)
        return asyncio.wrap_future(sent)

    def cancel(self, message_id: str) -> None:
        """Cancel a request."""
        self.client.cancel_request(types.CancelParams(id=message_id))


def plain(answer: Any) -> Any:
    """The client library makes named tuples of unknown objects; turn them back."""
    if hasattr(answer, "_asdict"):
        return {name: plain(value) for name, value in answer._asdict().items()}
    return [plain(one) for one in answer] if isinstance(answer, list) else answer


@contextlib.asynccontextmanager
async def editing(
    root: Path,
    config: str,
    capabilities: str | types.ClientCapabilities = "visual_studio_code",
    *,
    env: dict[str, str] | None = None,
    **options: Any,
) -> AsyncIterator[Editor]:
    """A server on a workspace with this configuration, and its editor; ended in an orderly way."""
    home = prepared(root, config)
    client = make_test_lsp_client()
    editor = Editor(client, root)
    await client.start_io(*tierwise("serve"), env=environment(home) | (env or {}))
    if isinstance(capabilities, str):
        capabilities = client_capabilities(capabilities)
    params = types.InitializeParams(
        process_id=os.getpid(),
        capabilities=capabilities,
        workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name=root.name)],
        initialization_options={"trusted": True, **options},
    )
    answer = await client.initialize_session(params)
    chosen = answer.capabilities.position_encoding
    editor.encoding = str(getattr(chosen, "value", chosen))
    try:
        yield editor
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]


def prepared(root: Path, config: str) -> Path:
    """Make a workspace and, beside it, a home with a configuration and room for a ledger."""
    home = root.parent / f"{root.name}-home"
    home.mkdir(exist_ok=True)
    root.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'[ledger]\npath = "{home / "ledger.sqlite3"}"\n{config}', "utf-8")
    return home


def environment(home: Path) -> dict[str, str]:
    """Surroundings in which nobody's own settings, keys or ledger play a part."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), str(home))
    return kept | folders | {"TIERWISE_CONFIG": str(home / "config.toml"), "TIERWISE_LOG": "info"}
