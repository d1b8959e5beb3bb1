"""The mirror's text is the editor's text, whatever the editor does."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp.reference import BREAK, reference_offset
from tierwise.lsp.mirror import TextMirror
from tierwise.text.lines import Encoding, Position

ALPHABET = "ab\t\n\r\x0b\x0c\x1c\x85\u2028\u2029é€😀👩\u200d\ud800"
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def check_edits(text: str, edits: list[tuple[Position, Position, str]], encoding: Encoding) -> None:
    """Apply edits to the mirror and to a plain string; they must agree after each."""
    mirror = TextMirror(text, encoding)
    for start, end, new_text in edits:
        one, other = (reference_offset(text, at.line, at.character, encoding) for at in (start, end))
        low, high = sorted((one, other))
        assert (mirror.offset(start), mirror.offset(end)) == (one, other)
        mirror.replace(start, end, new_text)
        text = text[:low] + new_text + text[high:]
        assert mirror.text == text
        assert mirror.n_lines == len(BREAK.findall(text)) + 1


positions = st.builds(Position, st.integers(0, 8), st.integers(0, 12))
edits = st.lists(st.tuples(positions, positions, st.text(ALPHABET, max_size=6)), max_size=8)


@settings(max_examples=400, deadline=None)
@given(st.text(ALPHABET, max_size=40), edits, st.sampled_from(ENCODINGS))
def test_follows_any_sequence_of_edits(
    text: str, changes: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    check_edits(text, changes, encoding)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a\rX\nb", (Position(1, 0), Position(1, 1), "")),
        ("a\r\nb", (Position(0, 1), Position(0, 1), "\r")),
        ("a\nb", (Position(0, 1), Position(0, 1), "\r")),
        ("abc", (Position(0, 0), Position(0, 99), "X")),
        ("abc\nd", (Position(0, 4), Position(0, 4), "X")),
        ("", (Position(0, 0), Position(5, 5), "x\n")),
        ("a\n", (Position(1, 0), Position(1, 0), "b")),
        ("a\x0cb\nc", (Position(1, 0), Position(1, 1), "")),
        ("one\ntwo", (Position(1, 2), Position(0, 1), "-")),
    ],
    ids=["halves", "into-crlf", "make-crlf", "over-long", "keep-break", "empty", "last-line", "form-feed", "reversed"],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_edges(text: str, edit: tuple[Position, Position, str], encoding: Encoding) -> None:
    check_edits(text, [edit], encoding)


@pytest.mark.slow
def test_half_a_million_random_edits() -> None:
    draw = random.Random(20261122)  # noqa: S311 - a test that can be repeated.
    for _ in range(10_000):
        text = "".join(draw.choices(ALPHABET, k=draw.randrange(60)))
        encoding = draw.choice(ENCODINGS)
        changes = [
            (
                Position(draw.randrange(10), draw.randrange(14)),
                Position(draw.randrange(10), draw.randrange(14)),
                "".join(draw.choices(ALPHABET, k=draw.randrange(5))),
            )
            for _ in range(50)
        ]
        check_edits(text, changes, encoding)
