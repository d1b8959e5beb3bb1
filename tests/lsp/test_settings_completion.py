"""Completion in settings files, and nowhere else, for clients that want it so."""

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types

from e2e.editor import editing, plain
from tierwise.lsp.documents import Documents
from tierwise.lsp.settings_completion import complete


def completed(name: str, marked: str) -> dict[str, types.CompletionItem]:
    """The completions at `$0` of an open file."""
    documents, uri = Documents(), f"file:///project/{name}"
    text, at = marked.replace("$0", ""), marked.index("$0")
    documents.open(types.TextDocumentItem(uri=uri, language_id="toml", version=1, text=text))
    place = types.Position(marked[:at].count("\n"), at - (marked.rfind("\n", 0, at) + 1))
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), place)
    return {item.label: item for item in complete(documents, params)}


def test_a_completion_replaces_what_was_typed_and_says_what_it_is_for() -> None:
    item = completed(".tierwise.toml", "[tiers.bulk]\nena$0")["enabled"]
    edit = item.text_edit
    assert isinstance(edit, types.TextEdit)
    assert (edit.new_text, edit.range.start.character, edit.range.end.character) == ("enabled = ", 0, 3)
    assert "may be used at all" in str(item.documentation)


def test_other_files_are_none_of_ours() -> None:
    assert completed("pyproject.toml", "[tiers.bulk]\nena$0") == {}
    assert completed(".tierwise.toml/x.toml", "$0") == {}


async def test_it_is_registered_where_the_client_can_be_told_for_which_files(tmp_path: Path) -> None:
    capabilities = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(dynamic_registration=True)
        )
    )
    async with editing(tmp_path / "ws", "", capabilities) as editor:
        told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        features = editor.client.protocol.fm.features
        features[types.CLIENT_REGISTER_CAPABILITY] = told.set_result
        async with asyncio.timeout(60):
            registration = plain((await told).registrations[0])
        patterns = [one["pattern"] for one in plain(registration.register_options)["documentSelector"]]
        assert registration.method == "textDocument/completion"
        assert patterns == ["**/.tierwise.toml", str(tmp_path / "ws-home" / "config.toml")]
