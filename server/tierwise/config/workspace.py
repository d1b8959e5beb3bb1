"""A workspace's settings file: read only when trusted, and only able to tighten."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.config.files import FileState, digest_of, parse_toml
from tierwise.config.keypaths import dotted, leaves, lookup, prune, put, remove
from tierwise.config.layers import Layer, Source, SourceKind, merge
from tierwise.config.parts import WorkspaceRoot
from tierwise.config.problems import Problem, Severity
from tierwise.config.root import Config
from tierwise.config.scopes import Scope, find_objection, is_section, scope_of
from tierwise.config.settle import known_keys, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Tightened:
    """A configuration after a workspace had its say."""

    config: Config
    state: FileState
    layer: Layer | None = None
    """What the workspace set; None when nothing of it applies."""
    problems: tuple[Problem, ...] = ()
    actions: frozenset[str] = frozenset()
    """Ids of the actions the workspace defines."""


def tighten(workspace: WorkspaceRoot, config: Config, layers: Sequence[Layer]) -> Tightened:
    """Let the file at a workspace root tighten a configuration that `layers` make.

    Without trust the file is not parsed; its size and hash are all that is taken from it.
    """
    path, content = workspace.file, workspace.content
    if content is None:
        return Tightened(config=config, state=FileState(path=path, is_there=False))
    if isinstance(content, Problem):
        problem = content if workspace.is_trusted else _waits(workspace, content.words)
        return Tightened(config=config, state=FileState(path=path, is_there=True), problems=(problem,))
    state = FileState(path=path, is_there=True, size=len(content), sha256=digest_of(content))
    if not workspace.is_file_trusted:
        words = f"{path.name!r} ({state.size} bytes, SHA-256 {state.sha256}) is ignored until it is trusted"
        return Tightened(config=config, state=state, problems=(_waits(workspace, words),))
    parsed = parse_toml(content, path)
    if isinstance(parsed, Problem):
        return Tightened(config=config, state=state, problems=(parsed,))
    tree, text = parsed
    return _apply(Layer(Source(SourceKind.WORKSPACE, path), tree, text), state, config, layers)


def _waits(workspace: WorkspaceRoot, words: str) -> Problem:
    return Problem(code="untrusted-workspace-file", words=words, severity=Severity.NOTE, path=workspace.file)


def _apply(layer: Layer, state: FileState, config: Config, layers: Sequence[Layer]) -> Tightened:
    beneath = copy.deepcopy(list(layers))
    problems = _refuse_machine_keys(layer)
    after, faults = settle([*beneath, layer])
    problems += faults
    while objections := _objections(layer, config, after):
        problems += objections
        after, faults = settle([*beneath, layer])
        problems += faults
    actions = frozenset(a for a in after.actions if a not in config.actions and after.actions[a].instructions)
    after = _keep_below_ceiling(layer, actions, config, after, beneath)
    if merge(beneath) != merge(layers):
        # Whatever a workspace says, no setting of the user's may fall with it.
        words = "the workspace's settings contradict the user's and are ignored"
        return Tightened(
            config=config, state=state, problems=(layer.problem("workspace-loosens", (), words, Severity.REFUSED),)
        )
    applied = FileState(path=state.path, is_there=True, size=state.size, sha256=state.sha256, is_applied=True)
    return Tightened(config=after, state=applied, layer=layer, problems=tuple(problems), actions=actions)


def _keep_below_ceiling(
    layer: Layer, actions: frozenset[str], config: Config, after: Config, beneath: Sequence[Layer]
) -> Config:
    """An action without a tier starts where its difficulty says, which would be above the lowest ceiling."""
    if config.limits.workspace_action_tier != "local" or not actions:
        return after
    for action in actions:
        put(layer.tree, ("actions", action, "tier"), "local")
    return settle([*beneath, layer])[0]


def _refuse_machine_keys(layer: Layer) -> list[Problem]:
    """Take out what a workspace may not set at all, before anything of it is validated.

    Names that are no settings are left to the validation, which has better words for them; whatever that lets
    pass, `_objections` looks at again.
    """
    prune(layer.tree)
    problems: list[Problem] = []
    for path in [path for path, _ in leaves(layer.tree)]:
        if scope_of(path) is Scope.MACHINE and not is_section(path) and not _is_no_setting(path):
            remove(layer.tree, path)
            words = f"{dotted(path)!r} can be set by the user only, a workspace may not"
            problems.append(layer.problem("not-for-workspaces", path, words, Severity.REFUSED))
    return problems


def _is_no_setting(path: tuple[str, ...]) -> bool:
    known_at_each_step = (known_keys(path[:i]) for i in range(len(path)))
    return any(known and name not in known for name, known in zip(path, known_at_each_step, strict=True))


def _objections(layer: Layer, before: Config, after: Config) -> list[Problem]:
    """Take out every key that would loosen something; a problem for each."""
    problems: list[Problem] = []
    for path in [path for path, _ in leaves(layer.tree)]:
        words = find_objection(path, before, after)
        if words is not None and lookup(layer.tree, path):
            problems.append(layer.problem("workspace-loosens", path, words, Severity.REFUSED))
        if words is not None:
            remove(layer.tree, path)
    return problems
