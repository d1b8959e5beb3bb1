"""Tools are asked again after an edit: about the new text, which is on no disk, and only what is new counts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from checks.running.tooled import code_of, equip, everything_in, inquire, reported, write
from tierwise.checks import Accepted
from tierwise.checks.running.diagnostics import diagnostic_gone

GONE, STAYS, NEW, NOT_ASKED = "gone", "diagnostic-stays", "new-diagnostic", "not-asked"


@dataclass(frozen=True)
class Asked:
    """One tool, the diagnostic it reports of a text, and what becomes of several answers of a model."""

    tools: tuple[str, ...]
    path: str
    source: str
    code: str
    message: str
    line: int
    before: str
    answers: dict[str, str]
    """What is expected → the text after."""
    files: dict[str, str] = field(default_factory=dict)


CASES = {
    "ruff": Asked(
        ("ruff",),
        *("a.py", "Ruff", "B006", "Do not use mutable data structures for argument defaults", 1),
        "def add(one, to=[]):\n    to.append(one)\n    return to\n",
        {
            GONE: "def add(one, to=None):\n    to = [] if to is None else to\n    to.append(one)\n    return to\n",
            STAYS: "# Adds.\n\n\ndef add(one, to=[]):\n    to.append(one)\n    return to\n",
            NEW: "import os\n\n\ndef add(one, to=None):\n    to = to or []\n    to.append(one)\n    return to\n",
        },
    ),
    "ruff, for the tools it stands in for": Asked(
        (),
        *("a.py", "pyflakes", "F401", "'os' imported but unused", 1),
        "import os\nx = 1\n",
        {GONE: "x = 1\n", STAYS: "import os\nx = 2\n", NEW: "import sys\nx = 1\n"},
    ),
    "flake8": Asked(
        ("flake8",),
        *("a.py", "flake8", "E711", "comparison to None should be 'if cond is None:'", 2),
        "def f(x):\n    return x == None\n",
        {GONE: "def f(x):\n    return x is None\n", STAYS: "def f(x):\n    return (x == None)\n"},
    ),
    "pylint": Asked(
        ("pylint",),
        *("a.py", "Pylint", "dangerous-default-value", "Dangerous default value [] as argument", 4),
        '"""A."""\n\n\ndef add(one, to=[]):\n    """Add."""\n    return [*to, one]\n',
        {
            GONE: '"""A."""\n\n\ndef add(one, to=()):\n    """Add."""\n    return [*to, one]\n',
            STAYS: '"""A."""\n\n\ndef add(one, to=[]):\n    """Add."""\n    return [*list(to), one]\n',
            NEW: '"""A."""\n\n\ndef add(one, to=()):\n    """Add."""\n    return [*to, many]\n',
        },
    ),
    "mypy": Asked(
        ("mypy",),
        *("a.py", "Mypy", "return-value", 'Incompatible return value type (got "int", expected "str")', 2),
        "def name(number: int) -> str:\n    return number\n",
        {
            GONE: "def name(number: int) -> str:\n    return str(number)\n",
            STAYS: "# So it is.\ndef name(number: int) -> str:\n    return number\n",
            NEW: "def name(number: int) -> str:\n    return number.upper()\n",
        },
    ),
    "pyright": Asked(
        ("pyright",),
        *("a.py", "Pylance", "reportReturnType", 'Type "int" is not assignable to return type "str"', 2),
        "def name(number: int) -> str:\n    return number\n",
        {
            GONE: "def name(number: int) -> str:\n    return str(number)\n",
            STAYS: "# So it is.\ndef name(number: int) -> str:\n    return number\n",
            NEW: "def name(number: int) -> str:\n    return number.upper()\n",
        },
        {"pyrightconfig.json": '{"include": ["."]}'},
    ),
    "tsc 6": Asked(
        ("typescript",),
        *("src/a.ts", "ts", "2322", "Type 'number' is not assignable to type 'string'.", 2),
        "export function name(n: number): string {\n  return n;\n}\n",
        {
            GONE: "export function name(n: number): string {\n  return String(n);\n}\n",
            STAYS: "// So it is.\nexport function name(n: number): string {\n  return n;\n}\n",
            NEW: "export function name(n: number): string {\n  return n.upper();\n}\n",
        },
        {"tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true}}'},
    ),
    "tsc 7": Asked(
        ("typescript-7",),
        *("src/a.ts", "typescript", "2322", "Type 'number' is not assignable to type 'string'.", 2),
        "export function name(n: number): string {\n  return n;\n}\n",
        {
            GONE: "export function name(n: number): string {\n  return String(n);\n}\n",
            STAYS: "// So it is.\nexport function name(n: number): string {\n  return n;\n}\n",
            NEW: "export function name(n: number): string {\n  return n.upper();\n}\n",
        },
        {"tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true}}'},
    ),
    "eslint": Asked(
        ("eslint",),
        *("src/a.js", "eslint", "eqeqeq", "Expected '===' and instead saw '=='.", 2),
        "export function same(a, b) {\n  return a == b;\n}\n",
        {
            GONE: "export function same(a, b) {\n  return a === b;\n}\n",
            STAYS: "export function same(a, b) {\n  const is = a == b;\n  return is;\n}\n",
            NEW: "export function same(a, b) {\n  return compare(a, b);\n}\n",
        },
        {"eslint.config.mjs": 'export default [{ rules: { eqeqeq: "error", "no-undef": "error" } }];\n'},
    ),
    "go vet": Asked(
        ("go vet",),
        *("a.go", "printf", "default", 'fmt.Printf format %d has arg "one" of wrong type string', 6),
        'package a\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Printf("%d\\n", "one")\n}\n',
        {
            GONE: 'package a\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Printf("%s\\n", "one")\n}\n',
            STAYS: 'package a\n\nimport "fmt"\n\n// So it is.\nfunc Say() {\n\tfmt.Printf("%d\\n", "one")\n}\n',
            NEW: 'package a\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Println(one)\n}\n',
        },
        {"go.mod": "module example.org/a\n\ngo 1.19\n"},
    ),
    "the Go compiler": Asked(
        ("go vet",),
        *("a.go", "compiler", "UnusedVar", "declared and not used: x", 4),
        "package a\n\nfunc One() int {\n\tx := 2\n\treturn 1\n}\n",
        {
            GONE: "package a\n\nfunc One() int {\n\treturn 1\n}\n",
            STAYS: "package a\n\n// So it is.\nfunc One() int {\n\tx := 3\n\treturn 1\n}\n",
            NEW: "package a\n\nfunc One() int {\n\treturn y\n}\n",
        },
        {"go.mod": "module example.org/a\n\ngo 1.19\n"},
    ),
    "gofmt": Asked(
        ("gofmt",),
        *("a.go", "gofmt", "", "file is not formatted", 3),
        "package a\n\nfunc  One() int { return 1 }\n",
        {GONE: "package a\n\nfunc One() int { return 1 }\n", STAYS: "package a\n\nfunc  One() int { return 2 }\n"},
    ),
    "shellcheck": Asked(
        ("shellcheck",),
        *("a.sh", "shellcheck", "SC2086", "Double quote to prevent globbing and word splitting.", 2),
        "#!/bin/sh\nls $1\n",
        {
            GONE: '#!/bin/sh\nls "$1"\n',
            STAYS: "#!/bin/sh\n# So it is.\nls $1\n",
            NEW: "#!/bin/sh\nfor x in 1 2; echo\n",
        },
    ),
    "nobody's": Asked(
        (),
        *("a.rs", "rustc", "E0425", "cannot find value `x` in this scope", 1),
        "fn one() -> i32 { x }\n",
        {NOT_ASKED: "fn one() -> i32 { 1 }\n"},
    ),
    "a tool the project lacks": Asked(
        (),
        *("a.sh", "pylint", "C0114", "Missing module docstring", 1),
        "echo\n",
        {NOT_ASKED: "echo 1\n"},
    ),
}


_TAKE_SECONDS = frozenset({"pylint", "mypy", "pyright", "tsc 6"})


def _cases() -> Iterator[Any]:
    """Every answer of every case; of the tools that take seconds only one is quick enough for every day."""
    for name, case in CASES.items():
        for expected in case.answers:
            is_slow = name in _TAKE_SECONDS and expected != NEW
            yield pytest.param(name, expected, marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize(("case", "expected"), list(_cases()))
async def test_the_tool_decides(case: str, expected: str, tmp_path: Path) -> None:
    asked = CASES[case]
    root = tmp_path / "project"
    write(root, {**asked.files, asked.path: asked.before})
    equip(root, *asked.tools)
    on_disk = everything_in(root)
    inquiry = inquire(root, asked.path, asked.before, asked.answers[expected], code=asked.code)
    verdict = await diagnostic_gone(inquiry, reported(asked.source, asked.code, asked.message, asked.line))
    assert everything_in(root) == on_disk
    if expected == NOT_ASKED:
        assert isinstance(verdict, Accepted)
        assert f"{asked.source} was not asked again" in verdict.notes[0]
    else:
        assert code_of(verdict) == expected.replace(GONE, "accept"), verdict
    if expected == GONE:
        assert verdict == Accepted()
