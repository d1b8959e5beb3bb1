"""Who may import whom: a module imports only modules above it, and the pure ones touch nothing outside themselves."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "server" / "tierwise"

ORDER = (
    "text", "syntax", "edits", "checks", "context", "actions", "routing", "backends", "store", "config", "telemetry",
    "dispatch",
    "evals", "lsp", "cli",
)  # fmt: skip
"""Lowest first, as in ARCHITECTURE.md."""

# `checks` walks the trees that `syntax` makes, and its reporter runs beside pytest inside the sandbox.
THIRD_PARTY: dict[str, frozenset[str]] = {
    "text": frozenset({"rapidfuzz"}),
    "syntax": frozenset({"ast_grep_py"}),
    "edits": frozenset({"rapidfuzz"}),
    "checks": frozenset({"ruff", "ast_grep_py", "pytest"}),
    "context": frozenset({"pathspec", "betterleaks"}),
    "actions": frozenset(),
    "routing": frozenset(),
    "backends": frozenset({"openai", "ollama", "httpx", "httpx2", "httpcore", "httpcore2", "pydantic"}),
    "store": frozenset({"apsw", "psycopg", "redis"}),
    "config": frozenset({"pydantic", "pydantic_core", "watchfiles", "keyring", "platformdirs", "genai_prices"}),
    "telemetry": frozenset({"opentelemetry"}),
    "dispatch": frozenset({"ruff", "pydantic"}),
    "lsp": frozenset({"pygls", "lsprotocol", "cattrs"}),
    "evals": frozenset(),
    "cli": frozenset({"typer", "rich"}),
}

PURE = ("text", "syntax", "edits", "checks", "context", "actions", "routing")
RUNNING = PACKAGE / "checks" / "running"
"""The part of `checks` that runs things."""
NOT_PURE = frozenset(
    {"os", "io", "subprocess", "socket", "time", "random", "secrets", "logging", "threading", "asyncio", "shutil",
     "tempfile", "urllib", "http", "signal", "multiprocessing", "sqlite3", "select", "selectors"}
)  # fmt: skip
PURE_EXCEPTIONS = {("checks", "io"), ("text", "urllib")}
"""`io.StringIO` feeds the tokenizer; it is memory, not a file. `urllib.parse` takes URIs apart and opens nothing."""
OUR_NAMES = frozenset(sys.stdlib_module_names) | {"tierwise", "__future__"}


def files_of(module: str) -> Iterator[Path]:
    """The Python files of one module."""
    single = PACKAGE / f"{module}.py"
    if single.exists():
        yield single
    yield from sorted((PACKAGE / module).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"relative import on line {node.lineno}"
            yield node.lineno, node.module


@pytest.mark.parametrize("module", [m for m in ORDER if (PACKAGE / m).exists()])
def test_a_module_imports_only_what_stands_above_it(module: str) -> None:
    allowed = ORDER[: ORDER.index(module) + 1]
    faults = []
    for file in files_of(module):
        for line, name in imported(ast.parse(file.read_text("utf-8"))):
            top, _, rest = name.partition(".")
            where = f"{file.relative_to(PACKAGE)}:{line} imports {name}"
            if top == "tierwise" and rest and rest.split(".")[0] in ORDER and rest.split(".")[0] not in allowed:
                faults.append(where)
            if top not in OUR_NAMES and top not in THIRD_PARTY[module]:
                faults.append(where)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_do_no_io_and_never_wait(module: str) -> None:
    faults = []
    for file in files_of(module):
        if file.is_relative_to(RUNNING):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        for line, name in imported(tree):
            top = name.split(".")[0]
            if top in NOT_PURE and (module, top) not in PURE_EXCEPTIONS:
                faults.append(f"{file.relative_to(PACKAGE)}:{line} imports {name}")
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                faults.append(f"{file.relative_to(PACKAGE)}:{node.lineno} is async")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print"):
                faults.append(f"{file.relative_to(PACKAGE)}:{node.lineno} calls {node.func.id}")
    assert not faults, "\n".join(faults)


def test_every_folder_of_the_package_is_in_the_order() -> None:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= set(ORDER)
