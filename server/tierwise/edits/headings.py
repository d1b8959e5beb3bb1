"""Which file a block of a reply is about, read from the lines around it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tierwise.edits.fences import Fence, fence_info
from tierwise.edits.indentation import is_blank
from tierwise.edits.paths import path_in_info, path_of_heading, paths_mentioned

_N_LINES_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """What the lines above a block say about its file."""

    path: str | None
    is_doubtful: bool = False
    """Whether several files are mentioned, so that nothing may be concluded."""


def heading_above(lines: Sequence[str], start: int, stop: int, known: Collection[str]) -> Heading:
    """The file named by the nearest lines above `start`, none of them at or before `stop`."""
    n_seen = 0
    for at in range(start - 1, stop, -1):
        line = lines[at]
        info = fence_info(line)
        if info is not None:
            path = path_in_info(info, known)
            if path is not None:
                return Heading(path)
        if info is not None or is_blank(line):
            continue
        path = path_of_heading(line, known)
        if path is not None:
            return Heading(path)
        mentioned = paths_mentioned(line, known)
        if mentioned:
            return Heading(mentioned[0]) if len(mentioned) == 1 else Heading(None, is_doubtful=True)
        n_seen += 1
        if n_seen == _N_LINES_ABOVE:
            break
    return Heading(None)


def heading_of_fence(lines: Sequence[str], fence: Fence, stop: int, known: Collection[str]) -> Heading:
    """The file a fenced block is about: named on its opening line, else above it."""
    path = path_in_info(fence.info, known)
    return Heading(path) if path is not None else heading_above(lines, fence.start, stop, known)
