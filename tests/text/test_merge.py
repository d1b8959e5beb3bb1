"""Three-way merges."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tierwise.text import Rejection
from tierwise.text.lines import content, split_lines
from tierwise.text.merge import merge

BASE = "one\ntwo\nthree\nfour\nfive\n"

MERGES = {
    "apart": ("one\nTWO\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n", "one\nTWO\nthree\nfour\nFIVE\n"),
    "neighbors": ("one\nTWO\nthree\nfour\nfive\n", "one\ntwo\nTHREE\nfour\nfive\n", "one\nTWO\nTHREE\nfour\nfive\n"),
    "insert before a changed line": (
        "one\nnew\ntwo\nthree\nfour\nfive\n",
        "one\nTWO\nthree\nfour\nfive\n",
        "one\nnew\nTWO\nthree\nfour\nfive\n",
    ),
    "same change": ("one\nTWO\nthree\nfour\nfive\n", "one\nTWO\nthree\nfour\nFIVE\n", "one\nTWO\nthree\nfour\nFIVE\n"),
    "deleted and changed elsewhere": ("one\nfour\nfive\n", "ONE\ntwo\nthree\nfour\nfive\n", "ONE\nfour\nfive\n"),
    "line endings changed": (
        "one\nTWO\nthree\nfour\nfive\n",
        "one\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n",
        "one\r\nTWO\r\nthree\r\nfour\r\nFIVE\r\n",
    ),
}

CONFLICTS = {
    "same line": ("one\nTWO\nthree\nfour\nfive\n", "one\nzwei\nthree\nfour\nfive\n"),
    "same place": ("one\nnew\ntwo\nthree\nfour\nfive\n", "one\nneu\ntwo\nthree\nfour\nfive\n"),
    "inside deleted lines": ("one\nfive\n", "one\ntwo\nnew\nthree\nfour\nfive\n"),
    "deleted what was changed": ("one\nTWO\nthree\nfour\nfive\n", "one\nthree\nfour\nfive\n"),
}


@pytest.mark.parametrize("name", MERGES)
def test_changes_in_different_places_merge(name: str) -> None:
    theirs, current, merged = MERGES[name]
    assert merge(BASE, theirs, current) == merged


@pytest.mark.parametrize("name", CONFLICTS)
def test_real_conflicts_are_refused(name: str) -> None:
    theirs, current = CONFLICTS[name]
    result = merge(BASE, theirs, current)
    assert isinstance(result, Rejection)
    assert result.code == "conflict"


texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\r\n", "e"]), max_size=8).map("".join)


@given(texts, texts)
def test_one_sided_changes_are_taken_as_they_are(base: str, changed: str) -> None:
    assert merge(base, changed, base) == changed
    assert merge(base, base, changed) == changed
    assert merge(base, changed, changed) == changed


@given(st.lists(st.integers(0, 30), min_size=4, max_size=30, unique=True), st.data())
def test_disjoint_line_changes_always_merge(numbers: list[int], data: st.DataObject) -> None:
    base = [f"line {n}\n" for n in numbers]
    owners = [data.draw(st.sampled_from("-mt")) for _ in base]
    theirs = "".join(line.upper() if who == "t" else line for line, who in zip(base, owners, strict=True))
    current = "".join(f"my {line}" if who == "m" else line for line, who in zip(base, owners, strict=True))
    both = "".join(
        line.upper() if who == "t" else f"my {line}" if who == "m" else line
        for line, who in zip(base, owners, strict=True)
    )
    assert merge("".join(base), theirs, current) == both
    assert merge("".join(base), current, theirs) == both


@example(base="a\n", theirs="a\nb\n", current="e")
@given(texts, texts, texts)
def test_nothing_of_the_users_newer_text_is_lost(base: str, theirs: str, current: str) -> None:
    merged = merge(base, theirs, current)
    if isinstance(merged, Rejection):
        assert merged.code == "conflict"
        return
    mine = Counter(split_lines(current)) - Counter(split_lines(base))
    lost = mine - Counter(split_lines(merged))
    # The user's last line, if it has no break, gets one when something stands behind it now.
    last = (split_lines(current) or [""])[-1]
    assert not lost or (set(lost) == {last} and content(last) == last and last in map(content, split_lines(merged)))
