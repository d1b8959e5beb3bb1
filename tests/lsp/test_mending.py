"""A client without versions that applied an edit to a newer text gets that text put right."""

from typing import Any

import pytest
from lsprotocol import types

from lsp.reference import reference_apply
from lsp.test_applying import BASE, CONVERTER, Disk, FakeEditor
from tierwise.lsp.applying import Applied, Unapplied, apply_changes
from tierwise.lsp.client import Client, EditSupport
from tierwise.lsp.echoes import misplaced
from tierwise.lsp.sending import Editor

AFTER = BASE.replace("line_5 =", "changed_5 =")


class Blind(FakeEditor):
    """Applies plain changes to whatever its texts say."""

    async def ask(self, method: str, params: Any, timeout_s: float = 60.0) -> Any:
        self.n_asked += 1
        if self.before_applying:
            self.before_applying.pop(0)()
        for uri, edits in CONVERTER.unstructure(params.edit)["changes"].items():
            self.texts[uri] = reference_apply(self.texts[uri], edits)
            self._changed(uri, types.TextDocumentContentChangeWholeDocument(self.texts[uri]))
        return types.ApplyWorkspaceEditResult(applied=True)


async def typed_just_then(offset: int, text: str, again: str = "") -> tuple[Blind, str, Applied | Unapplied]:
    """The user types while the edit is on its way, and perhaps while it is put right; what the text says then."""
    editor = Blind()
    uri = editor.open("a.txt", BASE)
    editor.before_applying = [lambda: editor.type(uri, offset, text)]
    if again:
        editor.before_applying.append(lambda: editor.type(uri, 0, again))
    client = Client(edits=EditSupport(can_apply=True))
    view = Editor(wire=editor, client=client, documents=editor.documents, workspace=Disk(), echo_timeout_s=0.005)
    outcome = await apply_changes(view, [editor.change(uri, AFTER)], "label")
    return editor, editor.texts[uri], outcome


@pytest.mark.parametrize(("text", "n_asked"), [("typed\n", 2), ("a\nb\nc\n", 2), ("😀\n", 2), ("typed ", 1)])
async def test_the_clean_merge_is_brought_in_unless_it_is_there(text: str, n_asked: int) -> None:
    editor, said, outcome = await typed_just_then(0, text)
    assert isinstance(outcome, Applied)
    assert said == text + AFTER
    assert editor.n_asked == n_asked


async def test_what_was_typed_in_the_same_place_wins() -> None:
    at = BASE.index("line_5 =")
    _, said, outcome = await typed_just_then(at + 2, "mine\n")
    assert isinstance(outcome, Unapplied)
    assert outcome.code == "conflict"
    assert said == BASE[: at + 2] + "mine\n" + BASE[at + 2 :]


async def test_who_types_again_is_told_that_nothing_is_certain() -> None:
    _, said, outcome = await typed_just_then(0, "typed\n", again="more\n")
    assert isinstance(outcome, Unapplied)
    assert outcome.code == "uncertain"
    assert said.startswith("more\n")


def test_only_what_really_happened_is_taken_for_a_misplaced_edit() -> None:
    typed = "typed\n" + BASE
    assert misplaced([BASE, typed], AFTER, "utf-16") is None
    assert misplaced([BASE, typed, typed + "more\n"], AFTER, "utf-16") is None
    assert misplaced([BASE], AFTER, "utf-16") is None
