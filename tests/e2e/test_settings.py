"""Settings reach the server from every side, and bad ones change nothing."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from e2e.editor import Editor, editing, environment, prepared
from e2e.models import CONFIG, DOCUMENTED, MARKED, PLAIN, models
from tierwise.lsp.frames import encode_frame

NOWHERE = CONFIG.format(url="http://127.0.0.1:9/v1")


async def title_of_document(editor: Editor) -> str:
    """The menu's words for one action."""
    uri = editor.uri("a.py")
    at = PLAIN.index("number")
    return (await editor.entry("Document", uri, editor.range(uri, at, at))).title


async def until_title_has(editor: Editor, words: str) -> None:
    """Wait for a change of settings to arrive."""
    async with asyncio.timeout(60):
        while words not in await title_of_document(editor):
            pass


def configured(settings: Any) -> types.DidChangeConfigurationParams:
    """A change of the editor's settings."""
    return types.DidChangeConfigurationParams(settings)


async def test_settings_from_the_editor_and_from_files(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    settings = {"tiers": {"bulk": {"models": ["far/first"]}}}
    async with editing(root, NOWHERE, settings=settings) as editor:
        editor.open("a.py", MARKED)
        assert "first" in await title_of_document(editor)
        editor.client.workspace_did_change_configuration(
            configured({"tierwise": {"tiers": {"bulk": {"models": ["far/second"]}}}})
        )
        await until_title_has(editor, "second")
        editor.client.workspace_did_change_configuration(configured({"tierwise": {}}))
        await until_title_has(editor, "medium")
        file = tmp_path / "ws-home" / "config.toml"
        rewrite(file, NOWHERE.replace("far/medium", "far/third"))
        await until_title_has(editor, "third")
        rewrite(file, "[tiers\nmodels = ")
        await check_bad_settings(editor)


def rewrite(file: Path, content: str) -> None:
    """Change the user's file."""
    file.write_text(content, "utf-8")


async def check_bad_settings(editor: Editor) -> None:
    """A file with an error leaves the last good one in force and says what is wrong."""
    answer = await editor.command("tierwise.reload")
    assert answer["status"] == "refused"
    assert answer["problems"][0]["words"]
    assert "third" in await title_of_document(editor)
    assert any("config.toml" in words for words in editor.told)


async def test_settings_are_asked_for_where_the_client_wants_that(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE) as editor:
        editor.open("a.py", MARKED)
        assert "medium" in await title_of_document(editor)
        pulled = {"tierwise": {"tiers": {"bulk": {"models": ["far/pulled"]}}}}
        editor.client.set_configuration(pulled)
        editor.client.workspace_did_change_configuration(configured(None))
        await until_title_has(editor, "pulled")


async def test_folders_come_and_go(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / ".tierwise.toml").write_text("[tiers.bulk]\nenabled = false\n", "utf-8")
    async with editing(tmp_path / "ws", NOWHERE) as editor:
        editor.open("a.py", MARKED)
        assert "medium" in await title_of_document(editor)
        folder = types.WorkspaceFolder(uri=other.as_uri(), name="other")
        event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        async with asyncio.timeout(60):
            while "medium" in await title_of_document(editor):
                pass
        event = types.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await until_title_has(editor, "medium")


async def test_the_doctor_answers_in_json(tmp_path: Path) -> None:
    async with models() as served, editing(tmp_path / "ws", served.config) as editor:
        report = await editor.command("tierwise.doctor")
        assert set(report["tiers"]) == {"local", "bulk", "top"}


async def test_an_untitled_document_can_be_worked_on(tmp_path: Path) -> None:
    async with models() as served, editing(tmp_path / "ws", served.config) as editor:
        uri = "untitled:Untitled-1"
        editor.open_uri(uri, PLAIN)
        at = PLAIN.index("number")
        result = await editor.choose("Document", uri, editor.range(uri, at, at))
        assert result["status"] == "applied"
        assert editor.texts[uri] == DOCUMENTED


@pytest.mark.parametrize(
    ("address", "words", "code"),
    [
        ("127.0.0.1:{taken}", "cannot wait on 127.0.0.1:{taken}: ", 1),
        ("nobody.invalid:4389", "cannot wait on nobody.invalid:4389: ", 1),
        ("4389", "'4389' is no HOST:PORT", 2),
        ("127.0.0.1:99999", "'127.0.0.1:99999' is no HOST:PORT", 2),
    ],
)
def test_a_socket_that_cannot_be_had_has_a_sentence(address: str, words: str, code: int) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        command = [sys.executable, "-m", "tierwise", "serve", "--tcp", address.format(taken=taken)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == code
    assert ended.stderr.startswith(f"tierwise: {words.format(taken=taken)}")
    assert "Traceback" not in ended.stderr


def test_one_client_is_served_on_a_socket(tmp_path: Path) -> None:
    import socket

    command = [sys.executable, "-m", "tierwise", "serve", "--tcp", "127.0.0.1:0"]
    home = prepared(tmp_path / "ws", NOWHERE)
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment(home)) as server:
        assert server.stderr is not None
        found = re.search(rb"127\.0\.0\.1:(\d+)", server.stderr.readline())
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found.group(1))), timeout=60) as connection:
            stream = connection.makefile("rwb")
            for number, method in enumerate(("initialize", "shutdown"), start=1):
                params: Any = {"processId": None, "rootUri": None, "capabilities": {}} if number == 1 else None
                message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                stream.write(encode_frame(json.dumps(message).encode()))
                stream.flush()
                length = int(stream.readline().partition(b":")[2])
                stream.readline()
                assert "result" in json.loads(stream.read(length))
            stream.write(encode_frame(b'{"jsonrpc":"2.0","method":"exit"}'))
            stream.flush()
            assert server.wait(timeout=60) == 0
            stream.close()
