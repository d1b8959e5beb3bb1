"""Lines that hold certain signs, found without looking at every line."""

from collections.abc import Iterable


def lines_with(text: str, signs: Iterable[str]) -> list[int]:
    """The numbers of the lines of a text, ended by `\\n`, that hold one of the signs, in order."""
    places: set[int] = set()
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            places.add(at)
            end = text.find("\n", at)
            at = text.find(sign, end) if end >= 0 else -1
    numbers: list[int] = []
    line = done = 0
    for at in sorted(places):
        line, done = line + text.count("\n", done, at), at
        if not numbers or numbers[-1] != line:
            numbers.append(line)
    return numbers
