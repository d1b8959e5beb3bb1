"""Lines and positions, against a reference that walks the text character by character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.text.lines import Encoding, LineIndex, Position, content, rising_positions, split_lines
from tierwise.text.spans import Span

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
ALPHABET = "ab\n\r\t\f\v\x1c\x1d\x1e\x85\u2028\u2029é€\U0001f600\ud800\ufeff\u200d"
texts = st.text(alphabet=ALPHABET, max_size=40) | st.lists(
    st.sampled_from(["x = 1", "é\U0001f600", "\r\n", "\n", "\r", "\u2028", ""]), max_size=20
).map("".join)


def walk(text: str, encoding: Encoding) -> list[tuple[int, int]]:
    """Line and character of every offset, as a person with a pencil finds them."""
    places = []
    line = character = 0
    for at, sign in enumerate(text):
        places.append((line, character))
        if sign == "\n" or (sign == "\r" and text[at + 1 : at + 2] != "\n"):
            line, character = line + 1, 0
        elif sign != "\r":
            code = ord(sign)
            widths = {
                "utf-8": 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF),
                "utf-16": 1 + (code > 0xFFFF),
                "utf-32": 1,
            }
            character += widths[encoding]
    return [*places, (line, character)]


@given(texts, st.sampled_from(ENCODINGS))
def test_positions_agree_with_the_reference(text: str, encoding: Encoding) -> None:
    index = LineIndex(text)
    places = walk(text, encoding)
    assert index.n_lines == places[-1][0] + 1
    for offset, (line, character) in enumerate(places):
        position = index.position(offset, encoding)
        assert (position.line, position.character) == (line, character)
        if text[offset - 1 : offset + 1] != "\r\n" or offset == 0:
            assert index.offset(position, encoding) == offset


@given(
    st.text("ab\r\n\u00e9\U0001f600\u2028", max_size=30),
    st.lists(st.integers(0, 30), max_size=6).map(sorted),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_rising_positions_are_those_of_the_index(text: str, offsets: list[int], encoding: Encoding) -> None:
    index = LineIndex(text)
    assert rising_positions(text, offsets, encoding) == [index.position(at, encoding) for at in offsets]


@given(texts, st.sampled_from(ENCODINGS), st.integers(-2, 12), st.integers(-2, 60))
def test_any_position_is_clamped_to_the_content_of_its_line(
    text: str, encoding: Encoding, line: int, character: int
) -> None:
    index = LineIndex(text)
    offset = index.offset(Position(line, character), encoding)
    if line < 0:
        assert offset == 0
    elif index.n_lines <= line:
        assert offset == len(text)
    else:
        span = index.line_span(line)
        assert span.start <= offset <= span.end
        assert index.position(offset, encoding).character <= max(character, 0)
        if offset < span.end:
            assert max(character, 0) < index.position(offset + 1, encoding).character


@given(texts)
def test_split_lines_loses_nothing_and_agrees_with_the_index(text: str) -> None:
    lines = split_lines(text)
    index = LineIndex(text)
    assert "".join(lines) == text
    assert [content(line) for line in lines] == [
        text[index.line_span(n).start : index.line_span(n).end] for n in range(len(lines))
    ]
    assert index.n_lines == len(lines) + (not text or text[-1] in "\r\n")


def test_a_position_inside_a_surrogate_pair_is_the_start_of_the_character() -> None:
    assert LineIndex("a\U0001f600b").offset(Position(0, 2), "utf-16") == 1


def test_line_span_of_a_missing_line() -> None:
    assert LineIndex("a\r\nb").line_span(0) == Span(0, 1)
    with pytest.raises(IndexError):
        LineIndex("a").line_span(1)
