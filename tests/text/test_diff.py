"""Differences between texts: applying them is identity, in every encoding a client may choose."""

from hypothesis import given
from hypothesis import strategies as st

from tierwise.text import Span, TextEdit, apply_edits
from tierwise.text.diff import diff
from tierwise.text.lines import Encoding, LineIndex

pieces = st.sampled_from(
    [
        "a\n",
        "b\n",
        "c\r\n",
        "d\r",
        "\n",
        "\r\n",
        "é\U0001f600\n",
        "\u2028x\n",
        "\f\n",
        "tail",
        "\ud800\n",
        "x\x85y\r\n",
        "\x0b\x1c\u2029z\r",
    ]
)
texts = st.lists(pieces, max_size=12).map("".join) | st.text(alphabet="ab\r\n\U0001f600\u2028", max_size=20)


def through_positions(text: str, edits: tuple[TextEdit, ...], encoding: Encoding) -> list[TextEdit]:
    """The edits after a trip through line and character."""
    index = LineIndex(text)
    there = [(index.position(e.span.start, encoding), index.position(e.span.end, encoding)) for e in edits]
    return [
        TextEdit(Span(index.offset(start, encoding), index.offset(end, encoding)), edit.new_text)
        for (start, end), edit in zip(there, edits, strict=True)
    ]


@given(texts, texts, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_applying_a_diff_is_identity(before: str, after: str, encoding: Encoding) -> None:
    edits = diff(before, after)
    assert apply_edits(before, edits) == after
    assert apply_edits(before, through_positions(before, edits, encoding)) == after


def test_equal_texts_need_no_edit() -> None:
    assert diff("a\nb\n", "a\nb\n") == ()


def test_scattered_changes_stay_apart_and_small() -> None:
    lines = [f"value_{n} = {n}\n" for n in range(3000)]
    changed = list(lines)
    for n in range(100, 3000, 290):
        changed[n] = changed[n].replace("valu", "tota")
    edits = diff("".join(lines), "".join(changed))
    assert len(edits) == 10
    assert all(edit.new_text == "tota" and edit.span.end - edit.span.start == 4 for edit in edits)


def test_a_large_rewrite_is_split_at_lines_that_occur_once() -> None:
    before = [f"line {n} {'x' * (n % 7)}\n" for n in range(9000)]
    after = [line.upper() if n % 3 else line for n, line in enumerate(before)]
    edits = diff("".join(before), "".join(after))
    assert apply_edits("".join(before), edits) == "".join(after)
    assert len(edits) == 3000


def test_nothing_is_cut_inside_a_carriage_return_line_feed() -> None:
    assert diff("a\r\nb", "a\nb") == (TextEdit(Span(1, 3), "\n"),)
    assert diff("a\r\nb", "a\rb") == (TextEdit(Span(1, 3), "\r"),)


def test_an_insertion_among_repeated_lines_is_seen_after_the_old_ones() -> None:
    before = "def f():\n    a\n    return\n\nend\n"
    added = "def g():\n    b\n    return\n\n"
    (edit,) = diff(before, before.replace("end", f"{added}end"))
    assert edit == TextEdit(Span(before.index("end"), before.index("end")), added)
