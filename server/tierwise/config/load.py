"""Load the configuration: read the layers, merge them, keep what is good, and say what is not."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tierwise.backends.origins import Origin
from tierwise.config.bindings import key_homes, straying_keys
from tierwise.config.files import FileState, default_ledger_file, expanded
from tierwise.config.guard import guard_layer, guard_note, lost_protection
from tierwise.config.keypaths import remove
from tierwise.config.layers import (
    Explained,
    Layer,
    SourceKind,
    default_layer,
    environment_layers,
    explain_tree,
    merge,
)
from tierwise.config.own_file import drop_foreign
from tierwise.config.parts import Part, TrustCheck, WorkspaceRoot, editor_part, find_workspaces, user_part
from tierwise.config.problems import MAX_PROBLEMS, Problem, Severity
from tierwise.config.root import DEFAULTS, Config
from tierwise.config.settle import settle
from tierwise.config.workspace import tighten


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A configuration, and all there is to say about it."""

    config: Config
    problems: tuple[Problem, ...] = ()
    files: tuple[FileState, ...] = ()
    workspace_actions: frozenset[str] = frozenset()
    """Ids of the actions that a workspace file defines."""
    is_guarded: bool = False
    """Whether only models on this machine are used because a protective setting may be lost."""
    is_kept: bool = False
    """Whether this is the last good configuration, kept because the newer one has errors."""
    is_trusted: bool = True
    """Whether all the folders it was loaded for are trusted."""
    layers: tuple[Layer, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether everything the user wrote applies."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def ledger_path(self) -> Path:
        """Where the ledger is."""
        path = self.config.ledger.path
        return default_ledger_file() if path is None else default_ledger_file().parent / expanded(path)

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """Where each effective value came from, by dotted key."""
        return {explained.key: explained.source for explained in explain(self)}


def explain(loaded: Loaded) -> tuple[Explained, ...]:
    """Every effective value with its dotted key and where it came from, in the order of the schema."""
    return explain_tree(loaded.config.model_dump(mode="json"), loaded.layers)


DEFAULT_LOADED = Loaded(config=DEFAULTS, layers=(default_layer(),))
"""What applies before anything was loaded."""


def load_config(
    *,
    user_file: Path | None = None,
    workspace_roots: Sequence[Path] = (),
    trusted: bool | TrustCheck = False,
    editor_settings: object = None,
    env: Mapping[str, str] | None = None,
) -> Loaded:
    """Load everything there is. Bad content never raises: it becomes problems, and what is good applies.

    `user_file` None means no user file. `env` None means the process's own environment. `trusted` decides for all
    roots at once, or for each with the hash of its settings file.
    """
    env = os.environ if env is None else env
    check: TrustCheck = trusted if callable(trusted) else lambda _root, _digest: bool(trusted)
    workspaces = find_workspaces(workspace_roots, check)
    user = Part() if user_file is None else user_part(user_file, workspaces, env)
    is_trusted = all(workspace.is_trusted for workspace in workspaces)
    editor = editor_part(editor_settings, is_trusted=is_trusted)
    layers = [default_layer(), *_layers_of(user)]
    base, faults = settle(layers)
    layers += [*_layers_of(editor), *environment_layers(env)]
    foreign = drop_foreign(layers)
    config, more_faults = _settle_with_keys_at_home(layers, key_homes(base))
    loaded = Loaded(
        config=config,
        problems=(*user.problems, *faults, *editor.problems, *foreign, *more_faults),
        files=user.files,
        is_trusted=is_trusted,
        layers=tuple(layers),
    )
    return _with_workspaces(loaded, workspaces)


def _layers_of(part: Part) -> list[Layer]:
    return [] if part.layer is None else [part.layer]


def _settle_with_keys_at_home(
    layers: list[Layer], homes: Mapping[str, frozenset[Origin]]
) -> tuple[Config, list[Problem]]:
    """Settle, and take out of the editor's settings the backends that would send a key away from its home."""
    config, problems = settle(layers)
    strays = straying_keys(config, homes)
    if not strays:
        return config, problems
    for layer in layers:
        if layer.source.kind is SourceKind.EDITOR:
            for backend, words in strays.items():
                problems.append(layer.problem("key-leaves-home", ("backends", backend), words))
                remove(layer.tree, ("backends", backend))
    config, faults = settle(layers)
    return config, problems + faults


def _with_workspaces(loaded: Loaded, workspaces: Sequence[WorkspaceRoot]) -> Loaded:
    """Add what the workspaces say, and the guard if a protection may be lost anywhere."""
    config, layers = loaded.config, list(loaded.layers)
    problems, files = list(loaded.problems), list(loaded.files)
    actions: frozenset[str] = frozenset()
    for workspace in workspaces:
        tightened = tighten(workspace, config, layers)
        config = tightened.config
        layers += [] if tightened.layer is None else [tightened.layer]
        problems += tightened.problems
        files.append(tightened.state)
        actions |= tightened.actions
    cause = lost_protection(problems)
    if cause is not None:
        layers.append(guard_layer(config, cause))
        config = Config.model_validate(merge(layers))
        problems.append(guard_note(cause))
    return Loaded(
        config=config,
        problems=_bounded(problems),
        files=tuple(files),
        workspace_actions=actions,
        is_guarded=cause is not None,
        is_trusted=loaded.is_trusted,
        layers=tuple(layers),
    )


def _bounded(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    words = f"there are more problems than these {MAX_PROBLEMS}; mend these first"
    more = Problem(code="more-problems", words=words)
    return (*problems[:MAX_PROBLEMS], more)


@dataclass(frozen=True, kw_only=True)
class ConfigInputs:
    """Where the configuration comes from, for loading it again."""

    user_file: Path | None = None
    workspace_roots: tuple[Path, ...] = ()
    trusted: bool | TrustCheck = False
    editor_settings: object = None
    env: Mapping[str, str] | None = None

    def load(self) -> Loaded:
        """Load it, as `load_config` does."""
        return load_config(
            user_file=self.user_file,
            workspace_roots=self.workspace_roots,
            trusted=self.trusted,
            editor_settings=self.editor_settings,
            env=self.env,
        )


def keep_good(last: Loaded, new: Loaded, *, is_by_hand: bool = False) -> Loaded:
    """What applies after a reload: the new configuration if it is good, else the last good one with the new problems.

    A user file that is gone does not undo what it said, since editors replace files by deleting them first, unless
    the user asks for the reload: `is_by_hand`.
    """
    gone = None if is_by_hand else next((before for before in last.files if _is_gone(before, new.files)), None)
    if gone is not None:
        words = (
            f"{gone.path.name!r} is gone; its last good settings stay until it comes back or the settings are"
            " reloaded by hand"
        )
        new = replace(new, problems=(*new.problems, Problem(code="file-gone", words=words, path=gone.path)))
    if new.is_good or not (last.is_good or last.is_kept):
        return new
    return replace(last, problems=new.problems, is_kept=True)


def _is_gone(before: FileState, now: Sequence[FileState]) -> bool:
    is_applied = before.is_users and before.is_applied
    return is_applied and any(state.path == before.path and not state.is_there for state in now)
