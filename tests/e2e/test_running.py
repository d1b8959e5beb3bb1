"""One click over the wire: the work, the edit in the editor, and what the user does meanwhile."""

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled

from e2e.conftest import Bench
from e2e.editor import Editor
from e2e.models import DOCUMENTED, MARKED, PLAIN
from servers.scenarios import Scenario

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAIL = "\n\ndef other(value):\n    return value\n"


async def test_a_click_ends_in_one_versioned_edit_with_progress(bench: Bench) -> None:
    editor = bench.editor
    before = (await editor.command("tierwise.stats", {"since": "1d"}))["total"]
    uri, cursor = editor.open("click.py", "# é😀\n" + MARKED + TAIL)
    result = await editor.choose("Document", uri, cursor)
    assert editor.texts[uri] == "# é😀\n" + DOCUMENTED + TAIL
    assert (result["status"], result["tier"], result["model"]) == ("applied", "bulk", "medium")
    assert [attempt["outcome"] for attempt in result["attempts"]] == ["accepted"]
    assert result["costPicoUsd"] > 0
    assert len(bench.models.book.chats) == 1
    (asked,) = editor.applied
    (change,) = asked.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 1
    assert len(change.edits) == 1
    assert asked.label is not None
    assert "Document double" in asked.label
    assert editor.told == []
    check_progress(editor)
    assert (await editor.command("tierwise.why")) == result
    after = (await editor.command("tierwise.stats", {"since": "1d"}))["total"]
    assert after["nCalls"] - before["nCalls"] == 1
    assert after["picoUsd"] - before["picoUsd"] == result["costPicoUsd"]
    await check_status(editor, after["picoUsd"])
    report = await editor.command("tierwise.report", {"since": "1d"})
    assert report["headline"] in report["html"]
    assert ">far/medium<" in report["html"]


def check_progress(editor: Editor) -> None:
    """One bar: begun with a cancel button, reported with figures that never fall, ended."""
    (token,) = editor.client.progress_reports
    begin, *reports, end = editor.reports(token)
    assert isinstance(begin, types.WorkDoneProgressBegin)
    assert begin.cancellable
    assert isinstance(end, types.WorkDoneProgressEnd)
    figures = [report.percentage for report in reports]
    assert figures == sorted(figures)


async def check_status(editor: Editor, spent: int) -> None:
    """The status item ends at what was spent, with nothing going on."""
    async with asyncio.timeout(30):
        while not editor.statuses or editor.statuses[-1]["busy"] or editor.statuses[-1]["spentTodayPicoUsd"] != spent:
            await editor.command("tierwise.why")
    assert editor.statuses[-1]["tiers"]["bulk"]["model"] == "medium"


async def test_the_clients_own_token_carries_the_progress(bench: Bench) -> None:
    editor = bench.editor
    uri, cursor = editor.open("token.py", MARKED)
    editor.client.progress_reports["mine"] = []
    await editor.choose("Document", uri, cursor, token="mine")
    kinds = [report.kind for report in editor.reports("mine")]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert any("medium" in (report.message or "") for report in editor.reports("mine")[1:-1])
    assert list(editor.client.progress_reports) == ["mine"]


@pytest.mark.parametrize("how", ["request", "button"])
async def test_cancelling_closes_the_socket_and_books_the_call(bench: Bench, how: str) -> None:
    editor, book = bench.editor, bench.models.book
    book.default = Scenario(fault="stall", delay_s=600)
    before = (await editor.command("tierwise.stats"))["total"]
    uri, cursor = editor.open(f"cancel_{how}.py", MARKED)
    editor.client.progress_reports[how] = []
    running = editor.begin("document", uri, cursor, f"run-{how}", token=how)
    await bench.models.until(lambda b: any(call.n_pieces for call in b.chats))
    if how == "request":
        editor.cancel(f"run-{how}")
        with pytest.raises(JsonRpcRequestCancelled):
            await running
    else:
        editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=how))
        assert (await running)["status"] == "cancelled"
    await bench.models.until(lambda b: all(call.has_closed_early for call in b.chats))
    assert len(book.chats) == 1
    assert editor.texts[uri] == PLAIN
    assert editor.applied == []
    after = (await editor.command("tierwise.stats"))["total"]
    assert after["nCalls"] - before["nCalls"] == 1
    assert after["nCancelled"] - before["nCancelled"] == 1
    assert editor.reports(how)[-1].kind == "end"
    book.default = Scenario()
    assert (await editor.choose("Document", uri, cursor))["status"] == "applied"


async def test_what_is_typed_elsewhere_meanwhile_stays(bench: Bench) -> None:
    editor = bench.editor
    bench.models.gated()
    uri, cursor = editor.open("elsewhere.py", MARKED + TAIL)
    running = editor.begin("document", uri, cursor, "elsewhere")
    await bench.models.until_asked()
    editor.type(uri, "return value", "value += 1  # 😀\n    ")
    editor.type(uri, "def double", "import os\n\n")
    bench.models.gate.set()
    assert (await running)["status"] == "applied"
    changed_tail = TAIL.replace("return value", "value += 1  # 😀\n    return value")
    assert editor.texts[uri] == "import os\n\n" + DOCUMENTED + changed_tail
    assert len(editor.applied) == 1


async def test_what_is_typed_in_the_same_place_wins_and_the_proposal_is_shown(bench: Bench) -> None:
    editor = bench.editor
    bench.models.gated()
    uri, cursor = editor.open("same_place.py", MARKED)
    running = editor.begin("document", uri, cursor, "same")
    await bench.models.until_asked()
    editor.type(uri, "    return number", '    """My own words."""\n')
    mine = editor.texts[uri]
    bench.models.gate.set()
    answer = await running
    assert (answer["status"], answer["code"]) == ("proposed", "conflict")
    assert editor.texts[uri] == mine
    assert editor.applied == []
    (shown,) = editor.proposals
    (file,) = shown["files"]
    assert (file["uri"], file["before"], file["after"]) == (uri, mine, DOCUMENTED)


async def test_a_document_that_was_closed_meanwhile_is_left_alone(bench: Bench) -> None:
    editor = bench.editor
    bench.models.gated()
    uri, cursor = editor.open("closed.py", MARKED)
    running = editor.begin("document", uri, cursor, "closed")
    await bench.models.until_asked()
    editor.close(uri)
    bench.models.gate.set()
    answer = await running
    assert (answer["status"], answer["code"]) == ("proposed", "closed")
    assert editor.applied == []


async def test_an_editor_that_moved_on_at_the_last_moment_is_asked_again(bench: Bench) -> None:
    editor = bench.editor
    uri, cursor = editor.open("last_moment.py", MARKED + TAIL)

    def typed_first(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        editor.on_apply = editor.apply
        editor.type(uri, "return value", "print(value)\n    ")
        return editor.apply(params)

    editor.on_apply = typed_first
    result = await editor.choose("Document", uri, cursor)
    assert result["status"] == "applied"
    assert editor.texts[uri] == DOCUMENTED + TAIL.replace("return value", "print(value)\n    return value")
    assert len(editor.applied) == 2


@pytest.mark.parametrize("says", [False, True])
async def test_an_editor_that_applies_nothing_is_not_believed(bench: Bench, says: bool) -> None:
    editor = bench.editor
    editor.on_apply = lambda _: types.ApplyWorkspaceEditResult(applied=says, failure_reason="no reason")
    uri, cursor = editor.open(f"nothing_{says}.py", MARKED)
    result = await editor.choose("Document", uri, cursor)
    assert (result["status"], result["code"]) == ("proposed", "not-applied")
    assert len(editor.proposals) == 1


async def test_an_editor_that_does_something_else_is_watched(bench: Bench) -> None:
    editor = bench.editor
    uri, cursor = editor.open("something_else.py", MARKED)

    def mangle(_: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        editor.type(uri, "def", "# mangled\n")
        return types.ApplyWorkspaceEditResult(applied=True)

    editor.on_apply = mangle
    result = await editor.choose("Document", uri, cursor)
    assert (result["status"], result["code"]) == ("proposed", "uncertain")
    assert "not what was sent" in result["message"]
    assert len(editor.proposals) == 1


async def test_the_menu_stays_quick_while_many_actions_wait_for_their_models(bench: Bench) -> None:
    editor, book = bench.editor, bench.models.book
    book.default = Scenario(fault="stall", delay_s=600)
    # Equal requests would wait for one call together, so each stands in a document of its own.
    places = [editor.open(f"many_{number}.py", MARKED) for number in range(40)]
    running = [editor.begin("document", *place, f"many-{number}") for number, place in enumerate(places)]
    await bench.models.until(lambda b: sum(call.n_pieces > 0 for call in b.chats) == 40)
    async with asyncio.timeout(10):
        assert await editor.entry("Document", *places[0])
    for number in range(40):
        editor.cancel(f"many-{number}")
    ended = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(one, JsonRpcRequestCancelled) for one in ended)
    await bench.models.until(lambda b: all(call.has_closed_early for call in b.chats))
    assert {editor.texts[uri] for uri, _ in places} == {PLAIN}


async def test_a_new_file_is_created_beside_what_it_tests(bench: Bench) -> None:
    editor = bench.editor
    tests = "from shop import double\n\n\ndef test_double() -> None:\n    assert double(4) == 8\n"
    bench.models.book.reply = lambda _: f"```python\n{tests}```\n"
    uri, cursor = editor.open("shop.py", MARKED)
    result = await editor.choose("Write tests", uri, cursor)
    assert result["status"] == "applied", result
    assert editor.texts[uri] == PLAIN
    created = [part for part in editor.applied[0].edit.document_changes or () if isinstance(part, types.CreateFile)]
    assert len(created) == 1
    assert editor.texts[created[0].uri] == tests
