"""What the user did not ask for and has to agree to before it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierwise.dispatch import FileChange
from tierwise.lsp.moves import find_moves


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to agree to."""

    id: str
    """Questions of one kind have one id."""
    label: str
    """What would happen, for a list of such changes."""
    why: str
    """The same for this file, as the end of a sentence."""


def questions(changes: Sequence[FileChange], *, may_create: bool) -> Mapping[str, Question]:
    """What to ask, by the URI of the change; `may_create` where a new file is what the user asked for."""
    found: dict[str, Question] = {}
    for move in find_moves(changes):
        moved = f"moves {move.gone.path.name!r} to {move.new.path.name!r}"
        found[move.gone.uri] = found[move.new.uri] = Question("move", "Move files", moved)
    for change in changes:
        name = change.path.name
        if change.uri in found:
            continue
        elif change.after is None:
            found[change.uri] = Question("delete", "Delete files", f"deletes {name!r}")
        elif change.before is None and not may_create:
            found[change.uri] = Question("create", "Create files", f"creates {name!r}")
    return found
