"""Requests made from good ones by small damage, the same for the same seed."""

import copy
import random
from typing import Any

HERE = {"start": {"line": 0, "character": 4}, "end": {"line": 1, "character": 8}}
NOISE: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**40, 2**63, 1.5, float("1e308"), "", "x" * 300, "file:///etc/passwd", "\ud800", "\0",
    [], {}, [[]], {"jsonrpc": "2.0", "id": 1, "method": "exit"}, "2.0", [None] * 20, {"a": {"b": {"c": []}}},
)  # fmt: skip


def good_requests(uri: str) -> list[tuple[str, Any]]:
    """One good request of every method the server has, on an open document."""
    document = {"uri": uri}
    place = {"textDocument": document, "range": HERE}
    diagnostic = {"range": HERE, "message": "m", "code": "E1", "source": "s", "severity": 1}
    run = {"action": "document", "uri": uri, "range": HERE, "version": 77, "diagnostics": [diagnostic]}
    action = {"title": "t", "kind": "quickfix", "diagnostics": [diagnostic], "data": run}
    commands = {"tierwise.run": [run], "tierwise.actions": [run], "tierwise.stats": [{"since": "1d"}], "no.such": []}
    return [
        ("textDocument/codeAction", {**place, "context": {"diagnostics": [diagnostic]}}),
        ("textDocument/codeAction", {**place, "context": {"diagnostics": [], "only": ["refactor"], "triggerKind": 2}}),
        ("codeAction/resolve", action),
        *(
            ("workspace/executeCommand", {"command": name, "arguments": arguments, "workDoneToken": "t"})
            for name, arguments in commands.items()
        ),
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}),
        ("textDocument/hover", {"textDocument": document, "position": HERE["start"]}),
    ]


def mutated(draw: random.Random, message: dict[str, Any]) -> dict[str, Any]:
    """The message with one to three places damaged; its id stays what it was."""
    message = copy.deepcopy(message)
    for _ in range(draw.randint(1, 3)):
        places = list(_places(message))
        parent, key = draw.choice([place for place in places if place[1] != "id" or place[0] is not message])
        _damage(draw, parent, key)
    return message


def _places(node: Any) -> Any:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(items):
        yield node, key
        yield from _places(value)


def _damage(draw: random.Random, parent: Any, key: Any) -> None:
    how = draw.randrange(5)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, dict):
        parent[f"{key}x"] = parent.pop(key)
    elif how == 2:
        parent[key] = [parent[key]]
    else:
        parent[key] = copy.deepcopy(draw.choice(NOISE))
