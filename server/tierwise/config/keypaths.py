"""Paths into a tree of settings, as tuples of names and list positions."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping

KeyPath = tuple[str | int, ...]
Tree = dict[str, object]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class _Missing:
    """The type of `MISSING`."""


MISSING = _Missing()
"""What `lookup` returns where a tree has nothing; None is a value of its own."""


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as TOML writes dotted keys: `models."zai/glm-5.1".window`, list positions as `[0]`."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            words += ("." if words else "") + (part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False))
    return words


def lookup(tree: object, path: KeyPath) -> object:
    """The value at a path, or MISSING."""
    for part in path:
        is_in_table = isinstance(tree, Mapping) and part in tree
        is_in_list = isinstance(tree, list) and isinstance(part, int) and -1 < part < len(tree)
        if not (is_in_table or is_in_list):
            return MISSING
        tree = tree[part]  # type: ignore[index]
    return tree


def remove(tree: Tree, path: KeyPath) -> bool:
    """Take the value at a path out of a tree; whether there was one."""
    parent = lookup(tree, path[:-1])
    last = path[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[last]
        return True
    if isinstance(parent, list) and isinstance(last, int) and -1 < last < len(parent):
        del parent[last]
        return True
    return False


def put(tree: Tree, path: tuple[str, ...], value: object) -> None:
    """Set the value at a path, making the tables on the way."""
    for part in path[:-1]:
        child = tree.setdefault(part, {})
        if not isinstance(child, dict):
            child = tree[part] = {}
        tree = child
    tree[path[-1]] = value


def prune(tree: Tree) -> None:
    """Drop tables that are or become empty."""
    for name, value in list(tree.items()):
        if isinstance(value, dict):
            prune(value)
            if not value:
                del tree[name]


def leaves(tree: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value that is not a table, with its path, in the order of the tree; an empty table is a value."""
    for name, value in tree.items():
        path = (*above, str(name))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, path)
        else:
            yield path, value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'ledger'?` without the question mark, or nothing when no known word is close."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]!r}" if close else ""


def line_of(text: str, path: KeyPath) -> int | None:
    """The line, from 1, where a TOML text most likely sets a path; None when it cannot be told.

    The standard parser keeps no positions, so this looks for the table's header and the key below it. It is for
    messages only.
    """
    wanted = tuple(str(part) for part in path if not isinstance(part, int))
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        header = re.match(r"\s*\[\[?([^\[\]]+)\]", line)
        assignment = re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w.\-\s])+?)\s*=""", line)
        if header:
            here = table = _split_key(header.group(1))
        elif assignment:
            here = (*table, *_split_key(assignment.group(1)))
        else:
            continue
        n_shared = min(len(here), len(wanted))
        if here[:n_shared] == wanted[:n_shared] and (best is None or best[0] < n_shared):
            best = n_shared, number
    return best[1] if best else None


def _split_key(key: str) -> tuple[str, ...]:
    parts = re.findall(r""""([^"]*)"|'([^']*)'|([\w-]+)""", key)
    return tuple(double or single or bare for double, single, bare in parts)
