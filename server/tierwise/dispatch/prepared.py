"""A task with its target found and its context read, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tierwise.actions import Action, Target
from tierwise.context import Snippet
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
    module: str = ""
    test_path: str | None = None

    @property
    def seen(self) -> tuple[str, ...]:
        """Every file something of which is in the prompt."""
        return tuple(dict.fromkeys((self.path, *self.files, *(snippet.path for snippet in self.snippets))))


def path_of(uri: str) -> Path | None:
    """The file a URI names; None for any other scheme."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    return Path(unquote(parts.path))


def root_of(path: Path, roots: Sequence[Path]) -> Path:
    """The innermost workspace folder around a file, else the file's own folder."""
    around = [root for root in roots if path.is_relative_to(root)]
    return max(around, key=lambda root: len(root.parts), default=path.parent)
