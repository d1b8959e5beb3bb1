"""The same task for a better model, and its answer in place of the one that was applied before."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tierwise.dispatch import FileChange, Proposal, Workspace
from tierwise.text import Snapshot


class Before:
    """A workspace as it was before an edit: files the edit changed have their former texts, all others those of now.

    Files the edit made stay: what they say, such as tests, is what the next answer has to be better than.
    """

    def __init__(self, workspace: Workspace, made: Iterable[FileChange]) -> None:
        self._workspace = workspace
        self._former: Mapping[Path, Snapshot] = {one.path: one.before for one in made if one.before is not None}
        self.is_trusted = workspace.is_trusted

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders the user opened."""
        return self._workspace.roots

    def read(self, path: Path) -> Snapshot | None:
        """A former text first."""
        return self._former.get(path) or self._workspace.read(path)


def in_place_of(made: Iterable[FileChange], new: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Changes that lead from what an edit made to what a newer answer wants, for all files of either that differ.

    What the user did with the files since stays, since the changes are merged into the texts of now like any other.
    """
    old = {one.path: one for one in made if one.before is not None}
    wanted = {one.path: one for one in new}
    on_top = [replace(one, before=_text_after(old[one.path])) if one.path in old else one for one in wanted.values()]
    back = [
        replace(one, before=_text_after(one), after=one.before.text, checks=())
        for path, one in old.items()
        if path not in wanted and one.before is not None
    ]
    return tuple(one for one in (*on_top, *back) if one.before is None or one.before.text != one.after)


def answered_anew(made: Iterable[FileChange], new: Proposal) -> Proposal:
    """A newer answer as what it changes of an earlier one; where that is nothing, its summary says so."""
    changes = in_place_of(made, new.changes)
    if changes:
        return replace(new, changes=changes)
    return replace(new, changes=(), summary=f"{new.model} gave the same, nothing was changed")


def _text_after(change: FileChange) -> Snapshot | None:
    if change.after is None:
        return None
    return Snapshot(uri=change.uri, text=change.after, language=change.language)
