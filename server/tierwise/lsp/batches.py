"""Which changes may travel in one edit."""

from collections.abc import Sequence

from tierwise.dispatch import FileChange
from tierwise.lsp.client import EditSupport
from tierwise.lsp.moves import find_moves


def batches(changes: Sequence[FileChange], support: EditSupport) -> list[list[int]]:
    """The changes' numbers in the order in which to send them, those of one edit together.

    Most clients take everything at once. One that holds only the first part of an edit against its version gets what
    is not open in one edit, then every open document in an edit of its own.
    """
    if support.checks_all_versions or not support.has_document_changes:
        return [list(range(len(changes)))] if changes else []
    by_uri = {change.uri: number for number, change in enumerate(changes)}
    moves = find_moves(changes) if support.can_rename else ()
    alone = [[by_uri[move.gone.uri], by_uri[move.new.uri]] for move in moves]
    moved = {number for pair in alone for number in pair}
    together: list[int] = []
    gone: list[int] = []
    for number, change in enumerate(changes):
        if number in moved:
            continue
        if change.after is None:
            gone.append(number)
        elif change.before is None or change.before.version is None:
            together.append(number)
        else:
            alone.append([number])
    return [batch for batch in (together, *alone, gone) if batch]
