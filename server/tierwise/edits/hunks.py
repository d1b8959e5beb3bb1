"""Marked lines, as unified diffs and patches share them."""

from collections.abc import Sequence

from tierwise.edits.blocks import Mark, Quote


def quote_of_hunk(
    lines: Sequence[str], number: int | None = None, anchors: tuple[str, ...] = (), *, is_at_end: bool = False
) -> Quote:
    """The quote that a hunk's body is.

    A line without a mark is context. A blank in front of a line is its mark; should the quote not be found so, it is
    read as part of the line, since models forget the mark.
    """
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    body = [line for line in lines[:end] if not line.startswith("\\ No newline")]
    script = [_marked(line) for line in body]
    whole = [(mark, line if mark == " " else text) for (mark, text), line in zip(script, body, strict=True)]
    quote = _quote(script, number, anchors, (), is_at_end=is_at_end)
    if whole == script:
        return quote
    other = _quote(whole, number, anchors, (), is_at_end=is_at_end)
    return _quote(script, number, anchors, (other,), is_at_end=is_at_end)


def _marked(line: str) -> tuple[Mark, str]:
    if line[:1] == "+":
        return "+", line[1:]
    if line[:1] == "-":
        return "-", line[1:]
    return " ", line.removeprefix(" ")


def _quote(
    script: list[tuple[Mark, str]],
    line: int | None,
    anchors: tuple[str, ...],
    alternatives: tuple[Quote, ...],
    *,
    is_at_end: bool,
) -> Quote:
    return Quote(
        old=tuple(text for mark, text in script if mark != "+"),
        new=tuple(text for mark, text in script if mark != "-"),
        script=tuple(script),
        line=line,
        anchors=anchors,
        alternatives=alternatives,
        is_at_end=is_at_end,
    )
