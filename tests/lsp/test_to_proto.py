"""Edits reach every kind of client in the best form it understands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import converters, types

from tierwise.dispatch import FileChange
from tierwise.lsp.client import EditSupport
from tierwise.lsp.mirror import TextMirror
from tierwise.lsp.to_proto import text_edits, workspace_edit
from tierwise.text import Rejection, Snapshot
from tierwise.text.lines import Encoding, Position

FULL = EditSupport(can_apply=True, has_document_changes=True, can_create=True, can_delete=True)
BARE = EditSupport(can_apply=True)
CONVERTER = converters.get_converter()


def change(name: str, before: str | None, after: str | None, version: int | None = 3) -> FileChange:
    """A change of one file; `before` None makes it new."""
    uri = f"file:///{name}"
    snapshot = None if before is None else Snapshot(uri=uri, text=before, language="python", version=version)
    return FileChange(path=Path("/") / name, uri=uri, language="python", before=snapshot, after=after)


def plain(*changes: FileChange, support: EditSupport = FULL) -> Any:
    """The workspace edit as it goes over the wire; the code where there is none."""
    edit = workspace_edit(changes, support, "utf-16")
    return edit.code if isinstance(edit, Rejection) else CONVERTER.unstructure(edit)


def test_an_open_document_is_edited_at_its_version_and_minimally() -> None:
    edit = plain(change("a.py", "one\ntwo\nthree\n", "one\n2\nthree\n"))
    assert edit == {
        "documentChanges": [
            {
                "textDocument": {"uri": "file:///a.py", "version": 3},
                "edits": [
                    {
                        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}},
                        "newText": "2",
                    }
                ],
            }
        ]
    }


def test_a_new_file_is_created_and_filled_without_an_empty_line_behind_it() -> None:
    created, filled = plain(change("test_a.py", None, "text\n"))["documentChanges"]
    assert created == {"kind": "create", "uri": "file:///test_a.py"}
    assert filled["textDocument"] == {"uri": "file:///test_a.py", "version": None}
    assert filled["edits"][0]["range"]["end"] == {"line": 1, "character": 0}


def test_new_files_come_first_and_open_documents_last() -> None:
    parts = plain(
        change("open.py", "a", "b"),
        change("closed.py", "a", "b", version=None),
        change("new.py", None, "b"),
    )["documentChanges"]
    named = [part.get("uri") or part["textDocument"]["uri"] for part in parts]
    assert named == ["file:///new.py", "file:///new.py", "file:///closed.py", "file:///open.py"]


def test_a_client_without_versions_gets_plain_changes() -> None:
    assert list(plain(change("a.py", "a", "b"), support=BARE)) == ["changes"]


@pytest.mark.parametrize(
    ("support", "changes", "code"),
    [
        (EditSupport(), change("a.py", "a", "b"), "cannot-apply"),
        (BARE, change("a.py", None, "b"), "cannot-create"),
        (replace(FULL, can_create=False), change("a.py", None, "b"), "cannot-create"),
        (replace(FULL, can_delete=False), change("a.py", "a", None), "cannot-delete"),
    ],
)
def test_what_a_client_cannot_do_is_refused_whole(support: EditSupport, changes: FileChange, code: str) -> None:
    assert plain(change("b.py", "a", "b"), changes, support=support) == code


texts = st.text("ab\n\r\t é€😀\u2028\x0c", max_size=60)


@given(texts, texts, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_applied_by_an_editor_the_edits_give_the_new_text(before: str, after: str, encoding: Encoding) -> None:
    mirror = TextMirror(before, encoding)
    for edit in reversed(text_edits(before, after, encoding)):
        start, end = edit.range.start, edit.range.end
        mirror.replace(Position(start.line, start.character), Position(end.line, end.character), edit.new_text)
    assert mirror.text == after


def test_positions_count_in_the_clients_units() -> None:
    (edit,) = text_edits("😀a", "😀b", "utf-16")
    assert edit.range == types.Range(types.Position(0, 2), types.Position(0, 3))
