"""Files that go away and come back under another name."""

from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.dispatch import FileChange
from tierwise.text.diff import diff_lines
from tierwise.text.lines import split_lines

_ALIKE = 0.5
"""A new file that shares so much with one that goes away is that file, moved; git draws the line there too."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file under a new name, perhaps with a new text."""

    gone: FileChange
    new: FileChange


def find_moves(changes: Sequence[FileChange]) -> tuple[Move, ...]:
    """The pairs of a deleted and a new file that are one file moved, the most alike first; each file is in one pair."""
    gone = [change for change in changes if change.after is None and change.before is not None]
    new = [change for change in changes if change.before is None and change.after is not None]
    pairs = [(_likeness(one, other), i, j) for i, one in enumerate(gone) for j, other in enumerate(new)]
    moves: list[Move] = []
    taken: set[tuple[str, int]] = set()
    for likeness, i, j in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness < _ALIKE or ("gone", i) in taken or ("new", j) in taken:
            continue
        taken |= {("gone", i), ("new", j)}
        moves.append(Move(gone[i], new[j]))
    return tuple(moves)


def _likeness(gone: FileChange, new: FileChange) -> float:
    """Lines the two texts share, as a part of all their lines."""
    old_lines = split_lines(gone.before.text if gone.before is not None else "")
    new_lines = split_lines(new.after or "")
    if not old_lines and not new_lines:
        return 1.0
    n_changed = sum(hunk.end - hunk.start for hunk in diff_lines(old_lines, new_lines))
    return 2 * (len(old_lines) - n_changed) / (len(old_lines) + len(new_lines))
