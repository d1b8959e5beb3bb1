"""No edit lands on a text it was not made for, whatever the user and the editor do meanwhile."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types

from lsp.reference import reference_apply, reference_position
from tierwise.dispatch import FileChange
from tierwise.lsp.applying import Applied, Unapplied, apply_changes
from tierwise.lsp.client import Client, EditSupport
from tierwise.lsp.documents import Documents
from tierwise.lsp.sending import Editor
from tierwise.text import Snapshot

CONVERTER = converters.get_converter()
FULL = EditSupport(can_apply=True, has_document_changes=True, can_create=True)
BASE = "".join(f"line_{number} = {number}\n" for number in range(30))


class Disk:
    """A workspace with nothing on disk."""

    roots: tuple[Path, ...] = ()
    is_trusted = True

    def read(self, path: Path) -> Snapshot | None:
        return None


@dataclass
class FakeEditor:
    """Texts, versions, and a way of dealing with edits."""

    checks_versions: bool = True
    skips_silently: bool = False
    """Like Neovim: a document that has moved on is left out, and the answer is still yes."""
    documents: Documents = field(default_factory=Documents)
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    before_applying: list[Any] = field(default_factory=list)
    """What the user does between the server's message and its application, one per message."""
    refuses: bool = False
    n_asked: int = 0

    def open(self, name: str, text: str) -> str:
        uri = f"file:///{name}"
        self.texts[uri], self.versions[uri] = text, 1
        self.documents.open(types.TextDocumentItem(uri=uri, language_id="plaintext", version=1, text=text))
        return uri

    def type(self, uri: str, offset: int, text: str) -> None:
        here = types.Position(**reference_position(self.texts[uri], offset))
        self.texts[uri] = self.texts[uri][:offset] + text + self.texts[uri][offset:]
        self._changed(uri, types.TextDocumentContentChangePartial(types.Range(here, here), text))

    def _changed(self, uri: str, change: types.TextDocumentContentChangeEvent) -> None:
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.documents.change(types.DidChangeTextDocumentParams(identifier, [change]))

    async def ask(self, method: str, params: Any, timeout_s: float = 60.0) -> Any:
        self.n_asked += 1
        if self.before_applying:
            self.before_applying.pop(0)()
        parts = CONVERTER.unstructure(params.edit)["documentChanges"]
        named = [part["textDocument"] for part in parts]
        stale = [document["uri"] for document in named if document["version"] != self.versions[document["uri"]]]
        if self.refuses or (stale and self.checks_versions and not self.skips_silently):
            return types.ApplyWorkspaceEditResult(applied=False)
        for part in parts:
            uri = part["textDocument"]["uri"]
            if not (self.skips_silently and uri in stale):
                self.texts[uri] = reference_apply(self.texts[uri], part["edits"])
                self._changed(uri, types.TextDocumentContentChangeWholeDocument(self.texts[uri]))
        return types.ApplyWorkspaceEditResult(applied=True)

    def change(self, uri: str, after: str) -> FileChange:
        """A verified change of the document as it is now."""
        path = Path(uri.removeprefix("file://"))
        return FileChange(path=path, uri=uri, language="plaintext", before=self.documents.snapshot(uri), after=after)

    async def apply(self, *changes: FileChange) -> Applied | Unapplied:
        client = Client(edits=FULL)
        editor = Editor(wire=self, client=client, documents=self.documents, workspace=Disk(), echo_timeout_s=0.005)
        return await apply_changes(editor, changes, "label")


async def one_interleaving(draw: random.Random) -> bool:
    """The user types at random while a change of one line comes in; whether it was applied."""
    editor = FakeEditor(skips_silently=draw.random() < 0.3)
    uri = editor.open("a.txt", BASE)
    target = draw.randrange(30)
    change = editor.change(uri, BASE.replace(f"line_{target} =", f"changed_{target} ="))

    def types_something() -> None:
        line = draw.randrange(30)
        at = editor.texts[uri].find(f"line_{line} =")
        editor.type(uri, max(at, 0), f"typed_{draw.randrange(1000)} = 0\n" if draw.random() < 0.7 else "x")

    for _ in range(draw.randrange(4)):
        types_something()
    editor.before_applying = [types_something for _ in range(draw.randrange(3))]
    typed_all = editor.before_applying.copy()
    outcome = await editor.apply(change)
    text = editor.texts[uri]
    snapshot = editor.documents.snapshot(uri)
    assert snapshot is not None
    assert snapshot.text == text
    assert text.count(f"changed_{target} =") == int(f"changed_{target} =" in text)
    for number in range(30):
        survivors = text.count(f"line_{number} =") + text.count(f"changed_{number} =")
        assert survivors == 1, f"line {number} is there {survivors} times after {len(typed_all)} late changes"
    is_in = f"changed_{target} =" in text
    assert is_in == isinstance(outcome, Applied), outcome
    return is_in


async def interleave(n_runs: int, seed: int) -> float:
    """The share of runs in which the change was applied."""
    draw = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    return sum([await one_interleaving(draw) for _ in range(n_runs)]) / n_runs


async def test_typing_at_any_moment_never_spoils_the_text() -> None:
    assert await interleave(60, seed=1) >= 0.8


@pytest.mark.slow
async def test_two_thousand_interleavings() -> None:
    share = await interleave(2000, seed=2)
    print(f"{share:.0%} of the changes were rebased and applied")
    assert share >= 0.8


async def test_several_documents_are_changed_together() -> None:
    editor = FakeEditor()
    uris = [editor.open(f"{name}.txt", BASE) for name in "abc"]
    outcome = await editor.apply(*(editor.change(uri, BASE.upper()) for uri in uris))
    assert isinstance(outcome, Applied)
    assert set(editor.texts.values()) == {BASE.upper()}
    assert editor.n_asked == 1


async def test_what_a_document_skipped_is_sent_again() -> None:
    editor = FakeEditor(skips_silently=True)
    one, other = editor.open("one.txt", BASE), editor.open("other.txt", BASE)
    editor.before_applying = [lambda: editor.type(other, 0, "typed\n")]
    outcome = await editor.apply(editor.change(one, BASE + "more\n"), editor.change(other, BASE + "more\n"))
    assert isinstance(outcome, Applied)
    assert editor.texts == {one: BASE + "more\n", other: "typed\n" + BASE + "more\n"}
    assert editor.n_asked == 2


async def test_half_of_an_edit_is_not_passed_over() -> None:
    editor = FakeEditor(skips_silently=True)
    one, other = editor.open("one.txt", BASE), editor.open("other.txt", BASE)
    editor.before_applying = [lambda: editor.type(other, 0, "typed ")]
    outcome = await editor.apply(editor.change(one, BASE.upper()), editor.change(other, BASE.upper()))
    assert isinstance(outcome, Unapplied)
    assert outcome.code == "partly-applied"
    assert "changed 'one.txt' but not 'other.txt'" in outcome.detail
    assert [change.uri for change in outcome.missing] == [other]
    assert editor.texts == {one: BASE.upper(), other: "typed " + BASE}


async def test_an_editor_that_refuses_for_reasons_of_its_own_is_asked_once() -> None:
    editor = FakeEditor(refuses=True)
    uri = editor.open("a.txt", BASE)
    outcome = await editor.apply(editor.change(uri, "new\n"))
    assert isinstance(outcome, Unapplied)
    assert outcome.code == "not-applied"
    assert editor.n_asked == 1
    assert editor.texts[uri] == BASE


async def test_nothing_listens_to_the_documents_afterwards() -> None:
    editor = FakeEditor()
    uri = editor.open("a.txt", BASE)
    await editor.apply(editor.change(uri, "new\n"))
    assert editor.documents._listeners == []
