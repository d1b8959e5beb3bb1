"""Cases as plain text, one a file: a head in JSON, then texts, each under a line of its own that names it. Pure.

    ==== case
    {"id": "…", "action": "refactor", "language": "python", "path": "shop/cart.py", "tests": {…}}
    ==== file shop/cart.py
    …
    ==== hidden check.py
    …
    ==== right
    …
    ==== wrong it forgets the discount
    …

A line of a text that starts with `==== ` itself, with or without backslashes, is written with one backslash more.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_HEAD = re.compile(r"==== (case|file|hidden|expected|right|wrong)(?: ([^\n]*))?\n")
_KEPT = re.compile(r"\\+==== ")
"""A line of a text that would be the head of a part without its backslash."""
_PLACES = ("file", "hidden", "expected")
"""Sections that are named after a file."""


def document_of(text: str) -> dict[str, Any]:
    """A case in the shape of its schema. Raises ValueError with a sentence about what cannot be read."""
    sections = list(_sections(text))
    if not sections or sections[0][0] != "case":
        raise ValueError("the file starts with a line '==== case'")
    document = json.loads(sections[0][2])
    if not isinstance(document, dict):
        raise ValueError("the part under '==== case' is a JSON object")  # noqa: TRY004 -- every fault is one here.
    for kind, name, body in sections[1:]:
        _take(document, kind, name, body)
    return document


def text_of(document: dict[str, Any]) -> str:
    """A case as it stands in a file; reading it gives the same document, but for empty lists."""
    head = dict(document)
    tests = head.get("tests")
    parts = [("file", path, text) for path, text in head.pop("files", {}).items()]
    if tests:
        head["tests"] = {name: value for name, value in tests.items() if name != "files"}
        parts += [("hidden", path, text) for path, text in tests.get("files", {}).items()]
    expected = head.get("expected") or {}
    if expected and None not in expected.values():
        head.pop("expected")
        parts += [("expected", path, text) for path, text in expected.items()]
    for kind in ("right", "wrong"):
        replies = head.pop(kind, ())
        parts += [(kind, "", reply) for reply in replies if reply.endswith("\n")]
        rest = [reply for reply in replies if not reply.endswith("\n")]
        if rest:
            head[kind] = rest
    uneven = {path: text for kind, path, text in parts if kind in _PLACES and text and not text.endswith("\n")}
    if uneven:
        raise ValueError(f"{next(iter(uneven))!r} does not end with a line break, which this form cannot say")
    written = [f"==== case\n{json.dumps(head, ensure_ascii=False, indent=1)}\n"]
    written += [f"==== {kind}{' ' if name else ''}{name}\n{_escaped(body)}" for kind, name, body in parts]
    return "".join(written)


def _take(document: dict[str, Any], kind: str, name: str, body: str) -> None:
    if kind in _PLACES and not name:
        raise ValueError(f"the line '==== {kind}' names no file")
    if kind == "file":
        document.setdefault("files", {})[name] = body
    elif kind == "expected":
        document.setdefault("expected", {})[name] = body
    elif kind == "hidden":
        document.setdefault("tests", {}).setdefault("files", {})[name] = body
    elif kind in ("right", "wrong"):
        document.setdefault(kind, []).append(body)
    else:
        raise ValueError("a file holds one case, so '==== case' stands once")


def _sections(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and text of each part; raises ValueError for what stands before the first."""
    kind, name, lines = "", "", list[str]()
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        head = _HEAD.fullmatch(line)
        if head is None:
            if line.startswith("==== "):
                raise ValueError(f"{line.strip()!r} names no part of a case")
            lines.append(line[1:] if _KEPT.match(line) else line)
            continue
        if kind:
            yield kind, name, "".join(lines)
        elif "".join(lines).strip():
            raise ValueError("something stands before the line '==== case'")
        kind, name, lines = head[1], (head[2] or "").strip(), []
    if kind:
        yield kind, name, "".join(lines)


def _escaped(body: str) -> str:
    return re.sub(r"(?m)^(\\*==== )", r"\\\1", body)
