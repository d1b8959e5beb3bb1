"""Comments that stand for code left out are found, and those of real programs are not taken for such."""

import os
from pathlib import Path

import pytest

from edits.elisions import ELISIONS
from tierwise.edits import find_elision
from tierwise.text import Rejection


def test_elisions_are_caught() -> None:
    missed = [text for text in ELISIONS if find_elision("", f"x = 1\n\n    {text}\n\ny = 2\n", "javascript") is None]
    assert len(ELISIONS) >= 200
    assert len(missed) <= 0.03 * len(ELISIONS), missed


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_bare_dots(language: str) -> None:
    found = find_elision("def f(): pass\n", "def f():\n    ...\n", language)
    assert isinstance(found, Rejection) is (language != "python")


def test_what_was_there_before_is_no_elision() -> None:
    text = "# ... existing code ...\nx = 1\n"
    assert find_elision(text, text, "python") is None
    again = find_elision(text, text + text, "python")
    assert isinstance(again, Rejection)
    assert again.code == "elided-code"
    assert "line 3" in again.detail


def test_dots_in_longer_comments_are_prose() -> None:
    assert find_elision("", "# Values may be\n# ...\n# or nothing at all.\nx = 1\n", "python") is None


@pytest.mark.slow
def test_comments_of_real_programs_pass() -> None:
    n_comments, alike = 0, []
    for path in Path(os.__file__).parent.rglob("*.py"):
        if "site-packages" in path.parts:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        comments = [n for n, line in enumerate(text.split("\n")) if line.lstrip().startswith("#")]
        n_comments += len(comments)
        while comments and (found := find_elision("", text, "python")) is not None:
            alike.append((path.name, found.detail))
            line = int(found.detail.split()[1]) - 1
            lines = text.split("\n")
            lines[line] = ""
            text = "\n".join(lines)
    assert n_comments > 50_000
    assert len(alike) <= 0.0002 * n_comments, alike
