"""The lightbulb over the wire: what is offered where, to which client, and at once."""

import copy
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from e2e.editor import Editor, editing
from e2e.models import CONFIG, MARKED, PLAIN

NOWHERE = CONFIG.format(url="http://127.0.0.1:9/v1")
KINDS = {"refactor.rewrite.tierwise.document", "refactor.rewrite.tierwise.writeTests"}


def tagged() -> types.ClientCapabilities:
    """VS Code's capabilities with what its newest versions know."""
    capabilities = copy.deepcopy(client_capabilities("visual_studio_code"))
    assert capabilities.text_document is not None
    assert capabilities.text_document.code_action is not None
    tags = types.CodeActionTagOptions(value_set=[types.CodeActionTag.LlmGenerated])
    capabilities.text_document.code_action.tag_support = tags
    return capabilities


@pytest.mark.parametrize("capabilities", ["visual_studio_code", "neovim"])
async def test_offers_the_actions_with_title_tier_model_and_price(tmp_path: Path, capabilities: str) -> None:
    async with editing(tmp_path / "ws", NOWHERE, capabilities) as editor:
        uri, cursor = editor.open("a.py", MARKED)
        found = await editor.menu(uri, cursor)
        entry = next(entry for entry in found if entry.kind == "refactor.rewrite.tierwise.document")
        assert entry.title.startswith("Document double · ")
        assert "medium" in entry.title
        assert "¢" in entry.title
        assert {one.kind for one in found} > KINDS
        assert len({one.kind for one in found}) == len(found)
        for one in found:
            check_entry(one, uri, cursor)
        await check_filters(editor, uri, cursor)
        await check_automatic(editor, uri, cursor)


def check_entry(entry: types.CodeAction, uri: str, cursor: types.Range) -> None:
    """An entry is a command on exactly this document, without an edit, and claims no precedence."""
    assert entry.command is not None
    assert entry.command.command == "tierwise.run"
    arguments: Any = (entry.command.arguments or ())[0]
    assert arguments["uri"] == uri
    assert arguments["version"] == 1
    assert arguments["range"]["start"]["line"] == cursor.start.line
    assert entry.edit is None
    assert entry.is_preferred is None
    assert entry.tags is None


async def check_filters(editor: Editor, uri: str, cursor: types.Range) -> None:
    """`only` is a hierarchy."""

    async def kinds(*only: str) -> set[Any]:
        return {entry.kind for entry in await editor.menu(uri, cursor, only=list(only))}

    assert await kinds("refactor") > KINDS
    assert await kinds("refactor.rewrite.tierwise.document") == {"refactor.rewrite.tierwise.document"}
    assert await kinds("refactor.rewrite.tierwise.doc") == set()
    assert await kinds("source", "quickfix") == set()
    assert await kinds("source", "refactor.rewrite") > KINDS


async def check_automatic(editor: Editor, uri: str, cursor: types.Range) -> None:
    """Moving the cursor offers fixes of what lies under it and actions on a real selection, nothing else."""
    assert await editor.menu(uri, cursor, is_automatic=True) == []
    here = types.Diagnostic(range=cursor, message="Undefined name", code="F821", source="Ruff")
    elsewhere = types.Diagnostic(range=editor.range(uri, 0, 3), message="Other", code="X1")
    found = await editor.menu(uri, cursor, is_automatic=True, diagnostics=[here, elsewhere])
    assert [entry.kind for entry in found] == ["quickfix.tierwise.fixDiagnostic"]
    assert found[0].diagnostics == (here,)
    selected = await editor.menu(uri, editor.range(uri, 0, 20), is_automatic=True)
    assert {entry.kind for entry in selected} > {"refactor.rewrite.tierwise.refactor"}


async def test_clients_that_know_generated_actions_are_told(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE, tagged()) as editor:
        uri, cursor = editor.open("a.py", MARKED)
        entry = await editor.entry("Document", uri, cursor)
        assert entry.tags == (types.CodeActionTag.LlmGenerated,)


async def test_an_instruction_comes_from_a_box_or_from_a_comment(tmp_path: Path) -> None:
    commented = "# tw: return three times the number\n" + MARKED
    async with editing(tmp_path / "ws", NOWHERE) as editor:
        uri, cursor = editor.open("a.py", MARKED)
        assert not [entry for entry in await editor.menu(uri, cursor) if entry.title.startswith(("Do:", "Do…"))]
        uri, cursor = editor.open("b.py", commented)
        entry = await editor.entry("Do: return three times the number", uri, cursor)
        assert entry.command is not None
        assert entry.command.command == "tierwise.run"
    async with editing(tmp_path / "ws2", NOWHERE, instructionBox=True) as editor:
        uri, cursor = editor.open("a.py", MARKED)
        entry = await editor.entry("Do…", uri, cursor)
        assert entry.command is not None
        assert entry.command.command == "tierwise.do"


async def test_documents_that_cannot_be_used_offer_nothing_or_say_why(tmp_path: Path) -> None:
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    async with editing(tmp_path / "ws", NOWHERE) as editor:
        assert await editor.menu(editor.uri("never_opened.py"), top) == []
        for uri in ("vscode-notebook-cell:/a.ipynb#1", "git:/a.py", "vscode-vfs://github/a.py", "_x:/a"):
            editor.open_uri(uri, PLAIN)
            (entry,) = await editor.menu(uri, top)
            assert entry.disabled is not None
            assert "supported" in entry.disabled.reason
            assert await editor.menu(uri, top, is_automatic=True) == []
        uri, cursor = editor.open("huge.py", MARKED + "x = 1\n" * 200_000)
        (entry,) = await editor.menu(uri, cursor)
        assert entry.disabled is not None
        assert "max_file_bytes" in entry.disabled.reason
        run = {"action": "document", "uri": uri, "range": cursor}
        assert (await editor.command("tierwise.run", run))["code"] == "too-large"
        uri, _ = editor.open("plain.xyz", "words\n", language="nothing-known")
        assert isinstance(await editor.menu(uri, top), list)


async def test_a_large_document_is_offered_its_symbols_too(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE) as editor:
        uri, _ = editor.open("big.py", "".join(PLAIN.replace("double", f"double_{n}") + "\n" for n in range(3000)))
        at = editor.texts[uri].index("def double_2999")
        assert await editor.entry("Document double_2999", uri, editor.range(uri, at + 5, at + 5))
        editor.type(uri, "def double_2999", "X = 1\n\n")
        at = editor.texts[uri].index("def double_2999")
        assert await editor.entry("Document double_2999", uri, editor.range(uri, at + 5, at + 5))
