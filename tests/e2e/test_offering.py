"""What the user switched off is offered nowhere, what they switched on is offered on every tier."""

from pathlib import Path

from lsprotocol import types

from e2e.editor import editing
from e2e.models import CONFIG, MARKED

NOWHERE = CONFIG.format(url="http://127.0.0.1:9/v1")
FORMAT = "refactor.rewrite.tierwise.format"
OFF = f"""
[editor]
automatic = ["selection"]
[editor.offer."*"]
"quickfix" = false
"{FORMAT}" = false
[editor.offer.python]
"refactor.rewrite.tierwise.document" = false
"""


async def test_what_is_switched_off_is_in_no_menu(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE + OFF) as editor:
        uri, cursor = editor.open("off.py", MARKED)
        problem = types.Diagnostic(range=cursor, message="is wrong", source="Ruff")
        kinds = {entry.kind for entry in await editor.menu(uri, cursor, diagnostics=[problem])}
        assert "refactor.rewrite.tierwise.writeTests" in kinds
        assert not {kind for kind in kinds if kind and kind.startswith("quickfix")}
        offered = (await editor.command("tierwise.actions", {"uri": uri, "range": cursor}))["actions"]
        off = {FORMAT, "refactor.rewrite.tierwise.document"}
        assert not off & (kinds | {one["kind"] for one in offered})
        assert await editor.menu(uri, cursor, is_automatic=True, diagnostics=[problem]) == []
        assert await editor.menu(uri, editor.range(uri, 0, 20), is_automatic=True) != []


async def test_nothing_comes_unasked_where_nothing_was_enabled(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE + "[editor]\nautomatic = []\n") as editor:
        uri, cursor = editor.open("quiet.py", MARKED)
        problem = types.Diagnostic(range=cursor, message="is wrong", source="Ruff")
        assert await editor.menu(uri, cursor, is_automatic=True, diagnostics=[problem]) == []
        assert await editor.menu(uri, editor.range(uri, 0, 20), is_automatic=True) == []
        assert await editor.menu(uri, cursor, diagnostics=[problem]) != []


async def test_twins_stand_beside_their_entry_with_a_tier_each(tmp_path: Path) -> None:
    async with editing(tmp_path / "ws", NOWHERE + "[editor]\ntwins = true\n") as editor:
        uri, cursor = editor.open("twins.py", MARKED)
        kind = "refactor.rewrite.tierwise.document"
        found = [entry for entry in await editor.menu(uri, cursor) if entry.kind == kind]
        tiers = [((entry.command and entry.command.arguments) or [{}])[0].get("tier") for entry in found]
        assert tiers[0] is None
        assert len(set(tiers)) == len(tiers) > 1
        for tier, entry in zip(tiers[1:], found[1:], strict=True):
            assert f"· {tier}: " in entry.title
