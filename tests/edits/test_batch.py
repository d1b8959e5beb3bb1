"""The batch form: one JSON object in, one out."""

import pytest

from edits.check import block
from tierwise.edits.batch import apply_batch_line, format_named, lsp_edits
from tierwise.edits.formats import ReplyFormat

BASE = {"a.py": "x = '\U0001f600'; y = 1\nz = 2\n"}


def test_files_and_edits() -> None:
    reply = block(BASE["a.py"], BASE["a.py"].replace("y = 1", "y = 3"))
    answer = apply_batch_line({"id": 7, "base": BASE, "reply": reply})
    assert answer == {
        "id": 7,
        "files": {"a.py": "x = '\U0001f600'; y = 3\nz = 2\n"},
        "edits": {
            "a.py": [
                {"range": {"start": {"line": 0, "character": 14}, "end": {"line": 0, "character": 15}}, "newText": "3"}
            ]
        },
    }


def test_edits_are_against_the_current_text() -> None:
    answer = apply_batch_line(
        {
            "id": "s",
            "format": "search_replace",
            "base": BASE,
            "current": {"a.py": "new = 0\n" + BASE["a.py"]},
            "reply": block("z = 2\n", "z = 3\n"),
        }
    )
    assert answer["files"] == {"a.py": "new = 0\n" + BASE["a.py"].replace("z = 2", "z = 3")}
    assert answer["edits"] == {"a.py": lsp_edits("new = 0\n" + BASE["a.py"], answer["files"]["a.py"])}  # type: ignore[index]


def test_refusals_and_deletions() -> None:
    refused = apply_batch_line({"id": 1, "base": BASE, "reply": "no"})
    assert refused["rejected"] == {"code": "no-edits", "detail": "the reply holds no edit in a known form: 'no'"}
    gone = apply_batch_line({"id": 2, "base": BASE, "reply": "*** Begin Patch\n*** Delete File: a.py\n*** End Patch\n"})
    assert gone == {"id": 2, "files": {"a.py": None}, "edits": {}}


@pytest.mark.parametrize("line", [{}, {"id": 1}, {"id": 1, "base": {"a": 1}, "reply": "x"}, {"base": {}, "reply": 3}])
def test_lines_of_the_wrong_shape(line: dict[str, object]) -> None:
    answer = apply_batch_line(line)
    assert answer["rejected"]["code"] == "malformed-line"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("search_replace", "search-replace"), ("search-replace", "search-replace"),
        ("search_replace_cline", "search-replace"),
        ("unified_diff", "udiff"), ("UDIFF", "udiff"), ("apply_patch", "patch"), ("json_multi_edit", "json"),
        ("whole_file", "whole"), ("lazy_block", "whole"), ("something", "auto"), (None, "auto"),
    ],
)  # fmt: skip
def test_names_of_forms(name: object, form: str) -> None:
    assert format_named(name) is ReplyFormat(form)
