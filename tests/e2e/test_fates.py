"""What becomes of an applied edit, from the click to the figures, over standard streams."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import Bench
from e2e.editor import Editor, editing
from e2e.models import DOCUMENTED, MARKED, PLAIN, models
from tierwise.store.ledger import open_ledger

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fates_after(editor: Editor, n_followed: int) -> Any:
    """The figures once so many edits have a fate."""
    async with asyncio.timeout(60):
        while True:
            fates = (await editor.command("tierwise.stats"))["fates"]
            if n_followed <= fates["nKept"] + fates["nChanged"] + fates["nUndone"]:
                return fates


@pytest.mark.parametrize(
    ("name", "then", "fate"),
    [
        ("kept.py", lambda text: text, "nKept"),
        ("undone.py", lambda text: text.replace(DOCUMENTED, PLAIN), "nUndone"),
        ("changed.py", lambda text: text.replace("Return twice", "Double"), "nChanged"),
        ("elsewhere.py", lambda text: f"import os\n{text}\n\nprint(os.name)\n", "nKept"),
    ],
    ids=["nothing", "undo", "edit inside", "edit elsewhere"],
)
async def test_what_the_user_does_after_the_edit_is_its_fate(bench: Bench, name: str, then: Any, fate: str) -> None:
    editor = bench.editor
    before = (await editor.command("tierwise.stats"))["fates"]
    n_before = before["nKept"] + before["nChanged"] + before["nUndone"]
    uri, cursor = editor.open(name, MARKED)
    result = await editor.choose("Document", uri, cursor)
    assert (result["status"], editor.texts[uri]) == ("applied", DOCUMENTED)
    wanted = then(editor.texts[uri])
    if wanted != editor.texts[uri]:
        editor.say(uri, wanted)
    editor.close(uri)
    after = await fates_after(editor, n_before + 1)
    moved = {key: after[key] - before[key] for key in ("nKept", "nChanged", "nUndone")}
    assert moved == {"nKept": 0, "nChanged": 0, "nUndone": 0} | {fate: 1}


async def test_an_editor_that_leaves_settles_what_is_followed(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    async with models() as served, editing(root, served.config) as editor:
        for name in ("kept.py", "undone.py"):
            uri, cursor = editor.open(name, MARKED)
            await editor.choose("Document", uri, cursor)
        editor.say(uri, PLAIN)
    ledger = open_ledger(tmp_path / "ws-home" / "ledger.sqlite3")
    fates, by_model = ledger.stats().fates, ledger.grouped("model").groups
    ledger.close()
    assert (fates.n_kept, fates.n_changed, fates.n_undone, fates.kept_rate) == (1, 0, 1, 0.5)
    assert by_model["far/medium"].fates == fates
