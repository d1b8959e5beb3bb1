"""Documents other than settings that cross the border of the program: edit replies, plans, eval cases."""

import graphlib
import itertools
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StringConstraints, model_validator

from tierwise.config.sections import ModelTier, Section


def _check_relative(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in pure.parts[0] or path != str(pure):
        raise ValueError("a path must be inside the workspace, with forward slashes, like 'src/app.py'")
    return path


RelativePath = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f]+$"),
    AfterValidator(_check_relative),
]
"""A file of the workspace, relative to its root."""
TaskId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class ReplaceText(Section):
    """Replace one piece of a file by another."""

    path: RelativePath
    """The file, as it was named in the request."""
    old: Annotated[str, StringConstraints(min_length=1)]
    """The text to replace, exactly as the file has it, and in no second place of the file."""
    new: str
    """What stands there afterwards."""


class ReplaceLines(Section):
    """Replace whole lines of a file."""

    path: RelativePath
    """The file, as it was named in the request."""
    start_line: Annotated[StrictInt, Field(ge=1)]
    """The first line to replace, from 1."""
    end_line: Annotated[StrictInt, Field(ge=0)]
    """The last line to replace; one less than `start_line` inserts before it."""
    new: str
    """The lines that stand there afterwards."""

    @model_validator(mode="after")
    def _check_order(self) -> "ReplaceLines":
        if self.end_line < self.start_line - 1:
            raise ValueError("end_line must not lie before start_line")
        return self


class WriteFile(Section):
    """Give a file a new text, or make a new file."""

    path: RelativePath
    """The file."""
    content: str
    """Its whole text afterwards."""


class DeleteFile(Section):
    """Delete a file."""

    path: RelativePath
    """The file."""
    delete: Literal[True]
    """Says that it goes away."""


class EditReply(Section):
    """A model's answer in the form of JSON edits. All of them apply, or none."""

    edits: Annotated[tuple[ReplaceText | ReplaceLines | WriteFile | DeleteFile, ...], Field(min_length=1)]
    """The edits; several of one file are all meant against its text before."""


class Subtask(Section):
    """One sealed piece of work: whoever does it needs nothing but this."""

    id: TaskId
    """A short name, unique in the plan."""
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    """What is done, for people."""
    files: Annotated[tuple[RelativePath, ...], Field(min_length=1, max_length=50)]
    """The only files it may change."""
    contract: Sentence
    """What must hold afterwards: names, signatures, behavior that other subtasks rely on."""
    check: Sentence
    """How to see that it holds."""
    tier: ModelTier
    """The cheapest class of models that can do it."""
    depends_on: tuple[TaskId, ...] = ()
    """The subtasks that must be done before."""

    @model_validator(mode="after")
    def _check_repetition(self) -> "Subtask":
        if len(set(self.files)) < len(self.files):
            raise ValueError(f"the subtask {self.id!r} names a file twice")
        return self


class Plan(Section):
    """How a large change is split into sealed subtasks."""

    summary: Sentence
    """The change in one sentence."""
    subtasks: Annotated[tuple[Subtask, ...], Field(min_length=1, max_length=40)]
    """The pieces, in any order that suits; `depends_on` decides."""

    @model_validator(mode="after")
    def _check_order(self) -> "Plan":
        ids = [task.id for task in self.subtasks]
        if len(set(ids)) < len(ids):
            raise ValueError("two subtasks have the same id")
        needs = {task.id: set(task.depends_on) for task in self.subtasks}
        for task, needed in needs.items():
            if unknown := sorted(needed - set(ids)):
                raise ValueError(f"the subtask {task!r} depends on {unknown[0]!r}, which is not in the plan")
        try:
            order = tuple(graphlib.TopologicalSorter(needs).static_order())
        except graphlib.CycleError as err:
            raise ValueError(f"the subtasks wait for each other: {' → '.join(err.args[1])}") from err
        self._check_shared_files(needs, order)
        return self

    def _check_shared_files(self, needs: Mapping[str, set[str]], order: tuple[str, ...]) -> None:
        """Two subtasks may change one file only if one waits for the other; else their order would decide."""
        before: dict[str, set[str]] = {}
        for task in order:
            before[task] = needs[task].union(*(before[needed] for needed in needs[task]))
        for one, other in itertools.combinations(self.subtasks, 2):
            shared = sorted(set(one.files) & set(other.files))
            if shared and one.id not in before[other.id] and other.id not in before[one.id]:
                names = f"{one.id!r} and {other.id!r}"
                raise ValueError(f"{names} both change {shared[0]!r}, and neither waits for the other")
