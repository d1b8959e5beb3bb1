"""Proposals are looked at hunk by hunk, taken back, tried again and found in the history, over the wire."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from e2e.conftest import Bench
from e2e.editor import Editor, editing
from e2e.models import MARKED, documented, models
from servers.scenarios import Call, Scenario

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST = "def first(value):\n    return value + 1\n"
MIDDLE = "\n\nLIMIT = 3\nNAME = 'a'\n\n\n"
SECOND = "def second(value):\n    return value + 2\n"
SOURCE = FIRST + MIDDLE + SECOND
CHANGED = SOURCE.replace("value + 1", "1 + value").replace("value + 2", "2 + value")
FOREIGN = {"always": "[editor]\npreview = 'always'\n"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reviewing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """An editor whose user looks at everything first."""
    root = tmp_path_factory.mktemp("reviewing") / "ws"
    async with (
        models() as served,
        editing(root, served.config + FOREIGN["always"], proposals=True, accept=True, status=True) as editor,
    ):
        yield Bench(served, editor)


@pytest.fixture
def bench(reviewing: Bench) -> Bench:
    """Made fresh; every answer rewrites both functions."""
    reviewing.fresh().models.book.reply = both_changed
    return reviewing


def both_changed(_: Call) -> str:
    """An answer that changes two places of a file."""
    return f"```python\n{CHANGED}```\n"


async def reviewed(bench: Bench, name: str) -> tuple[str, Any, Any]:
    """A file, what came of an action on it, and the proposal that is shown."""
    uri, _ = bench.editor.open(name, f"{SOURCE}# {name}\n")
    bench.models.book.reply = lambda call: f"```python\n{CHANGED}# {name}\n```\n"
    whole = bench.editor.range(uri, 0, len(bench.editor.texts[uri]))
    result = await bench.editor.command(
        "tierwise.run",
        {"action": "do", "uri": uri, "range": whole, "tier": "bulk", "instruction": f"turn the sums of {name} round"},
    )
    (proposal,) = bench.editor.proposals
    return uri, result, proposal


async def accept(editor: Editor, proposal: Any, uri: str, hunks: list[int] | None, **more: Any) -> Any:
    """Accept some hunks of one file."""
    file = {"uri": uri} if hunks is None else {"uri": uri, "hunks": hunks}
    return await editor.command("tierwise.accept", {"id": proposal["id"], "accepted": [file], **more})


async def test_nothing_is_applied_before_it_was_looked_at(bench: Bench) -> None:
    uri, result, proposal = await reviewed(bench, "looked.py")
    assert (result["status"], result["code"]) == ("proposed", "preview")
    assert bench.editor.applied == []
    (file,) = proposal["files"]
    assert file["before"] == SOURCE + "# looked.py\n"
    assert [hunk["start"] for hunk in file["hunks"]] == [1, 9]
    assert (proposal["id"], proposal["tier"]) == (result["id"], "bulk")
    assert bench.editor.texts[uri] == file["before"]


@pytest.mark.parametrize(
    ("hunks", "wanted"), [([0], "1 + value"), ([1], "2 + value"), (None, "both"), ([0, 1], "both")]
)
async def test_exactly_the_accepted_hunks_are_applied_as_one_versioned_edit(
    bench: Bench, hunks: list[int] | None, wanted: str
) -> None:
    name = f"part_{'all' if hunks is None else '_'.join(map(str, hunks))}.py"
    uri, _, proposal = await reviewed(bench, name)
    answer = await accept(bench.editor, proposal, uri, hunks)
    assert answer["status"] == "applied"
    whole = CHANGED
    if wanted != "both":
        number = wanted[0]
        whole = SOURCE.replace(f"value + {number}", wanted)
    assert bench.editor.texts[uri] == f"{whole}# {name}\n"
    (asked,) = bench.editor.applied
    (part,) = asked.edit.document_changes or ()
    assert part.text_document.version == 1
    again = await accept(bench.editor, proposal, uri, hunks)
    assert (again["status"], again["code"]) == ("refused", "no-proposal")
    history = (await bench.editor.command("tierwise.history"))["actions"]
    assert (history[0]["id"], history[0]["status"], history[0]["canUndo"]) == (proposal["id"], "applied", True)


async def test_what_is_typed_while_looking_is_kept(bench: Bench) -> None:
    uri, _, proposal = await reviewed(bench, "typed.py")
    bench.editor.type(uri, "LIMIT", "import os\n")
    assert (await accept(bench.editor, proposal, uri, [1]))["status"] == "applied"
    changed = SOURCE.replace("value + 2", "2 + value").replace("LIMIT", "import os\nLIMIT")
    assert bench.editor.texts[uri] == f"{changed}# typed.py\n"


async def test_refusing_all_changes_nothing_and_lists_are_told(bench: Bench) -> None:
    uri, _, proposal = await reviewed(bench, "refused.py")
    statuses = bench.editor.statuses
    async with asyncio.timeout(10):
        while not statuses or statuses[-1]["busy"]:
            await bench.editor.command("tierwise.why")
        statuses.clear()
        answer = await bench.editor.command("tierwise.accept", {"id": proposal["id"], "accepted": []})
        while not statuses:
            await bench.editor.command("tierwise.why")
    assert answer["status"] == "discarded"
    assert bench.editor.applied == []
    assert (await bench.editor.command("tierwise.why", {"id": proposal["id"]}))["status"] == "discarded"
    assert uri in bench.editor.texts


async def test_a_proposal_that_waits_is_shown_again_for_the_text_of_the_moment(bench: Bench) -> None:
    uri, result, proposal = await reviewed(bench, "waiting.py")
    bench.editor.type(uri, "LIMIT", "import os\n")
    for arguments in ({"id": result["id"]}, {}):
        bench.editor.proposals.clear()
        answer = await bench.editor.command("tierwise.review", arguments)
        assert (answer["status"], answer["id"]) == ("proposed", result["id"])
        (again,) = bench.editor.proposals
        assert (again["id"], again["code"], again["reason"]) == tuple(
            proposal[name] for name in ("id", "code", "reason")
        )
        assert again["files"][0]["before"] == bench.editor.texts[uri]
        assert again["files"][0]["after"] == proposal["files"][0]["after"].replace("LIMIT", "import os\nLIMIT")
    assert await can_review(bench, result["id"])
    assert (await accept(bench.editor, again, uri, None))["status"] == "applied"
    assert bench.editor.texts[uri] == again["files"][0]["after"]
    assert not await can_review(bench, result["id"])
    answer = await bench.editor.command("tierwise.review", {"id": result["id"]})
    assert (answer["status"], answer["code"]) == ("refused", "no-proposal")


async def can_review(bench: Bench, action_id: str) -> bool:
    """Whether the list of what was done says that a proposal waits."""
    listed = (await bench.editor.command("tierwise.history"))["actions"]
    return next(one for one in listed if one["id"] == action_id)["canReview"]


async def test_a_part_that_does_not_stand_alone_needs_a_second_yes(bench: Bench) -> None:
    source = "def total(value):\n    parts = [\n        value,\n        1,\n        2,\n    ]\n    return sum(parts)\n"
    changed = source.replace("[", "(").replace("]", ")")
    uri, _ = bench.editor.open("torn.py", source)
    bench.models.book.reply = lambda call: f"```python\n{changed}```\n"
    whole = bench.editor.range(uri, 0, len(source))
    arguments = {"action": "do", "uri": uri, "range": whole, "instruction": "make it a tuple"}
    await bench.editor.command("tierwise.run", arguments)
    (proposal,) = bench.editor.proposals
    assert len(proposal["files"][0]["hunks"]) == 2
    answer = await accept(bench.editor, proposal, uri, [0])
    assert (answer["status"], answer["code"], answer["canForce"]) == ("refused", "part-refused", True)
    assert "does not stand by itself: 'torn.py'" in answer["message"]
    assert bench.editor.texts[uri] == source
    assert (await accept(bench.editor, proposal, uri, [0], force=True))["status"] == "applied"
    assert bench.editor.texts[uri] == source.replace("[", "(")


async def test_an_edit_is_taken_back_and_what_was_typed_since_stays(bench: Bench) -> None:
    uri, _, proposal = await reviewed(bench, "back.py")
    await accept(bench.editor, proposal, uri, None)
    bench.editor.type(uri, "LIMIT", "import os\n")
    answer = await bench.editor.command("tierwise.undo", {"id": proposal["id"]})
    assert answer["status"] == "applied"
    assert bench.editor.texts[uri] == SOURCE.replace("LIMIT", "import os\nLIMIT") + "# back.py\n"
    assert (await bench.editor.command("tierwise.undo", {"id": proposal["id"]}))["code"] == "nothing-to-undo"


async def test_one_tier_up_takes_the_place_of_the_first_answer(bench: Bench) -> None:
    uri, _, proposal = await reviewed(bench, "again.py")
    await accept(bench.editor, proposal, uri, None)
    better = SOURCE.replace("value + 1", "value.__add__(1)") + "# again.py\n"
    bench.models.book.reply = lambda call: f"```python\n{better}```\n"
    bench.editor.proposals.clear()
    asked = len(bench.models.book.chats)
    answer = await bench.editor.command("tierwise.again", {"id": proposal["id"]})
    assert (answer["status"], answer["tier"]) == ("proposed", "top")
    assert len(bench.models.book.chats) == asked + 1
    (second,) = bench.editor.proposals
    assert second["files"][0]["before"] == CHANGED + "# again.py\n"
    await accept(bench.editor, second, uri, None)
    assert bench.editor.texts[uri] == better
    listed = (await bench.editor.command("tierwise.history", {"limit": 2}))["actions"]
    assert [(one["status"], one["canUndo"]) for one in listed] == [("applied", True), ("replaced", False)]
    why = await bench.editor.command("tierwise.why", {"id": second["id"]})
    assert why["reasons"][0]["code"] == "forced"
    none = await bench.editor.command("tierwise.again", {"id": second["id"]})
    assert none["code"] == "no-tier-above"


async def test_one_tier_up_closes_the_proposal_that_waits(bench: Bench) -> None:
    _, _, proposal = await reviewed(bench, "closed.py")
    bench.editor.closed.clear()
    answer = await bench.editor.command("tierwise.again")
    assert answer["status"] == "proposed"
    async with asyncio.timeout(10):
        while not bench.editor.closed:
            await bench.editor.command("tierwise.why")
    assert bench.editor.closed == [{"id": proposal["id"]}]
    assert (await bench.editor.command("tierwise.review", {"id": proposal["id"]}))["code"] == "no-proposal"
    assert (await bench.editor.command("tierwise.why", {"id": proposal["id"]}))["status"] == "replaced"


async def test_what_was_sent_and_changed_can_be_seen_of_this_session_only(bench: Bench) -> None:
    uri, result, proposal = await reviewed(bench, "seen.py")
    sent = await bench.editor.command("tierwise.sent", {"id": result["id"]})
    (call,) = sent["calls"]
    assert (call["tier"], call["outcome"], call["onThisMachine"]) == ("bulk", "accepted", True)
    assert call["body"]["model"] == "medium"
    assert "def second(value)" in sent["text"]
    assert "turn the sums of seen.py round" in sent["text"]
    changes = await bench.editor.command("tierwise.changes", {"id": result["id"]})
    assert [(file["uri"], file["after"]) for file in changes["files"]] == [(uri, proposal["files"][0]["after"])]
    for name in ("sent", "changes", "undo", "again", "why"):
        unknown = await bench.editor.command(f"tierwise.{name}", {"id": "0" * 32})
        assert (unknown["status"], unknown["code"]) == ("refused", "not-remembered")


async def test_a_collision_is_shown_without_undoing_what_was_typed_elsewhere(bench: Bench) -> None:
    editor = bench.editor
    bench.models.gated()
    uri, _ = editor.open("collision.py", SOURCE)
    whole = editor.range(uri, 0, len(SOURCE))
    arguments = {"action": "do", "uri": uri, "range": whole, "instruction": "turn the sums round at once"}
    params = types.ExecuteCommandParams(command="tierwise.run", arguments=[arguments])
    task = asyncio.ensure_future(editor.client.workspace_execute_command_async(params))
    await bench.models.until_asked()
    editor.type(uri, "value + 1", "5 * ")
    editor.type(uri, "LIMIT", "import os\n")
    bench.models.gate.set()
    await task
    (proposal,) = editor.proposals
    (file,) = proposal["files"]
    assert file["before"] == editor.texts[uri]
    assert file["after"] == CHANGED.replace("LIMIT", "import os\nLIMIT")
    assert (await accept(editor, proposal, uri, [1]))["status"] == "applied"
    assert "5 * value + 1" in editor.texts[uri]
    assert "2 + value" in editor.texts[uri]
    bench.models.book.default = Scenario()


async def test_all_of_a_collision_is_taken_by_whoever_has_seen_it(bench: Bench) -> None:
    """Documenting may not change the program, but giving up one's own line for the proposal's is the user's choice."""
    editor = bench.editor
    bench.models.gated()
    uri, cursor = editor.open("given_up.py", MARKED)
    task = asyncio.ensure_future(editor.command("tierwise.run", {"action": "document", "uri": uri, "range": cursor}))
    await bench.models.until_asked()
    editor.type(uri, "    return", "    number += 1\n")
    bench.models.book.reply = documented
    bench.models.gate.set()
    await task
    (proposal,) = editor.proposals
    answer = await accept(editor, proposal, uri, None)
    assert (answer["status"], editor.texts[uri]) == ("applied", proposal["files"][0]["after"]), answer
    bench.models.book.default = Scenario()


async def test_the_ledger_has_what_an_earlier_session_did(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("earlier") / "ws"
    async with models() as served:
        async with editing(root, served.config, proposals=True, accept=True) as editor:
            uri, cursor = editor.open("early.py", "def double(number):\n    return num$0ber * 2\n")
            first = await editor.choose("Document", uri, cursor)
            assert first["status"] == "applied"
        async with editing(root, served.config, proposals=True, accept=True) as editor:
            (action,) = (await editor.command("tierwise.history", {"limit": 5}))["actions"]
            assert (action["id"], action["action"], action["title"]) == (first["id"], "document", "Document")
            assert (action["costPicoUsd"], action["model"]) == (first["costPicoUsd"], "medium")
            assert not action["isOfSession"]
            assert not action["canShowChanges"]
            answer = await editor.command("tierwise.undo")
            assert answer["message"] == "nothing has been done in this session yet"
