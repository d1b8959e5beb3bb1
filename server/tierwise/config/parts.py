"""The sources of settings, each read into a layer, with what is wrong with it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.config.files import (
    WORKSPACE_FILE,
    FileState,
    default_user_config_file,
    digest_of,
    parse_toml,
    read_bytes,
    user_config_file,
)
from tierwise.config.keypaths import KeyPath, dotted, leaves, remove
from tierwise.config.layers import Layer, Source, SourceKind, editor_layer
from tierwise.config.problems import Problem, Severity
from tierwise.config.scopes import Scope, scope_of

TrustCheck = Callable[[Path, str | None], bool]
"""Given a workspace root and None: whether the folder is trusted. Given the SHA-256 of its settings file too: whether
that content of the file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one source gave."""

    layer: Layer | None = None
    problems: tuple[Problem, ...] = ()
    files: tuple[FileState, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkspaceRoot:
    """A folder the user opened, and its settings file as it was found; nothing of the file is parsed yet."""

    root: Path
    content: bytes | Problem | None
    is_trusted: bool
    """Whether the folder is."""
    is_file_trusted: bool = False
    """Whether the settings file is, with the content it has."""

    @property
    def file(self) -> Path:
        """Where its settings file is, if it has one."""
        return self.root / WORKSPACE_FILE


def find_workspaces(roots: Sequence[Path], check: TrustCheck) -> tuple[WorkspaceRoot, ...]:
    """Look at each root once, so that the bytes that were judged are the bytes that are used."""
    found: list[WorkspaceRoot] = []
    for root in roots:
        content = read_bytes(root / WORKSPACE_FILE, follows_links=False)
        is_trusted = check(root, None)
        is_file_trusted = isinstance(content, bytes) and is_trusted and check(root, digest_of(content))
        found.append(WorkspaceRoot(root, content, is_trusted=is_trusted, is_file_trusted=is_file_trusted))
    return tuple(found)


def user_part(path: Path, workspaces: Sequence[WorkspaceRoot], env: Mapping[str, str]) -> Part:
    """The user's own file."""
    content = read_bytes(path, follows_links=True)
    if content is None:
        state = FileState(path=path, is_there=False, is_users=True)
        return Part(problems=tuple(_named_in_vain(path, env)), files=(state,))
    if isinstance(content, bytes) and (refusal := _planted(path, workspaces, env)):
        content = refusal
    if isinstance(content, Problem):
        return Part(problems=(content,), files=(FileState(path=path, is_there=True, is_users=True),))
    parsed = parse_toml(content, path)
    is_applied = not isinstance(parsed, Problem)
    state = FileState(
        path=path, is_there=True, is_users=True, size=len(content), sha256=digest_of(content), is_applied=is_applied
    )
    if isinstance(parsed, Problem):
        return Part(problems=(parsed,), files=(state,))
    tree, text = parsed
    return Part(layer=Layer(Source(SourceKind.USER, path), tree, text), files=(state,))


def _named_in_vain(path: Path, env: Mapping[str, str]) -> Iterator[Problem]:
    if env.get("TIERWISE_CONFIG", "").strip() and path == user_config_file(env):
        words = f"TIERWISE_CONFIG names {str(path)!r}, which is not there; make the file or unset the variable"
        yield Problem(code="no-such-file", words=words, severity=Severity.NOTE, path=path)


def _planted(path: Path, workspaces: Sequence[WorkspaceRoot], env: Mapping[str, str]) -> Problem | None:
    """The problem with a user file that TIERWISE_CONFIG puts into a workspace nobody trusted yet, or None."""
    if not env.get("TIERWISE_CONFIG") or path == default_user_config_file():
        return None
    real = Path(os.path.realpath(path))
    for workspace in workspaces:
        if not workspace.is_trusted and real.is_relative_to(os.path.realpath(workspace.root)):
            words = (
                f"TIERWISE_CONFIG names {path.name!r} inside the workspace {workspace.root.name!r}, which is not"
                " trusted; trust the workspace or move the file"
            )
            return Problem(code="planted-user-file", words=words, path=path)
    return None


_HARMLESS = (("log", "level"), ("native", "enabled"), ("native", "formatters"))


def editor_part(settings: object, *, is_trusted: bool) -> Part:
    """The editor's settings.

    Some editors pass on what a workspace says as if the user had said it, so before trust nothing of it may name
    servers, models, programs or files.
    """
    layer = editor_layer(settings)
    if isinstance(layer, Problem):
        return Part(problems=(layer,))
    if is_trusted:
        return Part(layer=layer)
    waiting = [path for path, _ in leaves(layer.tree) if _waits_for_trust(path)]
    for path in waiting:
        remove(layer.tree, path)
    if not waiting:
        return Part(layer=layer)
    words = f"{', '.join(map(dotted, waiting[:8]))} of the editor's settings wait until the workspace is trusted"
    return Part(layer=layer, problems=(layer.problem("waits-for-trust", (), words, Severity.NOTE),))


def _waits_for_trust(path: KeyPath) -> bool:
    return scope_of(path) is Scope.MACHINE and path[:2] not in _HARMLESS
