"""Quotes that begin or end in the middle of a line."""

import re
from collections.abc import Sequence

from tierwise.text.merge import LineChange

_N_LEAST = 4
_HARMLESS = re.compile(r"[\s)\]},;:]*(?:(?:#|//|/\*|--|<!--).*)?")


def change_inside(lines: Sequence[str], old: Sequence[str], new: Sequence[str]) -> list[LineChange]:
    """The changes for every place where the quote stands character by character, whole words at both ends.

    Blank lines around the quote do not count. Very short quotes stand nowhere.
    """
    text, quote, fresh = "\n".join(lines), "\n".join(old).strip("\n"), "\n".join(new).strip("\n")
    if len(quote.strip()) < _N_LEAST:
        return []
    changes: list[LineChange] = []
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        end_of_line = text.find("\n", end) if "\n" in text[end:] else len(text)
        rest = _kept_rest(text[end:end_of_line], quote, fresh)
        if not _cuts_word(text, at) and not _cuts_word(text, end) and rest is not None:
            start_of_line = text.rfind("\n", 0, at) + 1
            replaced = text[start_of_line:at] + fresh + rest
            first, last = text.count("\n", 0, start_of_line), text.count("\n", 0, end_of_line)
            changes.append(LineChange(first, last + 1, tuple(replaced.split("\n"))))
        at = text.find(quote, at + 1)
    return changes


def _kept_rest(rest: str, quote: str, fresh: str) -> str | None:
    """What stays of the line after the quote; None when the quote rather breaks off in the middle of the line.

    Nothing stays when the new lines end in it already. A quote of several lines may leave out a comment or closing
    signs, nothing else.
    """
    if rest.strip() and fresh.endswith(rest.rstrip()):
        return ""
    if "\n" in quote and not _HARMLESS.fullmatch(rest):
        return None
    return None if fresh and _cuts_word(fresh + rest, len(fresh)) else rest


def _cuts_word(text: str, at: int) -> bool:
    return re.match(r"\w\w", text[at - 1 : at + 1]) is not None if 0 < at else False
