"""Clients that are not VS Code: each gets the edit in the form it understands."""

import copy
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from e2e.editor import Editor, editing
from e2e.models import DOCUMENTED, MARKED, models


async def test_neovim_gets_a_versioned_edit(tmp_path: Path) -> None:
    async with models() as served, editing(tmp_path / "ws", served.config, "neovim") as editor:
        uri, cursor = editor.open("a.py", "# é😀\n" + MARKED)
        result = await editor.choose("Document", uri, cursor)
        assert result["status"] == "applied"
        assert editor.texts[uri] == "# é😀\n" + DOCUMENTED
        (change,) = editor.applied[0].edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
async def test_a_client_with_another_encoding_and_no_versions(tmp_path: Path, encoding: str) -> None:
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(encoding)]),
        workspace=types.WorkspaceClientCapabilities(apply_edit=True),
    )
    async with models() as served, editing(tmp_path / "ws", served.config, capabilities) as editor:
        assert editor.encoding == encoding
        line = 'GREETING = "é😀"; '
        uri, cursor = editor.open("a.py", line + "VALUE = 1\n" + MARKED)
        result = await editor.command("tierwise.run", {"action": "document", "uri": uri, "range": cursor})
        assert result["status"] == "applied"
        assert editor.texts[uri] == line + "VALUE = 1\n" + DOCUMENTED
        assert list(editor.applied[0].edit.changes or ()) == [uri]


async def test_a_client_without_any_panel_gets_a_conflict_as_a_file(tmp_path: Path) -> None:
    async with models() as served, editing(tmp_path / "ws", served.config, "neovim") as editor:
        served.gated()
        uri, cursor = editor.open("a.py", MARKED)
        running = editor.begin("document", uri, cursor, "run")
        await served.until_asked()
        editor.type(uri, "    return number", '    """Mine."""\n')
        served.gate.set()
        answer = await running
        assert answer["status"] == "proposed"
        assert editor.told == [f"Tierwise: {answer['message']}"]
        check_diff(Path(answer["message"].rpartition(" in ")[2].strip("'")))


def check_diff(path: Path) -> None:
    """The proposal is written down as a diff that only this user can read."""
    assert '+    """Return twice the number."""' in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0


async def test_a_client_without_apply_edit_gets_the_edit_by_resolving(tmp_path: Path) -> None:
    capabilities = copy.deepcopy(client_capabilities("visual_studio_code"))
    assert capabilities.workspace is not None
    capabilities.workspace.apply_edit = False
    async with models() as served, editing(tmp_path / "ws", served.config, capabilities) as editor:
        uri, cursor = editor.open("a.py", MARKED)
        entry = await editor.entry("Document", uri, cursor)
        assert entry.command is None
        resolved = await editor.client.code_action_resolve_async(entry)
        take(editor, resolved)
        assert editor.texts[uri] == DOCUMENTED
        with pytest.raises(Exception, match="has changed since") as stale:
            await editor.client.code_action_resolve_async(entry)
        assert code_of(stale.value) == types.LSPErrorCodes.ContentModified
        untouched = types.CodeAction(title="somebody else's")
        assert await editor.client.code_action_resolve_async(untouched) == untouched


def take(editor: Editor, resolved: types.CodeAction) -> None:
    """Apply a resolved action as an editor does."""
    editor.take(editor.client.protocol._converter.unstructure(resolved.edit))


def code_of(error: Any) -> int:
    """The code of an error the server answered with."""
    return int(error.code)
