"""Layers of settings, each from one source, merged with a record of who set what."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tierwise.config.keypaths import MISSING, KeyPath, Tree, column_of, dotted, leaves, line_of, lookup, put
from tierwise.config.problems import Problem, Severity
from tierwise.config.root import DEFAULTS


class SourceKind(StrEnum):
    """Where settings come from, weakest first."""

    DEFAULT = "default"
    USER = "user"
    EDITOR = "editor"
    ENVIRONMENT = "environment"
    WORKSPACE = "workspace"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Source:
    """One place that sets values."""

    kind: SourceKind
    path: Path | None = None
    name: str = ""
    """The environment variable's name, or what the guard guards against."""

    def __str__(self) -> str:
        match self.kind:
            case SourceKind.DEFAULT:
                return "built-in default"
            case SourceKind.USER:
                return f"user file {self.path}"
            case SourceKind.EDITOR:
                return "editor settings"
            case SourceKind.ENVIRONMENT:
                return f"environment variable {self.name}"
            case SourceKind.WORKSPACE:
                return f"workspace file {self.path}"
            case SourceKind.GUARD:
                return f"kept on this machine until {self.name}"


DEFAULT_SOURCE = Source(SourceKind.DEFAULT)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source sets. The tree is the loader's own copy; values that do not apply are taken out of it."""

    source: Source
    tree: Tree
    text: str = field(default="", repr=False)
    """The file's text, to find the line of a key."""

    def problem(self, code: str, path: KeyPath, words: str, severity: Severity = Severity.ERROR) -> Problem:
        """A problem with one key of this layer."""
        line = line_of(self.text, path) if self.text else None
        return Problem(
            code=code,
            words=words,
            severity=severity,
            path=self.source.path,
            line=line,
            column=None if line is None else column_of(self.text, line, path),
            key=dotted(path),
        )


def default_layer() -> Layer:
    """The built-in values as the weakest layer."""
    return Layer(DEFAULT_SOURCE, DEFAULTS.model_dump(mode="json"))


ADDED_UP = (("privacy", "never_send"), ("privacy", "local_only"))
"""Lists whose entries from all sources count, so that nobody loses the built-in ones by adding their own."""


def merge(layers: Iterable[Layer]) -> Tree:
    """One tree of all layers, weakest first."""
    merged: Tree = {}
    for layer in layers:
        _merge_into(merged, layer.tree, ())
    return merged


def _merge_into(merged: Tree, tree: Mapping[str, object], above: tuple[str, ...]) -> None:
    for name, value in tree.items():
        path = (*above, name)
        there = merged.get(name)
        if isinstance(value, Mapping):
            if not isinstance(there, dict) or _is_of_another_type(path, there, value):
                there = merged[name] = {}
            _merge_into(there, value, path)
        elif path in ADDED_UP and isinstance(value, list) and isinstance(there, list):
            there += [glob for glob in value if glob not in there]
        else:
            merged[name] = copy.deepcopy(value)


def _is_of_another_type(path: tuple[str, ...], there: Mapping[str, object], value: Mapping[str, object]) -> bool:
    """Whether a backend is made into one of another type, which takes none of the old one's options."""
    is_backend = len(path) == 2 and path[0] == "backends"
    return is_backend and "type" in value and "type" in there and value["type"] != there["type"]


def top_layer_with(layers: Sequence[Layer], path: KeyPath) -> Layer | None:
    """The strongest layer that sets a path; None when no layer but the built-in one does."""
    for layer in reversed(layers):
        if layer.source is not DEFAULT_SOURCE and lookup(layer.tree, path) is not MISSING:
            return layer
    return None


def sources_of(layers: Sequence[Layer], path: tuple[str, ...]) -> tuple[Source, ...]:
    """Who sets the value at a path, weakest first; several only for lists that add up."""
    setters = tuple(layer.source for layer in layers if lookup(layer.tree, path) is not MISSING)
    if not setters:
        return (DEFAULT_SOURCE,)
    return setters if path in ADDED_UP else setters[-1:]


ENVIRONMENT_KEYS = {
    "TIERWISE_LOG_LEVEL": ("log", "level"),
    "TIERWISE_LOG_FILE": ("log", "file"),
    "TIERWISE_LEDGER": ("ledger", "path"),
    "TIERWISE_LOCAL_MODELS": ("tiers", "local", "models"),
    "TIERWISE_BULK_MODELS": ("tiers", "bulk", "models"),
    "TIERWISE_TOP_MODELS": ("tiers", "top", "models"),
}
DISABLED_TIERS = "TIERWISE_DISABLED_TIERS"


def environment_layers(env: Mapping[str, str]) -> list[Layer]:
    """One layer for each environment variable of ours that is set; lists are separated by commas."""
    layers: list[Layer] = []
    for name, path in ENVIRONMENT_KEYS.items():
        if env.get(name, "").strip():
            value = _split(env[name]) if path[-1] == "models" else env[name].strip()
            tree: Tree = {}
            put(tree, path, value)
            layers.append(Layer(Source(SourceKind.ENVIRONMENT, name=name), tree))
    if disabled := _split(env.get(DISABLED_TIERS, "")):
        tree = {"tiers": {tier: {"enabled": False} for tier in disabled}}
        layers.append(Layer(Source(SourceKind.ENVIRONMENT, name=DISABLED_TIERS), tree))
    return layers


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


CLIENT_SECTIONS = ("server", "trace", "client")
"""Keys below `tierwise` that belong to the editor's extension; the server leaves them alone."""


def editor_layer(settings: object) -> Layer | Problem:
    """The editor's settings as a layer; null means not set, as editors send it for settings nobody touched."""
    if settings is None:
        settings = {}
    if not isinstance(settings, Mapping):
        words = f"the editor's settings must be an object, not {type(settings).__name__}"
        return Problem(code="bad-editor-settings", words=words)
    if set(settings) == {"tierwise"} and isinstance(settings["tierwise"], Mapping):
        settings = settings["tierwise"]
    try:
        tree = _unfold(_without_nulls(settings))
    except RecursionError:
        return Problem(code="bad-editor-settings", words="the editor's settings are nested too deeply")
    for name in CLIENT_SECTIONS:
        tree.pop(name, None)
    return Layer(Source(SourceKind.EDITOR), tree)


def _without_nulls(settings: Mapping[object, object]) -> Tree:
    tree: Tree = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            tree[str(name)] = _without_nulls(value)
        elif value is not None:
            tree[str(name)] = list(value) if isinstance(value, list | tuple) else value
    return tree


def _unfold(tree: Tree) -> Tree:
    """Turn `"tiers.local.enabled": true` into nested tables; some editors send settings the way users write them."""
    flat = [name for name in tree if "." in name and name.split(".")[0] in _SECTIONS]
    for name in flat:
        put(tree, tuple(name.split(".")), tree.pop(name))
    return tree


_SECTIONS = frozenset(type(DEFAULTS).model_fields)


@dataclass(frozen=True, slots=True)
class Explained:
    """One effective value and where it came from."""

    key: str
    value: object
    source: str


def explain_tree(values: Mapping[str, object], layers: Sequence[Layer]) -> tuple[Explained, ...]:
    """Every effective value, with its sources; what a stronger layer did not set comes from the weaker one's."""
    return tuple(
        Explained(dotted(path), value, " + ".join(str(source) for source in sources_of(layers, path)))
        for path, value in leaves(values)
    )
