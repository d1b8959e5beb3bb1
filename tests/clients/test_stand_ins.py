"""Each editor gets its edits in the form it understands, is asked what it can be asked, and can cancel."""

import re
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from clients.stand_in import Described, StandIn, described, standing_in
from e2e.models import DOCUMENTED, MARKED, PLAIN, Models, models
from servers.scenarios import Call

pytestmark = pytest.mark.editors
EDITORS = pytest.mark.parametrize("editor", described(), ids=lambda editor: editor.name)
TWICE = "def twice(number):\n    return number * 2\n"
RENAMED = "one.py\n```python\n{one}```\n\nother.py\n```python\n{other}```\n"
WRITTEN = "```python\nfrom tested import double\n\n\ndef test_double():\n    assert double(2) == 4\n```\n"
MADE = "plain.py\n```python\n{plain}```\n\nmade.py\n```python\nVALUE = 1\n```\n"


def test_there_is_a_file_for_each_page() -> None:
    pages = {page.stem for page in (Path(__file__).parents[2] / "docs" / "editors").glob("*.md")}
    assert {editor.name.partition("-")[0] for editor in described()} == {
        {"emacs": "eglot"}.get(page, page) for page in pages
    }
    assert all(editor.source for editor in described())


@EDITORS
async def test_the_road_of_one_action(tmp_path: Path, editor: Described) -> None:
    async with models() as served, standing_in(tmp_path / "ws", served.config, editor) as client:
        assert client.encoding == editor.takes["encoding"]
        uri, cursor = client.open("a.py", "# é😀\n" + MARKED)
        titles = [entry.title for entry in await client.menu(uri, cursor)]
        assert any(re.fullmatch(r"Document double · bulk: medium · ≈ [\d.–]+ ¢", title) for title in titles), titles
        # Zed asks for exactly the kinds the server names.
        announced = await client.menu(uri, cursor, only=["quickfix", "refactor.rewrite"])
        assert [entry.title for entry in announced] == titles
        result = await client.choose("Document", uri, cursor)
        assert result["status"] == "applied", result
        assert client.texts[uri] == "# é😀\n" + DOCUMENTED
        (asked,) = client.applied
        (change,) = asked.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        assert bool(client.client.progress_reports) == editor.takes["progress"]
        await typed_meanwhile(client, served)
        await cancelled(client, served)
        await several_files(client, served)
        await a_new_file(client, served, editor)
        await what_nobody_asked_for(client, served, editor)


async def typed_meanwhile(client: StandIn, served: Models) -> None:
    """What is typed elsewhere is kept, also by a client that looks at no version."""
    served.gated()
    uri, cursor = client.open("typed.py", MARKED + "\n\nTAIL = 1\n")
    running = client.begin("document", uri, cursor, "typed")
    await served.until_asked()
    client.type(uri, "TAIL", "HEAD = 0\n")
    served.gate.set()
    assert (await running)["status"] == "applied"
    assert client.texts[uri] == DOCUMENTED + "\n\nHEAD = 0\nTAIL = 1\n"


async def cancelled(client: StandIn, served: Models) -> None:
    """A request that is taken back closes the connection and leaves the text."""
    n_before = len(served.book.chats)
    served.gated()
    uri, cursor = client.open("cancelled.py", MARKED + "\n\nEND = 1\n")
    running = client.begin("document", uri, cursor, "cancelled")
    await served.until_asked()
    client.cancel("cancelled")
    with pytest.raises(JsonRpcException):
        await running
    await served.until(lambda book: any(call.has_closed_early for call in book.chats[n_before:]))
    assert client.texts[uri] == PLAIN + "\n\nEND = 1\n"


async def several_files(client: StandIn, served: Models) -> None:
    """A change of several files arrives whole."""
    one, cursor = client.open("one.py", MARKED)
    other, _ = client.open("other.py", "from one import double\n\nSIX = double(3)\n")
    after = client.texts[other].replace("double", "twice")
    served.book.default = type(served.book.default)()
    served.book.reply = lambda _: RENAMED.format(one=TWICE, other=after)
    request = {"action": "refactor_across_files", "uri": one, "range": cursor, "instruction": "call it twice"}
    result = await client.command("tierwise.run", request)
    assert result["status"] == "applied", result
    assert (client.texts[one], client.texts[other]) == (TWICE, after)


async def what_nobody_asked_for(client: StandIn, served: Models, editor: Described) -> None:
    """A file nobody asked for is not made, but shown as a diff; these editors would make it without asking."""
    assert not editor.takes["asks_before_operations"]
    uri, cursor = client.open("plain.py", MARKED + "\n\nLAST = 1\n")
    before = client.texts[uri]

    def answer(_: Call) -> str:
        return MADE.format(plain=before.replace("* 2", "* 2 * 1"))

    served.book.reply = answer
    request = {"action": "refactor_across_files", "uri": uri, "range": cursor, "instruction": "move the value"}
    result = await client.command("tierwise.run", request)
    assert result["status"] == "proposed", result
    assert client.texts[uri] == before
    assert not (client.root / "made.py").exists()
    check_shown(client, result, shows_documents=editor.takes["shows_documents"])


def check_shown(client: StandIn, result: Any, *, shows_documents: bool) -> None:
    """The diff is in a file that is named, and opened where the editor can do that."""
    path = Path(re.findall(r"the proposal is in '([^']+)'", result["message"])[0])
    assert "+VALUE = 1" in path.read_text("utf-8")
    assert client.told[-1] == f"Tierwise: {result['message']}"
    shown = [document.uri for document in client.client.shown_documents]
    assert shown[-1:] == ([path.as_uri()] if shows_documents else [])


async def a_new_file(client: StandIn, served: Models, editor: Described) -> None:
    """A new file is made by editors that can make one; the others' users get the text in a file to look at."""
    served.book.reply = lambda _: WRITTEN
    uri, cursor = client.open("tested.py", MARKED)
    result = await client.choose("Write tests", uri, cursor)
    made = client.root / "tests" / "test_tested.py"
    if editor.takes["creates"]:
        assert result["status"] == "applied", result
        assert "def test_double" in made.read_text("utf-8")
    else:
        assert (result["status"], result["code"]) == ("proposed", "cannot-create")
        assert "cannot create 'test_tested.py'" in result["message"]
        assert not made.exists()
