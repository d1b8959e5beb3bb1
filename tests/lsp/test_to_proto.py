"""Edits reach every kind of client in the best form it understands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import converters, types

from lsp.reference import reference_apply
from tierwise.dispatch import FileChange
from tierwise.lsp.batches import batches
from tierwise.lsp.client import EditSupport
from tierwise.lsp.consent import questions
from tierwise.lsp.to_proto import text_edits, workspace_edit
from tierwise.text import Rejection, Snapshot
from tierwise.text.lines import Encoding

FULL = EditSupport(can_apply=True, has_document_changes=True, can_create=True, can_rename=True, can_delete=True)
CONFIRMING = replace(FULL, can_confirm=True)
NEOVIM = replace(FULL, checks_all_versions=False, creates_over=True)
BARE = EditSupport(can_apply=True)
CONVERTER = converters.get_converter()


def change(name: str, before: str | None, after: str | None, version: int | None = 3) -> FileChange:
    """A change of one file; `before` None makes it new."""
    uri = f"file:///{name}"
    snapshot = None if before is None else Snapshot(uri=uri, text=before, language="python", version=version)
    return FileChange(path=Path("/") / name, uri=uri, language="python", before=snapshot, after=after)


def plain(*changes: FileChange, support: EditSupport = FULL, may_create: bool | None = None) -> Any:
    """The workspace edit as it goes over the wire; the code where there is none. `may_create` None asks for nothing."""
    asked = {} if may_create is None else questions(changes, may_create=may_create)
    edit = workspace_edit(changes, support, "utf-16", asked)
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


def names(parts: Any) -> list[str]:
    """What each part of an edit is about."""
    found = (part.get("uri") or part.get("oldUri") or part["textDocument"]["uri"] for part in parts)
    return [str(uri).rpartition("/")[2] for uri in found]


def test_new_files_come_first_and_open_documents_late_and_deletions_last() -> None:
    parts = plain(
        change("gone.py", "x", None),
        change("open.py", "a", "b"),
        change("closed.py", "a", "b", version=None),
        change("new.py", None, "b"),
        change("old_name.py", "1\n2\n3\n", None),
        change("new_name.py", None, "1\n2\n4\n"),
    )["documentChanges"]
    assert names(parts) == [
        *("new.py", "new.py", "closed.py"),
        *("old_name.py", "old_name.py", "open.py", "gone.py"),
    ]


def test_a_moved_file_is_changed_at_its_version_and_then_renamed() -> None:
    parts = plain(change("a.py", "1\n2\n3\n", None), change("b.py", None, "1\n2\n4\n"))["documentChanges"]
    edit, rename = parts
    assert edit["textDocument"] == {"uri": "file:///a.py", "version": 3}
    assert reference_apply("1\n2\n3\n", edit["edits"]) == "1\n2\n4\n"
    assert rename == {"kind": "rename", "oldUri": "file:///a.py", "newUri": "file:///b.py"}


def test_a_client_that_cannot_rename_deletes_and_creates() -> None:
    changes = change("a.py", "1\n2\n", None), change("b.py", None, "1\n2\n")
    parts = plain(*changes, support=replace(FULL, can_rename=False))["documentChanges"]
    assert [part.get("kind") for part in parts] == ["create", None, "delete"]


def test_an_empty_new_file_is_only_created() -> None:
    (created,) = plain(change("__init__.py", None, ""))["documentChanges"]
    assert created["kind"] == "create"


def test_a_client_that_would_empty_a_file_leaves_one_that_is_there_alone(tmp_path: Path) -> None:
    for path, options in ((tmp_path / "a.py", {"ignoreIfExists": True}), (tmp_path / "no" / "a.py", None)):
        new = FileChange(path=path, uri=path.as_uri(), language="python", before=None, after="text\n")
        created, _ = plain(new, support=NEOVIM)["documentChanges"]
        assert created.get("options") == options


def test_what_nobody_asked_for_has_to_be_confirmed() -> None:
    changes = change("new.py", None, "b"), change("gone.py", "x", None), change("open.py", "a", "b")
    edit = plain(*changes, support=CONFIRMING, may_create=False)
    assert edit["changeAnnotations"] == {
        "create": {"label": "Create files", "needsConfirmation": True},
        "delete": {"label": "Delete files", "needsConfirmation": True},
    }
    created, filled, opened, gone = edit["documentChanges"]
    assert (created["annotationId"], gone["annotationId"]) == ("create", "delete")
    assert [one["annotationId"] for one in filled["edits"]] == ["create"]
    assert "annotationId" not in opened["edits"][0]


def test_a_new_file_that_was_asked_for_is_made_at_once() -> None:
    edit = plain(change("test_a.py", None, "b"), support=CONFIRMING, may_create=True)
    assert "changeAnnotations" not in edit


def test_a_moved_file_is_one_question() -> None:
    changes = change("a.py", "1\n", None), change("b.py", None, "1\n")
    assert {question.why for question in questions(changes, may_create=True).values()} == {"moves 'a.py' to 'b.py'"}
    assert plain(*changes, support=FULL, may_create=True) == "needs-consent"


def test_a_client_that_checks_only_the_first_version_gets_one_open_document_at_a_time() -> None:
    changes = [
        change("gone.py", "x", None),
        change("one.py", "a", "b"),
        change("closed.py", "a", "b", version=None),
        change("two.py", "a", "b"),
        change("new.py", None, "b"),
    ]
    assert batches(changes, NEOVIM) == [[2, 4], [1], [3], [0]]
    assert batches(changes, FULL) == [[0, 1, 2, 3, 4]]


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
    edits = CONVERTER.unstructure(text_edits(before, after, encoding))
    assert reference_apply(before, edits, encoding) == after


def test_positions_count_in_the_clients_units() -> None:
    (edit,) = text_edits("😀a", "😀b", "utf-16")
    assert edit.range == types.Range(types.Position(0, 2), types.Position(0, 3))
