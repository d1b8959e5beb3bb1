"""Size and wording that a reader can rely on."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "server").rglob("*.py"))
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
LONGER = {
    "tests/checks/same_program_cases.py": 400,
    "tests/checks/test_verdicts.py": 320,
    "tests/config/test_workspace.py": 320,
    "tests/dispatch/planner/test_road.py": 370,
    "tests/dispatch/test_caching.py": 400,
    "tests/evals/test_campaign.py": 380,
    "tests/hostile/project_tools.py": 320,
    "tests/store/test_cache.py": 380,
    "tests/team/test_team_cache.py": 400,
}
"""Test files that are mostly tables of cases, with what each may have."""
WRITTEN = (
    *(ROOT / name for name in ("server", "tests", "bench", "docs", "examples", "client-nvim", "client-vscode", ".ci")),
    *(ROOT / name for name in ("Makefile", "pyproject.toml", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
    ROOT / "CHANGELOG.md",
)
SUFFIXES = frozenset({".py", ".md", ".ts", ".mjs", ".js", ".lua", ".toml", ".json", ".sh", ".yaml", ".yml", ".txt", ""})
SKIPPED = frozenset({"node_modules", "dist", "__pycache__", "assets", ".vscode-test", "pictures"})


def files_in(folder: Path) -> Iterator[Path]:
    """Everything below a folder but what was installed or built; such folders are large and not even entered."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        yield from (Path(place, name) for name in sorted(names) if name not in SKIPPED)


TESTS = [file for name in ("tests", "bench") for file in files_in(ROOT / name) if file.suffix == ".py"]
FOREIGN = re.compile(
    r"(?<![\w.])/(?:work|workspace)/|(?<!\w)/tmp/t[w]\b|\bpy[p]i\.org|\bfiles\.python[h]osted|\bregistry\.n[p]m"
    r"|\bcrates\.i[o]\b|\bproxy\.gola[n]g|\barti[f]actory\b"
    r"|\bsu[b]-?agents?\b|\b(?:another|other|this|our) (?:a[g]ent|wor[k]er session)\b",
    re.IGNORECASE,
)
"""Where it was made, and whence its parts came, is no part of it."""
BANNED_NAMES = re.compile(r"(Manager|Helper|Engine|Service|\butils?\b|\bmisc\b|\bcommon\b|^do_)")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "server")))
def test_files_and_functions_stay_small_and_say_what_they_are(file: Path) -> None:
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    faults = []
    if ast.get_docstring(tree) is None:
        faults.append("no module docstring")
    faults += sizes(tree, text, MAX_FILE_LINES)
    for node in ast.walk(tree):
        is_named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_named and BANNED_NAMES.search(node.name):
            faults.append(f"line {node.lineno}: the name {node.name}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_tests_and_benches_stay_small(file: Path) -> None:
    text = file.read_text("utf-8")
    faults = sizes(ast.parse(text), text, LONGER.get(str(file.relative_to(ROOT)), MAX_FILE_LINES))
    assert not faults, "\n".join(faults)


def test_what_may_be_longer_is_longer() -> None:
    found = {name: (ROOT / name).read_text("utf-8").count("\n") for name in LONGER}
    assert {name for name, n_lines in found.items() if n_lines <= MAX_FILE_LINES} == set()


def test_the_project_speaks_of_itself_alone() -> None:
    faults = []
    for file in texts():
        text = file.read_text("utf-8", "replace")
        for found in FOREIGN.finditer(text):
            faults.append(f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}: {found[0]}")
    assert not faults, "\n".join(faults)


def sizes(tree: ast.Module, text: str, max_lines: int) -> list[str]:
    """What of a file is too long."""
    faults = [f"{text.count(chr(10))} lines"] if max_lines < text.count("\n") else []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            n_lines = node.end_lineno - node.lineno + 1
            if MAX_FUNCTION_LINES < n_lines:
                faults.append(f"line {node.lineno}: {node.name} has {n_lines} lines")
    return faults


def texts() -> Iterator[Path]:
    """Everything that was written by hand for this project."""
    for place in WRITTEN:
        for file in [place] if place.is_file() else files_in(place):
            if file.suffix in SUFFIXES and file.is_file():
                yield file
