"""Cases as plain text: what is written is what is read."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.evals.case_text import document_of, text_of

LINES = st.sampled_from(
    ["", "x = 1", "==== right", "\\==== file a", "\\\\==== x", "=======", "====", "\t\u2028y", "é\x0cz", "{"]
)
TEXTS = st.lists(LINES, max_size=5).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(file=TEXTS, hidden=TEXTS, right=st.lists(TEXTS, min_size=1, max_size=2), wrong=st.lists(TEXTS, max_size=2))
def test_a_case_is_read_as_it_was_written(file: str, hidden: str, right: list[str], wrong: list[str]) -> None:
    document = {
        "id": "a",
        "action": "do",
        "files": {"src/a b.py": file},
        "tests": {"runner": "python", "run": "check.py", "files": {"check.py": hidden}},
        "right": sorted(right, key=lambda text: not text),
        "wrong": wrong,
    }
    read = document_of(text_of(document))
    assert sorted(read.pop("right")) == sorted(right)
    assert sorted(read.pop("wrong", [])) == sorted(wrong)
    assert read == {name: value for name, value in document.items() if name not in ("right", "wrong")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "starts with a line '==== case'"),
        ("words\n==== case\n{}\n", "something stands before"),
        ("==== file a.py\nx\n", "starts with a line '==== case'"),
        ("==== case\n[]\n", "is a JSON object"),
        ("==== case\n{\n", "Expecting property name"),
        ("==== case\n{}\n==== file\nx\n", "names no file"),
        ("==== case\n{}\n==== files a\nx\n", "names no part of a case"),
        ("==== case\n{}\n==== case\n{}\n", "stands once"),
    ],
)
def test_what_is_no_case_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        document_of(text)


def test_a_text_without_a_last_line_break_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="line break"):
        text_of({"id": "a", "files": {"a.py": "x = 1"}})
    assert json.loads(text_of({"id": "a"}).partition("\n")[2]) == {"id": "a"}
