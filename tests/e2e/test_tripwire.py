"""A model that gets worse behind its name: the user is told, the menu starts a tier higher, a webhook hears of it."""

import asyncio
import contextlib
import itertools
import json
import subprocess
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from e2e import loaded
from e2e.conversation import Conversation
from e2e.editor import environment
from e2e.models import models
from lsp.reference import reference_apply
from servers.scenarios import Call
from tierwise.routing.tripwire import LEARNT, TRUST, CellState, TripwireCell
from tierwise.store.ledger import open_ledger
from tierwise.store.tripwire import Compared, Sampling

PLAIN = "def double(number):\n    return number * 2\n"
GOOD = "def double(number: int) -> int:\n    return number * 2\n"
WORSE = "def double(number: object) -> object:\n    return number * 2\n"
JUDGE = "far/large"
CELL = TripwireCell("add_type_hints", "python", "near/small")
ON = '[tripwire]\njudge = "far/large"\nday_usd = 5\nsample_percent = 100\n[native]\nenabled = false\n'
EDITOR = {
    "capabilities": {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}},
    "initializationOptions": {"trusted": True, "status": True},
}
OFF = "[cache]\nenabled = false\n"


class Window(Conversation):
    """A window whose user takes every edit."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[dict[str, Any]] = []
        self._n_files = 0

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "tierwise/status":
            self.statuses.append(message["params"])
        elif message.get("method") == "workspace/applyEdit":
            (change,) = message["params"]["edit"]["documentChanges"]
            text = reference_apply(PLAIN, change["edits"], self.encoding)
            document = {"uri": change["textDocument"]["uri"], "version": 2}
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
            self.answer(message, {"applied": True})
        else:
            super()._take(message)

    async def hints(self, root: Path) -> dict[str, Any]:
        """Type hints for a function in a new file; what came of it."""
        self._n_files += 1
        uri = (root / f"double{self._n_files}.py").as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": PLAIN}
        self.notify("textDocument/didOpen", {"textDocument": item})
        place = {"line": 0, "character": 5}
        arguments = {"action": CELL.action, "uri": uri, "version": 1, "range": {"start": place, "end": place}}
        result: dict[str, Any] = await self.command("tierwise.run", arguments)
        assert result["status"] == "applied", result
        return result


@contextlib.asynccontextmanager
async def listening(status: str) -> AsyncIterator[tuple[str, asyncio.Queue[Any]]]:
    """A server that takes in documents and answers with a status."""
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        heard.put_nowait((head.split(" ")[0], json.loads(await reader.readexactly(length))))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=1", heard


def learnt(home: Path) -> None:
    """What another window saw before: a cell that agrees."""
    ledger = open_ledger(home / "ledger.sqlite3")
    ledger.tripwire.note_edit(CELL, Sampling(judge=JUDGE, share=0.0, least=0))
    ledger.close()
    saw(home, "alike", LEARNT + 20)


def saw(home: Path, compared: Compared, n: int) -> None:
    """So many samples of another window."""
    ledger = open_ledger(home / "ledger.sqlite3")
    for _ in range(n):
        ledger.tripwire.note_sample(CELL, JUDGE, compared)
    ledger.close()


def state(home: Path) -> CellState:
    """What is known of the cell."""
    ledger = open_ledger(home / "ledger.sqlite3")
    found = ledger.tripwire.cells()[CELL]
    ledger.close()
    return found


def tierwise(home: Path, *arguments: str) -> tuple[int, Any]:
    """The command line beside the editor: exit code and JSON."""
    command = loaded.tierwise(*arguments, "--json")
    ran = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, json.loads(ran.stdout)


def answers(call: Call) -> str:
    """The small model got worse; the others know better."""
    return f"```python\n{WORSE if call.model == 'small' else GOOD}```\n"


def wait_for(home: Path, is_met: Callable[[CellState], bool]) -> None:
    """Wait until the cell is as wanted."""
    ledger = open_ledger(home / "ledger.sqlite3")
    while not is_met(ledger.tripwire.cells()[CELL]):
        threading.Event().wait(0.02)
    ledger.close()


async def test_a_model_that_gets_worse_is_noticed_and_its_work_raised(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    async with models() as served, listening("204 No Content") as (url, heard):
        served.book.reply = answers
        learnt(home)
        config = served.config + OFF + ON.replace("[native]", f'webhook = "{url}"\n[native]')
        window = await Window().start(root, config, EDITOR)
        for _ in range(10):
            await window.hints(root)
        await window.until(lambda: bool(window.told))
        words = window.told[0]
        assert "'near/small' on 'add_type_hints' in python came to disagree with 'far/large'" in words
        method, document = await asyncio.wait_for(heard.get(), 60)
        assert (method, document["event"], document["cell"]) == ("POST", "raised", str(CELL))
        assert PLAIN.split("\n", maxsplit=1)[0] not in json.dumps(document)
        await window.until(lambda: window.statuses[-1]["tripwire"]["state"] == "alert")
        after = await window.hints(root)
        assert after["tier"] == "bulk"
        assert "tripwire" in [reason["code"] for reason in after["reasons"]]
        assert len(window.told) == 1
        code, status = await asyncio.to_thread(tierwise, home, "tripwire", "status")
        assert (code, status["state"]) == (1, "alert")
        _, stats = await asyncio.to_thread(tierwise, home, "stats")
        assert stats["tripwire"]["state"] == "alert"
        assert stats["tripwire"]["spentTodayPicoUsd"] > 0
        (root / "one.py").write_text(PLAIN)
        (root / "pyproject.toml").write_text("")
        _, route = await asyncio.to_thread(tierwise, home, "route", CELL.action, str(root / "one.py"), "--range", "1:5")
        assert "tripwire" in [reason["code"] for reason in route["reasons"]]
        assert route["tier"] == "bulk"
        assert (await asyncio.to_thread(tierwise, home, "tripwire", "reset", str(CELL)))[0] == 0
        assert (await asyncio.to_thread(tierwise, home, "tripwire", "status"))[0] == 0
        await window.stop()


async def test_a_model_that_is_as_good_as_before_gets_its_work_back(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    async with models() as served, listening("204 No Content") as (url, heard):
        served.book.reply = lambda _: f"```python\n{GOOD}```\n"
        learnt(home)
        saw(home, "apart", 10)
        assert state(home).is_raised
        # All but the last of the agreement that is asked for.
        while state(home).score < TRUST - 0.25:
            saw(home, "alike", 1)
        config = served.config + OFF + ON.replace("[native]", f'webhook = "{url}"\n[native]')
        window = await Window().start(root, config, EDITOR)
        assert (await window.hints(root))["tier"] == "bulk"
        for _ in range(2):
            await window.hints(root)
        await window.until(lambda: bool(window.told))
        assert "'near/small' on 'add_type_hints' in python agrees with 'far/large' as often as before" in window.told[0]
        _, document = await asyncio.wait_for(heard.get(), 60)
        assert (document["event"], document["cell"]) == ("recovered", str(CELL))
        await window.until(lambda: window.statuses[-1]["tripwire"]["state"] == "watching")
        assert (await window.hints(root))["tier"] == "local"
        assert (await asyncio.to_thread(tierwise, home, "tripwire", "status"))[0] == 0
        await window.stop()


async def test_a_judge_that_fails_speaks_against_nobody(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    failing = itertools.cycle(["```python\ndef double(number:\n```\n", "I would rather not.", ""])
    async with models() as served:
        served.book.reply = lambda call: next(failing) if call.model == "large" else f"```python\n{GOOD}```\n"
        learnt(home)
        window = await Window().start(root, served.config + OFF + ON, EDITOR)
        for _ in range(3):
            assert (await window.hints(root))["tier"] == "local"
        await asyncio.to_thread(wait_for, home, lambda cell: cell.n_unjudged == 3)
        await window.stop()
        after = state(home)
        assert (after.n_compared, after.n_lately_apart, after.is_raised) == (LEARNT + 20, 0, False)
        assert window.told == []
        assert {status["tripwire"]["state"] for status in window.statuses} == {"watching"}


async def test_a_webhook_that_does_not_answer_is_said_once_and_changes_nothing(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    home.mkdir()
    async with models() as served, listening("500 Oops") as (url, heard):
        served.book.reply = answers
        learnt(home)
        config = served.config + OFF + ON.replace("[native]", f'webhook = "{url}"\n[native]')
        window = await Window().start(root, config, EDITOR)
        for _ in range(10):
            await window.hints(root)
        await window.until(lambda: bool(window.told))
        await asyncio.wait_for(heard.get(), 60)
        await window.until(lambda: len(window.told) == 2)
        assert "tripwire.webhook" in window.told[1]
        assert "500" in window.told[1]
        assert url.partition("?")[2] not in window.told[1]
        await window.stop()


async def test_switched_off_nothing_is_asked_or_kept(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    async with models() as served:
        served.book.reply = answers
        config = served.config + OFF + "[native]\nenabled = false\n"
        window = await Window().start(root, config, EDITOR)
        for _ in range(3):
            assert (await window.hints(root))["tier"] == "local"
        await window.until(lambda: bool(window.statuses) and window.statuses[-1]["tripwire"]["state"] == "off")
        assert {call.model for call in served.book.chats} == {"small"}
        await window.stop()
        ledger = open_ledger(home / "ledger.sqlite3")
        assert ledger.tripwire.cells() == {}
        ledger.close()
        assert await asyncio.to_thread(tierwise, home, "tripwire") == (
            0,
            {
                "state": "off",
                "judge": None,
                "falseAlarmsPer1000Samples": 0.01,
                "learntFrom": LEARNT,
                "spentTodayPicoUsd": 0,
                "cells": [],
                "models": [],
            },
        )


async def test_a_judge_on_this_machine_lets_go_when_the_user_wants_something(tmp_path: Path) -> None:
    root, home = tmp_path / "ws", tmp_path / "ws-home"
    root.mkdir()
    price = '[models."far/large@gated"]\ninput_usd_per_million = 1\noutput_usd_per_million = 1\n'
    async with models() as served:
        served.book.reply = answers
        config = served.config + OFF + ON.replace("far/large", "far/large@gated") + price
        window = await Window().start(root, config, EDITOR)
        await window.hints(root)
        await served.until_asked()
        await window.hints(root)
        await served.until(lambda book: any(c.has_closed_early for c in book.chats))
        served.gate.set()
        await asyncio.to_thread(wait_for, home, lambda cell: cell.n_compared >= 2)
        assert await window.stop() == 0
        ledger = open_ledger(home / "ledger.sqlite3")
        rows = [row for row in ledger.attempt_rows() if getattr(row, "tier", "") == "judge"]
        assert [getattr(row, "outcome", "") for row in rows][:1] == ["cancelled"]
        assert ledger.tripwire.spent_today() == sum(getattr(row, "cost_pico_usd", 0) for row in rows)
        ledger.close()
