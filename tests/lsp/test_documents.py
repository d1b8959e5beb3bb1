"""Documents are what the editor says, never what lies on disk, and say why when they cannot be used."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tierwise.lsp.documents import Documents
from tierwise.text import Rejection, Snapshot, Span

URI = "file:///a.py"


def opened(text: str = "one\ntwo\n", uri: str = URI) -> Documents:
    """One open document."""
    documents = Documents()
    documents.open(types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text))
    return documents


def changed(*changes: Any, version: int = 2, uri: str = URI) -> types.DidChangeTextDocumentParams:
    """Parameters of a change: texts, or (line, start, end, text)."""
    events: list[types.TextDocumentContentChangeEvent] = []
    for change in changes:
        if isinstance(change, str):
            events.append(types.TextDocumentContentChangeWholeDocument(change))
        else:
            line, start, end, text = change
            place = types.Range(types.Position(line, start), types.Position(line, end))
            events.append(types.TextDocumentContentChangePartial(place, text))
    return types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), events)


def test_changes_apply_in_order_and_set_the_version() -> None:
    documents = opened()
    documents.change(changed((0, 0, 3, "1"), (1, 3, 3, "!"), version=7))
    snapshot = documents.snapshot(URI)
    assert snapshot is not None
    assert (snapshot.text, snapshot.version, snapshot.language) == ("1\ntwo!\n", 7, "python")


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("js", "javascript"),
        ("sh", "shellscript"),
        ("c++", "cpp"),
        ("Python", "python"),
        ("cobol", "cobol"),
        ("", "plaintext"),
    ],
)
def test_languages_go_by_their_usual_names(sent: str, language: str) -> None:
    documents = Documents()
    documents.open(types.TextDocumentItem(uri=URI, language_id=sent, version=1, text="one\n"))
    snapshot = documents.snapshot(URI)
    assert snapshot is not None
    assert snapshot.language == language


def test_an_unchanged_document_gives_the_same_snapshot_and_a_changed_one_leaves_it_alone() -> None:
    documents = opened()
    before = documents.snapshot(URI)
    assert before is documents.snapshot(URI)
    documents.change(changed("new"))
    assert before is not None
    assert before.text == "one\ntwo\n"
    assert documents.snapshot(URI) is not before


def test_a_version_that_goes_back_is_still_another_snapshot() -> None:
    documents = opened()
    before = documents.snapshot(URI)
    documents.change(changed("new", version=0))
    after = documents.snapshot(URI)
    assert after is not before
    assert after is not None
    assert (after.text, after.version) == ("new", 0)


def test_a_change_of_a_document_that_is_not_open_is_ignored() -> None:
    documents = Documents()
    documents.change(changed("x"))
    assert documents.snapshot(URI) is None


@pytest.mark.parametrize(
    ("uri", "text", "code"),
    [
        ("vscode-notebook-cell:/a.ipynb#X1", "x", "notebook"),
        ("git:/a.py", "x", "unsupported-scheme"),
        ("vscode-vfs://github/a.py", "x", "unsupported-scheme"),
        ("http://evil.example/etc/passwd", "x", "unsupported-scheme"),
        ("_claude_fs_right:/x", "x", "unsupported-scheme"),
        ("/etc/passwd", "x", "unsupported-scheme"),
        ("file:///bin.py", "x\0y", "binary-file"),
    ],
)
def test_what_cannot_be_used_says_why_in_one_sentence(uri: str, text: str, code: str) -> None:
    found = opened(text, uri).usable(uri)
    assert isinstance(found, Rejection)
    assert found.code == code
    assert not found.detail.endswith(".")


@pytest.mark.parametrize("uri", [URI, "untitled:Untitled-1"])
def test_files_and_untitled_documents_can_be_used(uri: str) -> None:
    assert isinstance(opened(uri=uri).usable(uri), Snapshot)


def test_the_disk_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "on_disk.py"
    path.write_text("secret")
    found = Documents().usable(path.as_uri())
    assert isinstance(found, Rejection)
    assert found.code == "not-open"


def test_a_closed_document_is_gone() -> None:
    documents = opened()
    documents.close(URI)
    documents.close(URI)
    assert documents.snapshot(URI) is None


def test_a_document_that_is_out_of_step_is_not_used_until_it_is_opened_again() -> None:
    documents = opened()
    assert documents.lose(URI)
    assert not documents.lose(URI)
    documents.change(changed("ignored"))
    found = documents.usable(URI)
    assert isinstance(found, Rejection)
    assert found.code == "out-of-step"
    documents.open(types.TextDocumentItem(uri=URI, language_id="python", version=9, text="again"))
    assert isinstance(documents.usable(URI), Snapshot)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((0, 0), (0, 3), Span(0, 3)),
        ((1, 1), (0, 1), Span(1, 5)),
        ((9, 9), (9, 9), Span(8, 8)),
        ((0, 99), (0, 99), Span(3, 3)),
    ],
)
def test_ranges_become_spans_clamped_to_the_text(start: tuple[int, int], end: tuple[int, int], expected: Span) -> None:
    wanted = types.Range(types.Position(*start), types.Position(*end))
    assert opened().span(URI, wanted) == expected
