"""Keys from an editor are read strictly, told of never, and used for their own server only."""

from pathlib import Path
from typing import Any

import pytest

from e2e.editor import Editor, editing, plain
from e2e.models import MARKED, models
from servers.far import far_config
from servers.scenarios import Book
from tierwise.config.keys import EditorKey
from tierwise.config.root import DEFAULTS
from tierwise.lsp.keys import MAX_KEYS, editor_keys_of, keyed_backends
from tierwise.lsp.messages import Failed

SECRET = "very-secret-1"
URL = "https://a.example"
UNFIT: list[Any] = [
    None, [], "keys", {}, {"keys": None}, {"keys": {}}, {"keys": [None]}, {"keys": [SECRET]},
    {"keys": [{"url": SECRET}]}, {"keys": [{"value": SECRET}]}, {"keys": [{"url": 1, "value": SECRET}]},
    {"keys": [{"url": URL, "value": 1}]}, {"keys": [{"url": URL, "value": SECRET}] * (MAX_KEYS + 1)},
]  # fmt: skip


@pytest.mark.parametrize("params", UNFIT)
def test_what_are_no_keys_is_refused_without_being_repeated(params: Any) -> None:
    with pytest.raises(Failed) as refused:
        editor_keys_of(params)
    assert SECRET not in str(refused.value)


def test_each_server_is_listed_with_where_its_key_came_from() -> None:
    keys = editor_keys_of({"keys": [{"url": "https://api.openai.com", "value": SECRET}]})
    listed = {one["name"]: one for one in keyed_backends(DEFAULTS, keys)}
    assert listed["openai"]["source"] == "the editor's secret storage"
    assert listed["openai"]["origin"] == "https://api.openai.com:443"
    assert listed["zai"]["models"] == ["zai/glm-5.1"]
    assert listed["ollama"]["needsKey"] is False
    assert "embedded" not in listed
    assert SECRET not in repr(listed) + repr(keys)


PRICES = """
[models."far/medium"]
input_usd_per_million = 1
output_usd_per_million = 3
window = 32768
"""


def config_at(url: str) -> str:
    """One model at this address, whose key only the editor can have."""
    return far_config(url, "KEY_NOBODY_HAS") + PRICES


async def headers_of_a_call(editor: Editor, book: Book, name: str) -> list[str | None]:
    """What an action on a new file says to the model server about who is calling."""
    uri, selection = editor.open(name, MARKED)
    book.calls.clear()
    await editor.command("tierwise.run", {"action": "document", "uri": uri, "range": selection, "version": 1})
    return [call.headers.get("authorization") for call in book.calls if call.method == "POST"]


async def test_a_key_arrives_moves_nowhere_else_and_goes_again(tmp_path: Path) -> None:
    async with models() as served:
        url = served.config.split('base_url = "')[1].split('"')[0]
        async with editing(tmp_path / "ws", config_at(url)) as editor:

            async def give(*keys: dict[str, str]) -> str | None:
                sent = editor.client.protocol.send_request_async("tierwise/keys", {"keys": list(keys)})
                return source_of(plain(await sent))

            assert await headers_of_a_call(editor, served.book, "none.py") == []
            assert await give({"url": url, "value": SECRET}) == "the editor's secret storage"
            assert await headers_of_a_call(editor, served.book, "own.py") == [f"Bearer {SECRET}"]
            moved = config_at(url.replace("127.0.0.1", "localhost"))
            (tmp_path / "ws-home" / "config.toml").write_text(moved, "utf-8")
            await editor.command("tierwise.reload")
            assert source_of(await editor.command("tierwise.backends")) is None
            assert await headers_of_a_call(editor, served.book, "elsewhere.py") == []
            (tmp_path / "ws-home" / "config.toml").write_text(config_at(url), "utf-8")
            await editor.command("tierwise.reload")
            assert await headers_of_a_call(editor, served.book, "back.py") == [f"Bearer {SECRET}"]
            assert await give() is None
            assert await headers_of_a_call(editor, served.book, "gone.py") == []


def source_of(answer: Any) -> str | None:
    """Where the server has the key of `far` from."""
    found: str | None = next(one for one in answer["backends"] if one["name"] == "far")["source"]
    return found


def test_a_key_shows_in_no_text_of_its_own() -> None:
    assert SECRET not in repr(EditorKey("https://a.example", SECRET))
