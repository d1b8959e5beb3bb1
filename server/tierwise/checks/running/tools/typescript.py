"""The project's own TypeScript: tsserver up to version 6, its language server from version 7 on."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tierwise.checks.running.tools.base import (
    Answer,
    Finding,
    Findings,
    Gravity,
    NotAsked,
    Place,
    Ran,
    Toolbox,
    failed,
    missing,
    why_not,
)
from tierwise.checks.running.tools.language_server import ask_server
from tierwise.text import Rejection

_OPTIONS = (
    # Without the first one it would install type packages from the network.
    "--disableAutomaticTypingAcquisition",
    "--suppressDiagnosticEvents",
    "--useInferredProjectPerProjectRoot",
)
_QUESTIONS = ("syntacticDiagnosticsSync", "semanticDiagnosticsSync")
_STEP = 1_000_000
"""Between the numbers of the first requests about two texts."""
_GRAVITY: dict[str, Gravity] = {"error": "error", "warning": "warning"}
_CHECK = "// @ts-check\n"


async def ask_typescript(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """Errors of the file as the project's TypeScript and settings see it."""
    package = _package(place, toolbox)
    if package is None:
        return missing("typescript", "add it to the project's package.json and run 'npm install'")
    server = package / "lib" / "tsserver.js"
    if not server.is_file():
        return await ask_server((str(package / "bin" / "tsc"), "--lsp", "--stdio"), place, texts, toolbox, {})
    node = toolbox.find("node", ())
    if node is None:
        return missing("node", "install Node so that it is on PATH")
    given = "".join(json.dumps(request) + "\n" for request in _requests(place, texts))
    ran = await toolbox.run((node, str(server), *_OPTIONS), given.encode(), cwd=place.root)
    return why_not(ran) if isinstance(ran, Rejection) else _answer(ran, len(texts))


async def ask_typescript_strictly(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """The same for a plain script, checked as if its project asked for that, which it rarely does."""
    answer = await ask_typescript(place, [_checked(text) for text in texts], toolbox)
    if isinstance(answer, NotAsked):
        return answer
    return tuple(
        tuple(Finding(one.code, one.message, max(1, one.line - 1), one.gravity) for one in findings)
        for findings in answer
    )


def _checked(text: str) -> str:
    """A script with the comment that has it checked, below the line that names its interpreter."""
    if not text.startswith("#!"):
        return _CHECK + text
    first, _, rest = text.partition("\n")
    return f"{first}\n{_CHECK}{rest}"


def _package(place: Place, toolbox: Toolbox) -> Path | None:
    """The folder of the project's TypeScript, found beside its program."""
    program = toolbox.find("tsc", place.folders)
    if program is None:
        return None
    package = Path(os.path.realpath(program)).parent.parent
    if (package / "package.json").is_file() and (package / "lib").is_dir():
        return package
    # Where programs are scripts rather than links, the package stands in the folder of packages.
    beside = Path(program).parent.parent / "typescript"
    return beside if beside.is_dir() else None


def _requests(place: Place, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Open the file with each text and ask; the number of a request tells which text its answer is about."""
    requests: list[dict[str, Any]] = []
    for index, text in enumerate(texts):
        commands: list[tuple[str, dict[str, str]]] = [
            ("open", {"file": str(path), "fileContent": content, "projectRootPath": str(place.root)})
            for path, content in {**place.beside_of(index), place.path: text}.items()
        ]
        commands += [(question, {"file": str(place.path)}) for question in _QUESTIONS]
        requests += [
            {"seq": index * _STEP + i, "type": "request", "command": command, "arguments": arguments}
            for i, (command, arguments) in enumerate(commands)
        ]
    return requests


def _answer(ran: Ran, n_texts: int) -> Answer:
    found: dict[int, list[Finding]] = {}
    for line in ran.output.split(b"\n"):
        if not line.startswith(b"{"):
            continue
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("command") not in _QUESTIONS or message.get("type") != "response":
            continue
        if not message.get("success"):
            return NotAsked(f"it failed: {str(message.get('message', ''))[:200]}".rstrip("."))
        found.setdefault(message["request_seq"] // _STEP, []).extend(_findings(message.get("body") or ()))
    if len(found) != n_texts:
        return failed(ran)
    return tuple(tuple(found[which]) for which in range(n_texts))


def _findings(rows: Sequence[Any]) -> Findings:
    return tuple(
        Finding(str(row.get("code", "")), str(row["text"]), int(row["start"]["line"]), _GRAVITY[row["category"]])
        for row in rows
        if row.get("category") in _GRAVITY
    )
