"""What the status item is told: money by tier, what is left, what the cache spared, alarms, and the calls under way."""

import asyncio
from pathlib import Path
from typing import Any

from e2e.models import models
from e2e.test_tripwire import CELL, EDITOR, JUDGE, Window, answers, learnt, tierwise
from tierwise.store.ledger import open_ledger

CONFIG = f"""
[tripwire]
judge = "{JUDGE}"
sample_percent = 0
least_per_week = 0
[native]
enabled = false
[budgets]
day = {{ soft_usd = 0.000001, hard_usd = 2 }}
top_share_percent = 20
"""


def raised(home: Path) -> None:
    """A cell that agreed for long and does no more."""
    learnt(home)
    ledger = open_ledger(home / "ledger.sqlite3")
    while ledger.tripwire.note_sample(CELL, JUDGE, "apart") != "raised":
        pass
    ledger.close()


async def until(window: Window, is_met: Any) -> dict[str, Any]:
    """The first figures that are as wanted."""
    await window.until(lambda: any(map(is_met, window.statuses)))
    found: dict[str, Any] = next(figures for figures in reversed(window.statuses) if is_met(figures))
    return found


async def test_the_status_item_is_told_everything_a_tooltip_needs(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    async with models() as served:
        served.book.reply = answers
        raised(home)
        window = await Window().start(root, served.config + CONFIG, EDITOR)
        # What the ledger says of the models has been read by now.
        await until(window, lambda _: True)
        served.gated()
        running = asyncio.create_task(window.hints(root))
        await served.until_asked()
        (call,) = (await until(window, lambda figures: figures["calls"]))["calls"]
        assert (call["action"], call["tier"], call["model"]) == (CELL.action, "bulk", "medium")
        assert call["planned"] == "first"
        assert 0 <= call["seconds"] < 300
        served.gate.set()
        assert (await running)["status"] == "applied"
        await window.stop()
        # The same click in another window is answered from the cache.
        window = await Window().start(root, served.config + CONFIG, EDITOR)
        await until(window, lambda _: True)
        await window.hints(root)
        figures = await until(window, lambda found: not found["busy"] and found["cache"]["hitsToday"] == 1)
        _, stats = await asyncio.to_thread(tierwise, home, "stats", "--since", "1d")
        await window.stop()
    check_money(figures, stats)
    alarm = figures["tripwire"]
    assert (alarm["state"], alarm["judge"], alarm["spentToday"]) == ("alert", JUDGE, "0 ¢")
    (cell,) = alarm["alerts"]
    assert (cell["action"], cell["language"], cell["model"]) == (CELL.action, CELL.language, CELL.ref)
    assert cell["lateDisagreement"] > cell["usualDisagreement"]
    assert len(alarm["raised"]) == 1


def check_money(figures: dict[str, Any], stats: dict[str, Any]) -> None:
    """The figures are those of the ledger, tier by tier, and beside their bounds."""
    spent = stats["total"]["picoUsd"]
    assert spent > 0
    assert (figures["spentTodayPicoUsd"], figures["callsToday"]) == (spent, 1)
    assert figures["nUnknownCostToday"] == 0
    for name, tier in figures["tiers"].items():
        booked = stats["tiers"][name]
        assert tier["spentTodayPicoUsd"] == booked["picoUsd"]
        assert tier["callsToday"] == booked["nCalls"]
        assert (tier["shareToday"], tier["passRateToday"]) == (booked["shareOfSpend"], booked["passRate"])
    assert figures["tiers"]["bulk"]["state"] == "ready"
    assert (figures["topShare"], figures["topShareRecently"]) == (0, 0)
    assert (figures["topShareLimit"], figures["topShareDays"]) == (0.2, 30)
    day, month = figures["budgets"]["day"], figures["budgets"]["month"]
    assert day["spentPicoUsd"] + day["leftPicoUsd"] == day["hardPicoUsd"] == 2 * 10**12
    assert (day["hard"], day["isOverSoft"], day["isUsedUp"]) == ("$2.00", True, False)
    assert (month["hard"], month["left"], month["leftPicoUsd"], month["isOverSoft"]) == (None, None, None, False)
    assert figures["budgets"]["heldPicoUsd"] == 0
    assert figures["cache"] == {
        "hitsToday": 1,
        "sparedToday": figures["spentToday"],
        "sparedTodayPicoUsd": spent,
        "nUnknownSparedToday": 0,
    }


async def test_without_a_ledger_nothing_is_taken_for_zero(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    (home / "ledger.sqlite3").mkdir()
    async with models() as served:
        window = await Window().start(root, served.config, EDITOR)
        figures = await until(window, lambda _: True)
        await window.stop()
    assert (figures["spentToday"], figures["spentTodayPicoUsd"], figures["callsToday"]) == ("unknown", None, None)
    assert (figures["topShare"], figures["budgets"], figures["cache"]) == (None, None, None)
    assert figures["tiers"]["bulk"]["spentTodayPicoUsd"] is None
    assert (figures["tripwire"]["state"], figures["tripwire"]["alerts"], figures["calls"]) == ("off", [], [])
