"""A place in a document with all that was read for it, on the way to a prepared task."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.actions import Action, Diagnostic, Target
from tierwise.actions.base import Related
from tierwise.context import Snippet, pack
from tierwise.dispatch.prepared import Prepared, names_of
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.estimate import PROMPT_OVERHEAD_TOKENS, Estimate, estimate_tokens
from tierwise.text import Snapshot, Span
from tierwise.text.uris import path_of

CONTEXT_BUDGET_TOKENS = 4500
"""The most any tier is shown beside its target."""

IsHidden = Callable[[str, Path], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task has its target, and what may be read around it."""

    action: Action
    task: Task
    target: Target
    root: Path
    path: str
    text: str
    span: Span
    instruction: str | None
    workspace: Workspace
    is_hidden: IsHidden

    def exists(self, relative: str) -> bool:
        """Whether there is such a file or folder below the root."""
        return os.path.lexists(self.root / relative)

    def read(self, relative: str) -> Snapshot | None:
        """The file as it stands in the editor or on disk; None also for one that no model may see."""
        return None if self.is_private(relative) else self.workspace.read(self.root / relative)

    def is_private(self, relative: str) -> bool:
        """Whether no model may see the file, by its name or by the one it really has."""
        return any(self.is_hidden(name, self.root) for name in names_of(self.root, relative))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read for a task."""

    files: Mapping[str, str]
    snapshots: Mapping[str, Snapshot]
    snippets: tuple[Snippet, ...]
    sent: str
    """The text the model is to rewrite, or to test."""
    test_path: str | None = None


def refuse(task: Task, code: str, words: str) -> Refusal:
    """Nothing was asked, and why."""
    return Refusal(action_id=task.action_id, code=code, words=words)


def placed(place: Place, diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic with the paths of what it points to, as far as these lie below the root."""
    related: list[Related] = []
    for one in diagnostic.related:
        path = path_of(one.uri)
        is_inside = path is not None and path.is_relative_to(place.root)
        relative = path.relative_to(place.root).as_posix() if path is not None and is_inside else None
        related.append(replace(one, path=relative))
    return replace(diagnostic, related=tuple(related))


def prepared_of(place: Place, reading: Reading) -> Prepared:
    """The task with what was read for it, within the budget of context."""
    snippets = pack(reading.snippets, CONTEXT_BUDGET_TOKENS)
    context = "".join(snippet.text for snippet in snippets)
    n_target = estimate_tokens(reading.sent)
    repeated = reading.files.get(reading.test_path, "") if reading.test_path is not None else ""
    return Prepared(
        task=place.task,
        action=place.action,
        target=place.target,
        root=place.root,
        path=place.path,
        language=place.task.snapshot.language,
        text=place.text,
        span=place.span,
        edited_path=reading.test_path or place.path,
        files=reading.files,
        snapshots=reading.snapshots,
        snippets=snippets,
        instruction=place.instruction,
        estimate=Estimate(
            input_tokens=PROMPT_OVERHEAD_TOKENS
            + n_target
            + estimate_tokens(context)
            + estimate_tokens(place.instruction or ""),
            output_tokens=int(n_target * place.action.output_ratio) + estimate_tokens(repeated) + 40,
        ),
        test_path=reading.test_path,
        seen=_seen(place, reading.files, snippets),
    )


def _seen(place: Place, files: Mapping[str, str], snippets: tuple[Snippet, ...]) -> tuple[str, ...]:
    diagnostic = place.target.diagnostic
    # The words of a report may quote the file they point to, also where that file is not shown.
    related = () if diagnostic is None else placed(place, diagnostic).related
    pointed = (one.path for one in related if one.path is not None)
    names = dict.fromkeys((place.path, *files, *(snippet.path for snippet in snippets), *pointed))
    return tuple(dict.fromkeys(alias for name in names for alias in names_of(place.root, name)))
