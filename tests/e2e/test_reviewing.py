"""A change of several files is looked at first; what is taken of it is checked again as a whole, or asked about."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities

from e2e.editor import Editor, editing
from e2e.models import DOCUMENTED, MARKED, Models, models

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENAMING = """\
a.py
```python
def twice(number):
    \"\"\"Twice.\"\"\"
    return number * 2


def other(value):
    return twice(value)
```

b.py
```python
from a import twice

SIX = twice(3)
```
"""
A = "def double(num$0ber):\n    return number * 2\n\n\ndef other(value):\n    return double(value)\n"
B = "from a import double\n\nSIX = double(3)\n"
OLD_A = A.replace("$0", "")


class Reviewing:
    """An editor whose user looks at what a model proposes."""

    def __init__(self, served: Models, editor: Editor) -> None:
        self.served = served
        self.editor = editor

    async def rename(self, why: str) -> Any:
        """Rename a function in two files; the proposal that is shown."""
        self.served.book.reply = lambda _: RENAMING
        uri, cursor = self.editor.open("a.py", A)
        self.editor.open("b.py", B)
        request = {
            "action": "refactor_across_files",
            "uri": uri,
            "range": cursor,
            "instruction": f"call it twice, {why}",
        }
        result = await self.editor.command("tierwise.run", request)
        (proposal,) = self.editor.proposals
        assert (result["status"], result["id"]) == ("proposed", proposal["id"])
        assert self.texts == [OLD_A, B]
        return proposal

    async def accept(self, proposal: Any, *, force: bool = False, **choices: Any) -> Any:
        """Take of each file what is said by its name without the ending."""
        files = [{"uri": self.editor.uri(f"{name}.py")} | choice for name, choice in choices.items()]
        return await self.editor.command("tierwise.accept", {"id": proposal["id"], "accepted": files, "force": force})

    @property
    def texts(self) -> list[str]:
        """What both files say."""
        return [self.editor.texts[self.editor.uri(name)] for name in ("a.py", "b.py")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reviewing]:
    """A client that takes parts and cannot ask by itself."""
    root = tmp_path_factory.mktemp("reviewing") / "ws"
    known = client_capabilities("neovim")
    async with models() as served, editing(root, served.config, known, proposals=True, accept=True) as editor:
        yield Reviewing(served, editor)


@pytest.fixture
def user(started: Reviewing) -> Reviewing:
    """With nothing open and nothing shown."""
    editor = started.editor
    for uri in list(editor.texts):
        editor.close(uri)
    editor.proposals.clear()
    editor.applied.clear()
    return started


async def test_everything_accepted_is_applied(user: Reviewing) -> None:
    proposal = await user.rename("for everything")
    assert proposal["code"] == "preview"
    assert {Path(file["uri"]).name: file["before"] for file in proposal["files"]} == {"a.py": OLD_A, "b.py": B}
    answer = await user.accept(proposal, a={}, b={})
    assert (answer["status"], answer["code"]) == ("applied", "")
    assert user.texts[1] == "from a import twice\n\nSIX = twice(3)\n"


TORN = {
    "the use without the definition": ({"b": {}}, "'b.py' takes 'twice' from 'a.py', which does not have it"),
    "the definition without the use": ({"a": {}}, "'b.py' takes 'double' from 'a.py', which does not have it"),
    "a hunk of the definition": ({"a": {"hunks": [0]}, "b": {}}, "undefined name 'double'"),
    "a text that uses what is not there": (
        {"a": {"text": OLD_A.replace("number * 2", "number * factor")}},
        "undefined name 'factor'",
    ),
    "a text that cannot be read": ({"a": {"text": "def double(:\n"}}, "does not parse"),
}


@pytest.mark.parametrize("name", TORN)
async def test_what_does_not_stand_by_itself_is_asked_about(user: Reviewing, name: str) -> None:
    choices, why = TORN[name]
    proposal = await user.rename(name)
    answer = await user.accept(proposal, **choices)
    assert (answer["status"], answer["code"], answer["canForce"]) == ("refused", "part-refused", True), answer
    assert why in answer["message"]
    assert (user.editor.applied, user.texts) == ([], [OLD_A, B])
    forced = await user.accept(proposal, force=True, **choices)
    assert (forced["status"], forced["code"]) == ("applied", "in-part")
    again = await user.accept(proposal, a={})
    assert again["code"] == "no-proposal"


async def test_one_file_is_refused_and_a_text_made_of_the_other_is_applied(user: Reviewing) -> None:
    proposal = await user.rename("for one file")
    mine = OLD_A.replace("    return number", '    """Twice."""\n    return number')
    answer = await user.accept(proposal, a={"text": mine})
    assert (answer["status"], user.texts) == ("applied", [mine, B])
    assert answer["message"].endswith(": applied what was accepted (1 of 2 files, some hunks left out)")
    (change,) = user.editor.applied[0].edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 1


async def test_a_text_as_it_was_accepts_nothing(user: Reviewing) -> None:
    proposal = await user.rename("as it was")
    answer = await user.accept(proposal, a={"text": OLD_A})
    assert (answer["status"], user.texts) == ("discarded", [OLD_A, B])


UNFIT: list[Any] = [None, {}, "all", [None], [{}], [{"uri": 1}], [{"uri": "x", "text": 1}], [{"uri": "x", "hunks": 1}]]


async def test_an_answer_of_another_shape_accepts_nothing(user: Reviewing) -> None:
    proposal = await user.rename("in another shape")
    for accepted in [*UNFIT, [{"uri": "x", "text": "", "hunks": []}]]:
        with pytest.raises(Exception, match="the argument"):
            await user.editor.command("tierwise.accept", {"id": proposal["id"], "accepted": accepted})
    assert user.editor.applied == []
    other = await user.editor.command("tierwise.accept", {"id": proposal["id"], "accepted": [{"uri": "file:///x"}]})
    assert (other["status"], user.texts) == ("discarded", [OLD_A, B])


async def test_what_is_typed_while_the_user_looks_is_kept(user: Reviewing) -> None:
    proposal = await user.rename("typing")
    user.editor.type(user.editor.uri("b.py"), "\nSIX", "# mine\n")
    answer = await user.accept(proposal, a={}, b={})
    assert answer["status"] == "applied", answer
    assert user.texts[1] == "from a import twice\n# mine\n\nSIX = twice(3)\n"


async def test_wishes_and_the_one_file_that_is_not_shown(user: Reviewing) -> None:
    user.served.book.reply = lambda _: f"```python\n{DOCUMENTED}```\n"
    wishes = (("one.py", None, "applied"), ("two.py", "always", "proposed"), ("three.py", "never", "applied"))
    for name, wish, status in wishes:
        uri, cursor = user.editor.open(name, MARKED + f"\n\nNAME = '{name}'\n")
        more = {} if wish is None else {"review": wish}
        request = {"action": "document", "uri": uri, "range": cursor} | more
        assert (await user.editor.command("tierwise.run", request))["status"] == status
    with pytest.raises(Exception, match="'review' must be one of 'always', 'never'"):
        await user.editor.command("tierwise.run", {"action": "document", "uri": uri, "review": "often"})
