"""Edits given as JSON."""

import json

import pytest

from edits.check import check_reply
from tierwise.edits import ReplyFormat

BASE = {"a.py": "one = 1\ntwo = 2\nthree = 3\n"}
AFTER = {"a.py": "one = 1\ntwo = 22\nthree = 3\n"}

EDITS = [
    {"path": "a.py", "old_string": "two = 2", "new_string": "two = 22"},
    {"file_path": "a.py", "old_str": "two = 2\n", "new_str": "two = 22\n"},
    {"file": "a.py", "search": "two = 2", "replace": "two = 22"},
    {"old_text": "two = 2", "new_text": "two = 22"},
    {"path": "a.py", "edits": [{"oldText": "two = 2", "newText": "two = 22"}]},
    {"edits": [{"path": "a.py", "old": "two = 2", "new": "two = 22"}]},
    {"changes": {"a.py": [{"old": "two = 2", "new": "two = 22"}]}},
    [{"path": "a.py", "old_string": "two = 2", "new_string": "two = 22"}],
    {"path": "a.py", "start_line": 2, "end_line": 2, "new_text": "two = 22"},
    {"path": "a.py", "start_line": 2, "end_line": 2, "content": "two = 22\n"},
    {"path": "a.py", "edits": [{"start_line": 2, "end_line": 2, "replacement": ["two = 22"]}]},
    {"path": "a.py", "old_string": "two = 2  ", "new_string": "two = 22"},
    {"path": "a.py", "old_string": "one = 1\r\ntwo = 2\r\n", "new_string": "one = 1\r\ntwo = 22\r\n"},
    {"path": "a.py", "content": "one = 1\ntwo = 22\nthree = 3\n"},
    {"files": [{"path": "a.py", "content": "one = 1\ntwo = 22\nthree = 3"}]},
    {"files": {"a.py": "one = 1\ntwo = 22\nthree = 3\n"}},
]


@pytest.mark.parametrize("value", EDITS, ids=lambda value: json.dumps(value)[:60])
def test_shapes(value: object) -> None:
    check_reply(json.dumps(value), BASE, AFTER)
    check_reply(f"Here:\n\n```json\n{json.dumps(value, indent=2)}\n```\nDone.", BASE, AFTER, form=ReplyFormat.JSON)


def test_insertions_by_line() -> None:
    check_reply(
        '{"path": "a.py", "insert_line": 2, "new_text": "x = 0"}',
        BASE,
        {"a.py": "one = 1\nx = 0\ntwo = 2\nthree = 3\n"},
    )
    check_reply(
        '{"command": "insert", "path": "a.py", "insert_line": 3, "new_str": "x = 0"}',
        BASE,
        {"a.py": BASE["a.py"] + "x = 0\n"},
    )


def test_several_edits_all_count_lines_of_the_file_as_it_was() -> None:
    edits = [
        {"start_line": 1, "end_line": 1, "new_text": "a\nb\n"},
        {"start_line": 3, "end_line": 3, "new_text": "c\n"},
    ]
    check_reply(json.dumps({"path": "a.py", "edits": edits}), BASE, {"a.py": "a\nb\ntwo = 2\nc\n"})


def test_occurrences() -> None:
    base = {"a.py": "x y x z x\n"}
    check_reply('{"path": "a.py", "old_string": "x", "new_string": "a"}', base, "ambiguous-location")
    check_reply(
        '{"path": "a.py", "old_string": "x", "new_string": "a", "replace_all": true}', base, {"a.py": "a y a z a\n"}
    )
    thrice = [{"old_string": "x", "new_string": new} for new in "abc"]
    check_reply(json.dumps({"path": "a.py", "edits": thrice}), base, {"a.py": "a y b z c\n"})


def test_new_and_deleted_files() -> None:
    check_reply('{"path": "b.py", "content": "x"}', BASE, {"b.py": "x"})
    check_reply('{"path": "b.py", "old_string": "", "new_string": "x\\n"}', BASE, {"b.py": "x\n"})
    check_reply('{"path": "a.py", "delete": true}', BASE, {"a.py": None})


def test_literal_dollars_and_backslashes() -> None:
    value = {"path": "a.py", "old_string": "two = 2", "new_string": r"two = '\1 $& \n'"}
    check_reply(json.dumps(value), BASE, {"a.py": BASE["a.py"].replace("two = 2", r"two = '\1 $& \n'")})


def test_slips_of_syntax() -> None:
    check_reply('{"path": "a.py", "old_string": "two = 2", "new_string": "two = 22",}', BASE, AFTER)
    check_reply('{"path": "a.py", "old_string": "one = 1\ntwo = 2", "new_string": "one = 1\ntwo = 22"}', BASE, AFTER)


REFUSED = {
    "not there": ('{"path": "a.py", "old_string": "four", "new_string": "five"}', "quote-not-found"),
    "second not there": (
        '{"path": "a.py", "edits": [{"old": "two", "new": "2"}, {"old": "four", "new": "4"}]}',
        "quote-not-found",
    ),
    "past the end": ('{"path": "a.py", "start_line": 9, "end_line": 9, "new_text": "x"}', "wrong-lines"),
    "backwards": ('{"path": "a.py", "start_line": 3, "end_line": 1, "new_text": "x"}', "malformed-reply"),
    "overlapping": (
        '{"path": "a.py", "edits": [{"start_line": 1, "end_line": 2, "new_text": "x"},'
        ' {"start_line": 2, "end_line": 3, "new_text": "y"}]}',
        "overlapping-edits",
    ),
    "cut": ('{"path": "a.py", "old_string": "two = 2", "new_str', "no-edits"),
    "another file": ('{"path": "b.py", "old_string": "two", "new_string": "2"}', "wrong-file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused(name: str) -> None:
    reply, code = REFUSED[name]
    check_reply(reply, BASE, code)


def test_a_json_file_is_no_edit() -> None:
    base = {"package.json": '{\n  "name": "x",\n  "files": ["a"],\n  "content": "old"\n}\n'}
    reply = 'package.json\n```json\n{\n  "name": "x",\n  "files": ["a", "b"],\n  "content": "new"\n}\n```\n'
    check_reply(reply, base, {"package.json": reply.split("```json\n")[1].removesuffix("```\n")})
