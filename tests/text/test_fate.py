"""What became of an edit, told from three texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.text.fate import Fate, fate_of

BEFORE = "import os\n\ndef double(n):\n    return n * 2\n\ndef half(n):\n    return n / 2\n"
AFTER = BEFORE.replace("double(n):\n", 'double(n):\n    """Twice n."""\n')
REWRITTEN = BEFORE.replace("return n * 2", "return n + n")
SHORTER = BEFORE.replace("import os\n\n", "")
HEAD = "# new\n"
TAIL = "\ndef third(n):\n    return n / 3\n"

CASES: list[tuple[str, str, str, str, Fate]] = [
    ("nothing was done", BEFORE, AFTER, AFTER, "kept"),
    ("all was undone", BEFORE, AFTER, BEFORE, "undone"),
    ("only other places were edited", BEFORE, AFTER, HEAD + AFTER + TAIL, "kept"),
    ("undone beside other edits", BEFORE, AFTER, HEAD + BEFORE + TAIL, "undone"),
    ("edited inside", BEFORE, AFTER, AFTER.replace("Twice n", "Two times n"), "changed"),
    ("edited inside and elsewhere", BEFORE, AFTER, HEAD + AFTER.replace("Twice", "2 *"), "changed"),
    ("a line after it", BEFORE, AFTER, AFTER.replace("* 2\n", "* 2  # fast\n"), "kept"),
    ("a rewrite undone", BEFORE, REWRITTEN, HEAD + BEFORE, "undone"),
    ("a rewrite rewritten", BEFORE, REWRITTEN, BEFORE.replace("return n * 2", "return 2 * n"), "changed"),
    ("its function deleted", BEFORE, REWRITTEN, "import os\n\ndef half(n):\n    return n / 2\n", "changed"),
    ("only white space", BEFORE, AFTER, AFTER.replace('    """Twice n."""\n', '    """Twice n."""\n\n'), "kept"),
    ("indentation", BEFORE, REWRITTEN, REWRITTEN.replace("    return n + n", "  return n + n"), "kept"),
    ("a format undone", "a = 1;b=2\n", "a = 1; b = 2\n", "# x\na = 1;b=2\n", "undone"),
    (
        "a deletion kept",
        BEFORE,
        BEFORE.replace("import os\n\n", ""),
        BEFORE.replace("import os\n\n", "") + TAIL,
        "kept",
    ),
    ("a deletion undone", BEFORE, SHORTER, BEFORE + TAIL, "undone"),
    ("one of two places undone", "a\nb\nc\n", "A\nb\nC\n", "A\nb\nc\n", "changed"),
    ("a new file kept", "", "x = 1\n", "x = 1\n", "kept"),
    ("a new file emptied", "", "x = 1\n", "", "undone"),
    ("a file emptied", BEFORE, AFTER, "", "changed"),
    ("no edit at all, text elsewhere", "a\n", "a\n", "b\n", "changed"),
]


@pytest.mark.parametrize(("before", "after", "now", "fate"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_fates(before: str, after: str, now: str, fate: Fate) -> None:
    assert fate_of(before, after, now) == fate


_LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "  c\n", "é😀\r\n"]), max_size=8).map("".join)
_OTHER = st.lists(st.sampled_from(["# one\n", "# two\n", "# three\n"]), max_size=4).map("".join)


@given(_LINES, _LINES, _LINES)
def test_any_texts_have_a_fate(before: str, after: str, now: str) -> None:
    assert fate_of(before, after, now) in ("kept", "changed", "undone")
    assert fate_of(before, after, after) == "kept"
    assert before == after or fate_of(before, after, before) == "undone"


@given(_OTHER, _OTHER, st.booleans())
def test_edits_far_away_do_not_matter(head: str, tail: str, is_undone: bool) -> None:
    now = head + (BEFORE if is_undone else AFTER) + tail
    assert fate_of(BEFORE, AFTER, now) == ("undone" if is_undone else "kept")
