"""*Fix* over the wire: the tool that reported a diagnostic has the last word, about a text that is not saved."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from checks.running.tooled import equip, everything_in, write
from e2e.conftest import Bench
from e2e.editor import editing
from e2e.models import models

pytestmark = pytest.mark.asyncio(loop_scope="module")


def go_cache() -> dict[str, str]:
    """Where this machine's Go keeps what it has compiled: without it the first question compiles Go's library."""
    if shutil.which("go") is None:
        return {}
    asked = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True)
    return {"GOCACHE": asked.stdout.strip()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A server of this module's own, whose project has the tools."""
    root = tmp_path_factory.mktemp("fixing") / "ws"
    async with models() as served, editing(root, served.config, env=go_cache()) as editor:
        yield Bench(served, editor)


@dataclass(frozen=True)
class Case:
    """A file with a diagnostic, an answer that leaves it there, and one that mends it."""

    tool: str
    path: str
    language: str
    diagnostic: dict[str, Any]
    text: str
    """`$0` marks the place."""
    wrong: str
    """The file after the first answer, and after the second."""
    right: str
    code: str = "diagnostic-stays"
    head: str = ""
    """What of the file the models are not asked to repeat."""
    files: dict[str, str] = field(default_factory=dict)


NAME = "def name(number: int) -> str:\n    return {}\n"
CASES = {
    "ruff": Case(
        *("ruff", "bare.py", "python"),
        {"source": "Ruff", "code": "E722", "message": "Do not use bare `except`"},
        "def read(path):\n    try:\n        return open(path).read()\n    $0except:\n        return ''\n",
        "def read(path):\n    try:\n        return open(path).read()\n    except:\n        return None\n",
        "def read(path):\n    try:\n        return open(path).read()\n    except OSError:\n        return ''\n",
    ),
    "mypy": Case(
        *("mypy", "typed.py", "python"),
        {
            "source": "Mypy",
            "code": "return-value",
            "message": 'Incompatible return value type (got "int", expected "str")',
        },
        NAME.format("$0number"),
        NAME.format("number + 1"),
        NAME.format("str(number)"),
    ),
    "tsc": Case(
        *("typescript", "typed.ts", "typescript"),
        {"source": "ts", "code": 2322, "message": "Type 'number' is not assignable to type 'string'."},
        "export function name(n: number): string {\n  $0return n;\n}\n",
        "export function name(n: number): string {\n  return missing(n);\n}\n",
        "export function name(n: number): string {\n  return String(n);\n}\n",
        code="undefined-name",
        files={"tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true}}'},
    ),
    "eslint": Case(
        *("eslint", "same.js", "javascript"),
        {"source": "eslint", "code": "eqeqeq", "message": "Expected '===' and instead saw '=='."},
        "export function same(a, b) {\n  return $0a == b;\n}\n",
        "export function same(a, b) {\n  return a == b; // eslint-disable-line eqeqeq\n}\n",
        "export function same(a, b) {\n  return a === b;\n}\n",
        code="diagnostic-silenced",
        files={"eslint.config.mjs": 'export default [{ rules: { eqeqeq: "error" } }];\n'},
    ),
    "go vet": Case(
        *("go vet", "say.go", "go"),
        {"source": "printf", "code": "default", "message": 'fmt.Printf format %d has arg "one" of wrong type string'},
        'package say\n\nimport "fmt"\n\nfunc Say() {\n\t$0fmt.Printf("%d", "one")\n}\n',
        'package say\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Printf("%d\\n", "one")\n}\n',
        'package say\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Printf("%s", "one")\n}\n',
        head='package say\n\nimport "fmt"\n\n',
        files={"go.mod": "module example.org/say\n\ngo 1.19\n"},
    ),
}


_MARKS = {"tsc": pytest.mark.slow, "eslint": pytest.mark.slow}
"""In one project with everything, each of these waits for two programs of Node."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=_MARKS.get(name, [])) for name in CASES])
async def test_the_answer_that_leaves_the_problem_is_sent_back(name: str, bench: Bench) -> None:
    case, editor, book = CASES[name], bench.editor, bench.models.book
    equip(editor.root, case.tool)
    if case.language == "javascript":
        equip(editor.root, "typescript")  # Names in scripts are looked up by the project's TypeScript.
    write(editor.root, case.files)
    answers = iter((case.wrong, case.right))
    book.reply = lambda _: f"```{case.language}\n{next(answers).removeprefix(case.head)}```\n"
    uri, place = editor.open(case.path, case.text, case.language)
    on_disk = everything_in(editor.root)
    found = types.Diagnostic(range=place, severity=types.DiagnosticSeverity.Error, **case.diagnostic)
    entry = await editor.entry("Fix", uri, place, diagnostics=[found])
    assert entry.command is not None
    result = await editor.command(entry.command.command, *(entry.command.arguments or ()))
    assert result["status"] == "applied", [attempt["detail"] for attempt in result["attempts"]]
    first, second = result["attempts"]
    assert (first["outcome"], first["code"]) == ("rejected", case.code), first
    assert second["outcome"] == "accepted"
    assert editor.texts[uri] == case.right
    assert not result.get("notes"), result
    assert everything_in(editor.root) == on_disk
    # The next model is told why.
    assert first["detail"] in str(book.chats[1].body["messages"])
