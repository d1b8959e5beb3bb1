"""Positions and edits as the protocol defines them, found character by character and without the package's own code."""

import re
from typing import Any

BREAK = re.compile("\r\n|\r|\n")
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def reference_offset(text: str, line: int, character: int, encoding: str = "utf-16") -> int:
    """Where an editor puts a position."""
    breaks = list(BREAK.finditer(text))
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(text)]
    if line >= len(starts):
        return len(text)
    codec, size = UNITS[encoding]
    offset, units = starts[line], 0
    while offset < ends[line]:
        units += len(text[offset].encode(codec, "surrogatepass")) // size
        if character < units:
            break
        offset += 1
    return offset


def reference_position(text: str, offset: int, encoding: str = "utf-16") -> dict[str, int]:
    """The position an editor has for an offset."""
    breaks = [found.end() for found in BREAK.finditer(text, 0, offset)]
    start = breaks[-1] if breaks else 0
    codec, size = UNITS[encoding]
    return {"line": len(breaks), "character": len(text[start:offset].encode(codec, "surrogatepass")) // size}


def reference_apply(text: str, edits: list[Any], encoding: str = "utf-16") -> str:
    """Apply the plain text edits of one document, all made for the same text."""
    placed = []
    for edit in edits:
        start, end = edit["range"]["start"], edit["range"]["end"]
        low = reference_offset(text, start["line"], start["character"], encoding)
        high = reference_offset(text, end["line"], end["character"], encoding)
        assert low <= high, "an edit ends before it begins"
        placed.append((low, high, edit["newText"]))
    placed.sort(key=lambda one: one[:2])
    pieces, done = [], 0
    for low, high, new_text in placed:
        assert done <= low, "two edits overlap"
        pieces += [text[done:low], new_text]
        done = high
    return "".join(pieces) + text[done:]
