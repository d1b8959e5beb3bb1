"""One tier up and back again, over the wire: whatever was tried, each undo returns to a text the user has seen."""

import asyncio
from typing import Any

import pytest

from e2e.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAIN = "def ratio(a, b):\n    return a / b\n"
FIRST = "def ratio(a, b):\n    return a / b if b else 0\n"
BETTER = "def ratio(a, b):\n    return a / b if b else None\n"


class Trial:
    """One function that models answer for in turn."""

    def __init__(self, bench: Bench, name: str) -> None:
        self.bench = bench
        self.tail = f"\n\nNAME = '{name}'\n"
        self.uri, self.cursor = bench.editor.open(
            f"{name}.py", "def $0ratio" + PLAIN.removeprefix("def ratio") + self.tail
        )

    @property
    def text(self) -> str:
        """The function as it stands."""
        return self.bench.editor.texts[self.uri].removesuffix(self.tail)

    def answers(self, text: str) -> None:
        """What the next model answers."""
        self.bench.models.book.reply = lambda _: f"```python\n{text}```\n"

    async def run(self, text: str) -> Any:
        """The first answer."""
        self.answers(text)
        request = {"action": "refactor", "uri": self.uri, "range": self.cursor, "tier": "local"}
        result = await self.bench.editor.command("tierwise.run", request)
        assert (result["status"], self.text) == ("applied", text)
        return result

    async def again(self, text: str, **more: str) -> Any:
        """A better model's answer."""
        self.answers(text)
        return await self.bench.editor.command("tierwise.again", more)

    async def undo(self, **more: str) -> Any:
        """Take the newest back, or the one named."""
        return await self.bench.editor.command("tierwise.undo", more)

    async def statuses(self, n: int) -> list[tuple[str, bool]]:
        """Of the newest actions what became of them and whether they can be taken back, newest first."""
        listed = (await self.bench.editor.command("tierwise.history", {"limit": n}))["actions"]
        return [(action["status"], action["canUndo"]) for action in listed]


async def test_the_same_answer_is_said_and_the_first_can_still_be_taken_back(bench: Bench) -> None:
    trial = Trial(bench, "same")
    first = await trial.run(FIRST)
    n_edits = len(bench.editor.applied)
    second = await trial.again(FIRST)
    assert second["message"] == "medium gave the same, nothing was changed"
    assert (second["tier"], len(bench.editor.applied)) == ("bulk", n_edits)
    assert await trial.statuses(2) == [("applied", False), ("applied", True)]
    refused = await trial.undo(id=second["id"])
    assert (refused["status"], refused["code"]) == ("refused", "nothing-to-undo")
    assert trial.text == FIRST
    assert (await trial.undo())["message"].endswith("was taken back")
    assert trial.text == PLAIN
    assert await trial.statuses(2) == [("applied", False), ("undone", False)]
    assert (await trial.undo(id=first["id"]))["code"] == "nothing-to-undo"


async def test_each_undo_gives_back_the_answer_before(bench: Bench) -> None:
    trial = Trial(bench, "chain")
    first = await trial.run(FIRST)
    second = await trial.again(BETTER)
    same = await trial.again(BETTER, id=second["id"])
    assert (same["model"], trial.text) == ("large", BETTER)
    assert await trial.statuses(3) == [("applied", False), ("applied", True), ("replaced", False)]
    assert (await trial.undo(id=first["id"]))["code"] == "nothing-to-undo"
    answer = await trial.undo()
    assert (answer["message"].partition(" was ")[2], trial.text) == (
        "taken back; the answer of small stands again",
        FIRST,
    )
    assert await trial.statuses(3) == [("applied", False), ("undone", False), ("applied", True)]
    bench.editor.type(trial.uri, "def", "# mine\n")
    assert (await trial.undo())["status"] == "applied"
    assert trial.text == "# mine\n" + PLAIN


async def test_an_answer_the_user_took_back_in_the_editor_does_not_come_again(bench: Bench) -> None:
    trial = Trial(bench, "back")
    await trial.run(FIRST)
    bench.editor.say(trial.uri, PLAIN + trial.tail)
    second = await trial.again(BETTER)
    assert (second["status"], trial.text) == ("applied", BETTER)
    answer = await trial.undo()
    assert (answer["message"].endswith("was taken back"), trial.text) == (True, PLAIN)
    assert (await trial.undo())["code"] == "nothing-to-undo"


async def test_what_the_editor_has_taken_back_is_not_said_to_be_taken_back_now(bench: Bench) -> None:
    trial = Trial(bench, "gone")
    await trial.run(FIRST)
    bench.editor.say(trial.uri, PLAIN + trial.tail)
    assert (await trial.undo())["message"].endswith("had been taken back before, nothing was changed")
    assert trial.text == PLAIN


async def test_a_refused_second_try_leaves_the_first(bench: Bench) -> None:
    trial = Trial(bench, "refused")
    await trial.run(FIRST)
    refused = await trial.again("def ratio(a, b:\n    return\n")
    assert (refused["status"], trial.text) == ("refused", FIRST)
    assert await trial.statuses(2) == [("refused", False), ("applied", True)]
    await trial.undo()
    assert trial.text == PLAIN


async def test_what_was_undone_in_the_editor_is_not_offered_to_be_taken_back(bench: Bench) -> None:
    trial = Trial(bench, "closed")
    first = await trial.run(FIRST)
    second = await trial.again(BETTER)
    bench.editor.say(trial.uri, FIRST + trial.tail)
    bench.editor.statuses.clear()
    # What became of an edit is known when its document goes.
    bench.editor.close(trial.uri)
    async with asyncio.timeout(10):
        while not bench.editor.statuses:
            await bench.editor.command("tierwise.why")
    assert await trial.statuses(2) == [("undone", False), ("applied", True)]
    assert (await trial.undo(id=second["id"]))["code"] == "nothing-to-undo"
    assert first["id"] != second["id"]
