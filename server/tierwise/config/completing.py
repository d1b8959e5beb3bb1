"""What can be written at a place of a settings file: tables, keys, and values, from the schema."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tierwise.config.keypaths import dotted
from tierwise.config.schemas import Schema, config_schema

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_IN_HEADER = re.compile(r"\s*\[([^\[\]]*)$")
_IN_KEY = re.compile(r"""\s*((?:"[^"]*"|[\w-]+)(?:\s*\.\s*))*([\w-]*)$""")
_IN_VALUE = re.compile(r"""\s*([\w."/:-]+)\s*=\s*("?[\w-]*)$""")
_PARTS = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One thing that can be written."""

    kind: Literal["table", "key", "value"]
    label: str
    insert: str
    replaces: int
    """Characters before the cursor that `insert` takes the place of."""
    words: str
    """What it is for."""


def suggest(text: str, offset: int) -> tuple[Suggestion, ...]:
    """Everything that fits at an offset (code points) of a settings file, in the order of the schema."""
    above, _, line = text[:offset].rpartition("\n")
    if (header := _IN_HEADER.match(line)) is not None:
        return tuple(_tables(header.group(1)))
    table = _table_of(above)
    if (value := _IN_VALUE.match(line)) is not None:
        return tuple(_values((*table, *_parts(value.group(1))), value.group(2)))
    if (key := _IN_KEY.match(line)) is not None:
        typed = key.group(2)
        inner = _parts(line.strip().removesuffix(typed))
        return tuple(_keys((*table, *inner), typed))
    return ()


def _table_of(above: str) -> tuple[str, ...]:
    for line in reversed(above.split("\n")):
        if (header := _HEADER.match(line)) is not None:
            return _parts(header.group(1))
    return ()


def _parts(key: str) -> tuple[str, ...]:
    return tuple(double or single or bare for double, single, bare in _PARTS.findall(key))


def _tables(typed: str) -> Iterator[Suggestion]:
    for path, node in _sections((), _schema()):
        name = dotted(path)
        yield Suggestion(kind="table", label=name, insert=name, replaces=len(typed), words=_words(node))


def _sections(path: tuple[str, ...], node: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Every table with a fixed name, outer ones first."""
    for name, child in _properties(node).items():
        if _properties(child) or "additionalProperties" in _resolved(child):
            yield (*path, name), child
            yield from _sections((*path, name), child)


def _keys(path: tuple[str, ...], typed: str) -> Iterator[Suggestion]:
    node = _node_at(path)
    for name, child in {} if node is None else _properties(node).items():
        is_table = bool(_properties(child))
        insert = f"{name}." if is_table else f"{name} = "
        yield Suggestion(kind="key", label=name, insert=insert, replaces=len(typed), words=_words(child))


def _values(path: tuple[str, ...], typed: str) -> Iterator[Suggestion]:
    node = _node_at(path)
    for variant in () if node is None else _variants(node):
        words = [] if "const" not in variant else [variant["const"]]
        for value in [*words, *variant.get("enum", ())]:
            insert = f'"{value}"'
            yield Suggestion(kind="value", label=str(value), insert=insert, replaces=len(typed), words="")
        if variant.get("type") == "boolean" and not typed.startswith('"'):
            for word in ("true", "false"):
                yield Suggestion(kind="value", label=word, insert=word, replaces=len(typed), words="")


def _node_at(path: tuple[str, ...]) -> Schema | None:
    """The schema of a place; None where nothing can be."""
    node: Schema | None = _schema()
    for name in path:
        if node is None:
            return None
        node = _properties(node).get(name) or _free(node)
    return node


def _free(node: Schema) -> Schema | None:
    """The schema of an entry of a table with names of the user's own."""
    for variant in _variants(node):
        for holder in (*variant.get("patternProperties", {}).values(), variant.get("additionalProperties")):
            if isinstance(holder, dict):
                return holder
    return None


def _properties(node: Schema) -> dict[str, Schema]:
    """The keys of a table; of one that comes in several kinds, those of all, with what each may say."""
    found: dict[str, Schema] = {}
    for variant in _variants(node):
        for name, child in variant.get("properties", {}).items():
            known = found.get(name)
            found[name] = child if known in (None, child) else {**child, "anyOf": [known, _bare(child)]}
    return found


def _bare(node: Schema) -> Schema:
    return {name: value for name, value in node.items() if name != "description"}


def _variants(node: Schema) -> list[Schema]:
    """The kinds of thing a place may hold."""
    resolved = _resolved(node)
    options: list[Any] = [*resolved.get("anyOf", ()), *resolved.get("oneOf", ())]
    return [variant for option in options for variant in _variants(option)] if options else [resolved]


def _resolved(node: Schema) -> Schema:
    if "$ref" not in node:
        return node
    return {**_schema()["$defs"][node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}


def _words(node: Schema) -> str:
    return str(_resolved(node).get("description", ""))


@functools.cache
def _schema() -> Schema:
    return config_schema()
