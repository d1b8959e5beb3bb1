"""Paths into a tree of settings, as tuples of names and list positions."""

import difflib
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping

KeyPath = tuple[str | int, ...]
Tree = dict[str, object]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_ASSIGNMENT = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.\- ])+)=""")


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
    """Take the value at a path out of a tree, and the tables that become empty by it; whether there was one."""
    parent = lookup(tree, path[:-1])
    if lookup(parent, path[-1:]) is MISSING:
        return False
    del parent[path[-1]]  # type: ignore[attr-defined]
    if parent == {} and 1 < len(path):
        remove(tree, path[:-1])
    return True


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
    best: tuple[int, int] | None = None
    for here, number in _key_lines(text):
        n_shared = min(len(here), len(wanted))
        if here[:n_shared] == wanted[:n_shared] and (best is None or best[0] < n_shared):
            best = n_shared, number
    return best[1] if best else None


def column_of(text: str, line: int, path: KeyPath) -> int:
    """The column, from 1, of a path's last name in a line of a TOML text; the first that is not blank without it."""
    words = text.split("\n")[line - 1]
    names = [part for part in path if isinstance(part, str)]
    found = words.find(names[-1]) if names else -1
    return (found if found != -1 else len(words) - len(words.lstrip())) + 1


@functools.lru_cache(maxsize=4)
def _key_lines(text: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Every line that looks like a table's header or an assignment, with the path it speaks of."""
    found: list[tuple[tuple[str, ...], int]] = []
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _split_key(header.group(1))
            found.append((table, number))
        elif assignment := _ASSIGNMENT.match(line):
            found.append(((*table, *_split_key(assignment.group(1))), number))
    return tuple(found)


def _split_key(key: str) -> tuple[str, ...]:
    parts = re.findall(r""""([^"]*)"|'([^']*)'|([\w-]+)""", key)
    return tuple(double or single or bare for double, single, bare in parts)
