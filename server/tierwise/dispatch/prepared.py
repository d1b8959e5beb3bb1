"""A task with its target found and its context read, as a value."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.actions import Action, Target
from tierwise.context import Snippet
from tierwise.context.tests_framework import Runner
from tierwise.dispatch.values import Task
from tierwise.routing.estimate import Estimate
from tierwise.text import Snapshot, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A task with its target found and its context read. All paths are relative to `root`, with forward slashes."""

    task: Task
    action: Action
    target: Target
    root: Path
    path: str
    language: str
    text: str
    """The document as the model may rewrite it: without the `tw:` comment, where that is the instruction."""
    span: Span
    """The target's place in `text`."""
    edited_path: str
    """The file the reply is about: the document, or its test file."""
    files: Mapping[str, str]
    """What the edit may touch, by path, as the model sees it."""
    snapshots: Mapping[str, Snapshot]
    """The same files as they are in the editor or on disk."""
    snippets: tuple[Snippet, ...]
    instruction: str | None
    estimate: Estimate
    test_path: str | None = None
    test_runner: Runner | None = None
    """What runs the tests that are written, where tests are."""
    test_advice: str = ""
    """What a model has to know to write tests that fit in."""

    seen: tuple[str, ...] = ()
    """Every file something of which is in the prompt, by its path and by the one it really has."""
    excerpts: Mapping[str, str] = field(default_factory=dict)
    """What is shown in place of files that are too long to be shown whole, by path."""
    made_before: frozenset[str] = frozenset()
    """Files that an edit of the same task has brought into being since."""
    creatable: frozenset[str] | None = None
    """The files the edit may add and has to; None: any beside those that are shown."""


def root_of(path: Path, roots: Sequence[Path]) -> Path:
    """The innermost workspace folder around a file, else the file's own folder."""
    around = [root for root in roots if path.is_relative_to(root)]
    return max(around, key=lambda root: len(root.parts), default=path.parent)


def is_elsewhere(root: Path, relative: str) -> bool:
    """Whether links lead from a path below the root to somewhere that is not below it."""
    return not Path(os.path.realpath(root / relative)).is_relative_to(os.path.realpath(root))


def names_of(root: Path, relative: str) -> tuple[str, ...]:
    """The path as it is written and, where links lead elsewhere, the one it really has, both below the root.

    A real path outside the root is given from the top of the file system, so that patterns still see its folders.
    """
    real, real_root = os.path.realpath(root / relative), os.path.realpath(root)
    if os.path.commonpath([real, real_root]) == real_root:
        real_relative = os.path.relpath(real, real_root)
    else:
        real_relative = real.lstrip("/")
    return tuple(dict.fromkeys((relative, Path(real_relative).as_posix())))
