"""The settings as VS Code's extension manifest wants them, generated from the same schema."""

import json
from pathlib import Path
from typing import Any

from tierwise.config.keypaths import dotted
from tierwise.config.own_file import OWN_FILE_ONLY
from tierwise.config.root import DEFAULTS
from tierwise.config.schemas import Schema, config_schema

_FREE_TABLES = ("backends", "models", "actions")
_GROUPS: dict[str, tuple[str, ...]] = {
    "Models": ("tiers", "roles", "backends", "models"),
    "Actions": ("actions", "editor"),
    "Checks and the project's tools": ("checks", "native"),
    "Privacy": ("privacy",),
    "Money": ("budgets", "routing"),
    "Limits": ("limits", "planner"),
    "Records": ("cache", "tripwire", "ledger", "telemetry", "log"),
}
"""The server's settings as the settings editor shows them: one heading for each group, in this order."""
_OWN_GROUPS: dict[str, tuple[str, ...]] = {
    "Server": ("tierwise.server.", "tierwise.trace."),
    "In the editor": ("tierwise.client.",),
}
"""The extension's own settings, which its manifest defines; they stand in front."""


def vscode_configuration() -> list[dict[str, Any]]:
    """The groups of `contributes.configuration` that hold the server's settings.

    Every setting defaults to null, which means "not set": VS Code passes on defaults as if the user had set them, and
    they must not override the user's own file. Every setting has machine scope, so VS Code never takes it from a
    workspace: its workspace settings replace the user's, and a workspace may only tighten, which is what its
    `.tierwise.toml` is for.
    """
    schema = config_schema()
    return [_group(title, sections, schema) for title, sections in _GROUPS.items()]


def _group(title: str, sections: tuple[str, ...], schema: Schema) -> dict[str, Any]:
    definitions: Schema = schema["$defs"]
    defaults = DEFAULTS.model_dump(mode="json")
    leaves = [
        setting
        for section in sections
        for setting in _settings((section,), schema["properties"][section], definitions)
        if not any(setting[0][: len(own)] == own for own in OWN_FILE_ONLY)
    ]
    return {
        "title": title,
        "order": len(_OWN_GROUPS) + list(_GROUPS).index(title),
        "properties": {
            f"tierwise.{dotted(path)}": {
                **_nullable(_inlined(leaf, definitions)),
                "default": None,
                "scope": "machine",
                "order": order,
                "markdownDescription": _description(leaf, _value_at(defaults, path)),
            }
            for order, (path, leaf) in enumerate(leaves)
        },
    }


def update_manifest(manifest: Path, *, write: bool) -> bool:
    """Whether an extension manifest has the settings of `vscode_configuration`; with `write`, give it them if not.

    Only `contributes.configuration` is touched, and in it the extension's own settings stay, those below
    `tierwise.server`, `tierwise.trace` and `tierwise.client`.
    """
    document = json.loads(manifest.read_text("utf-8"))
    present = document.get("contributes", {}).get("configuration", [])
    wanted = [*_own_groups(present), *vscode_configuration()]
    if present == wanted:
        return True
    if write:
        document.setdefault("contributes", {})["configuration"] = wanted
        manifest.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return False


def _own_groups(present: Any) -> list[dict[str, Any]]:
    """The extension's own settings, wherever in a manifest's configuration they stand, in their groups."""
    groups = present if isinstance(present, list) else [present]
    everything = {name: value for group in groups for name, value in group.get("properties", {}).items()}
    return [
        {
            "title": title,
            "order": order,
            "properties": {name: value for name, value in everything.items() if name.startswith(prefixes)},
        }
        for order, (title, prefixes) in enumerate(_OWN_GROUPS.items())
    ]


def _settings(path: tuple[str, ...], node: Schema, definitions: Schema) -> list[tuple[tuple[str, ...], Schema]]:
    """The single settings of a section; a table with free names is one setting."""
    target = _resolved(node, definitions)
    if path[0] in _FREE_TABLES or "properties" not in target:
        return [(path, target)]
    return [
        setting
        for name, child in target["properties"].items()
        for setting in _settings((*path, name), child, definitions)
    ]


def _resolved(node: Schema, definitions: Schema) -> Schema:
    """A node with what its reference stands for; its own words win."""
    if "$ref" not in node:
        return node
    return {**definitions[node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}


def _inlined(node: Any, definitions: Schema) -> Any:
    """A schema without references, which VS Code does not follow here, and without defaults and discriminators."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    resolved = _resolved(node, definitions)
    inlined: Schema = {}
    for name, child in resolved.items():
        if name == "properties":
            inlined[name] = {key: _inlined(value, definitions) for key, value in child.items()}
        elif name not in ("discriminator", "default"):
            inlined[name] = _inlined(child, definitions)
    return inlined


def _nullable(leaf: Schema) -> Schema:
    """The same setting, which may also be null."""
    leaf = {name: value for name, value in leaf.items() if name != "description"}
    if "anyOf" in leaf:
        options = [option for option in leaf["anyOf"] if option != {"type": "null"}]
        if len(options) == 1:
            return _nullable(options[0])
        return {**leaf, "anyOf": [*options, {"type": "null"}]}
    if "enum" in leaf:
        leaf = {**leaf, "enum": [*leaf["enum"], None]}
    return {**leaf, "type": [leaf["type"], "null"]}


def _value_at(tree: Any, path: tuple[str, ...]) -> object:
    for name in path:
        tree = tree[name]
    value: object = tree
    return value


def _description(leaf: Schema, default: object) -> str:
    words = str(leaf.get("description", ""))
    if isinstance(default, dict) or default is None or default == []:
        return words
    return f"{words} Default: `{json.dumps(default, ensure_ascii=False)}`."
