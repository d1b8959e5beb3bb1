"""The same click in another window: answered from the cache, checked again, and never once the user took it back."""

from pathlib import Path

import pytest

from e2e.editor import editing
from e2e.models import DOCUMENTED, MARKED, PLAIN, models

TAIL = "\n\ndef other(value):\n    return value\n"


@pytest.mark.asyncio
async def test_a_window_answers_what_another_one_was_told(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    async with models() as served:
        async with editing(root, served.config) as editor:
            uri, cursor = editor.open("again.py", MARKED + TAIL)
            paid = await editor.choose("Document", uri, cursor)
            assert (paid["status"], len(served.book.chats)) == ("applied", 1)
        async with editing(root, served.config) as editor:
            editor.client.progress_reports["mine"] = []
            uri, cursor = editor.open("again.py", "# above\n\n" + MARKED + TAIL)
            result = await editor.choose("Document", uri, cursor, token="mine")
            assert editor.texts[uri] == "# above\n\n" + DOCUMENTED + TAIL
            assert len(served.book.chats) == 1
            assert (result["status"], result["costPicoUsd"]) == ("applied", 0)
            (attempt,) = result["attempts"]
            assert (attempt["cached"], attempt["savedPicoUsd"]) == (True, paid["costPicoUsd"])
            assert result["reasons"][0]["code"] == "cached"
            assert any("checked again" in note for note in result["notes"])
            assert any("from the cache" in (report.message or "") for report in editor.reports("mine")[1:-1])
            total = (await editor.command("tierwise.stats"))["total"]
            assert (total["nCalls"], total["picoUsd"]) == (1, paid["costPicoUsd"])
            editor.close(uri)
            uri, cursor = editor.open("again.py", "# above\n\n" + MARKED + TAIL)
            asked = await editor.choose("Document", uri, cursor)
            assert asked["status"] == "applied"
            assert not asked["attempts"][-1]["cached"]
            assert len(served.book.chats) == 2
            assert editor.texts[uri] != PLAIN


@pytest.mark.asyncio
async def test_an_edit_that_was_undone_is_not_served_in_another_window(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    async with models() as served:
        for n_chats in (1, 2):
            async with editing(root, served.config) as editor:
                uri, cursor = editor.open("undone.py", MARKED)
                result = await editor.choose("Document", uri, cursor)
                assert (result["status"], len(served.book.chats)) == ("applied", n_chats)
                editor.say(uri, PLAIN)
