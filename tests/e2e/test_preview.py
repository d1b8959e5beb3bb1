"""The preview over the wire: the very request a click would make, and nothing sent for it."""

import pytest

from e2e.conftest import Bench
from e2e.models import MARKED

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_preview_shows_what_the_click_then_sends(bench: Bench) -> None:
    editor = bench.editor
    uri, cursor = editor.open("shown.py", MARKED)
    asked = {"action": "document", "uri": uri, "version": 1, "range": cursor}
    found = await editor.command("tierwise.preview", asked)
    assert found["status"] == "preview"
    assert bench.models.book.chats == []
    first = found["outbound"][0]
    assert first["files"] == ["shown.py"]
    assert first["onThisMachine"]
    assert first["url"] in found["text"]
    await editor.choose("Document", uri, cursor)
    (sent,) = bench.models.book.chats
    assert sent.body == first["body"]


async def test_a_preview_of_nothing_says_so(bench: Bench) -> None:
    uri, _ = bench.editor.open("nothing.py", "x = 1\n")
    place = {"line": 0, "character": 0}
    asked = {"action": "nonsense", "uri": uri, "version": 1, "range": {"start": place, "end": place}}
    found = await bench.editor.command("tierwise.preview", asked)
    assert (found["status"], found["code"]) == ("refused", "unknown-action")
