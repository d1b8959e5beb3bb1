"""The files a plan works on: as they were, and as the subtasks finished so far have made them."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.dispatch.planner.plan import Subtask
from tierwise.text import Snapshot

Texts = dict[str, str | None]
"""Texts by path relative to the root; None for a file that is gone."""


@dataclass(slots=True, kw_only=True)
class Field:
    """A project's readable files, with finished work laid over them. Paths are relative to `root`."""

    root: Path
    snapshots: Mapping[str, Snapshot]
    """The files as they are in the editor or on disk."""
    base: Mapping[str, str]
    """Their texts as models see them: the document without the `tw:` comment that is the instruction."""
    exists: Callable[[str], bool]
    """Whether there is such a file, readable or not."""
    done: Texts = field(default_factory=dict)
    """What finished subtasks wrote."""

    def text(self, path: str) -> str | None:
        """A file as it is now; None when there is none."""
        return self.done[path] if path in self.done else self.base.get(path)

    def texts(self) -> dict[str, str]:
        """All files as they are now."""
        now = {path: self.text(path) for path in (*self.base, *self.done)}
        return {path: text for path, text in now.items() if text is not None}

    def changed(self) -> Texts:
        """The files that are different from what they were."""
        return {path: text for path, text in self.done.items() if text != self.base.get(path)}

    def move(self, subtask: Subtask) -> None:
        """Do what needs no model: renames and deletions."""
        for rename in subtask.renames:
            self.done[rename.new] = self.text(rename.old)
            self.done[rename.old] = None
        for path in subtask.deletes:
            self.done[path] = None

    def undo(self, subtask: Subtask) -> None:
        """Forget what a subtask wrote, its renames and deletions too."""
        for path in (*subtask.touched, *subtask.edited):
            self.done.pop(path, None)

    def take(self, texts: Mapping[str, str | None]) -> None:
        """Lay a finished subtask's texts over what there is."""
        self.done.update(texts)


def field_of(root: Path, snapshots: Mapping[str, Snapshot], overlay: Mapping[str, str], listed: Iterable[str]) -> Field:
    """A field of these snapshots; `overlay` are texts that models see otherwise than they are."""
    names = frozenset(listed)
    base = {path: overlay.get(path, snapshot.text) for path, snapshot in snapshots.items()}
    return Field(
        root=root,
        snapshots=snapshots,
        base=base,
        exists=lambda path: path in names or path in snapshots or os.path.lexists(root / path),
    )
