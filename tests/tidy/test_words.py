"""Size and wording that a reader can rely on."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "server").rglob("*.py"))
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
BANNED_NAMES = re.compile(r"(Manager|Helper|Engine|Service|\butils?\b|\bmisc\b|\bcommon\b|^do_)")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "server")))
def test_files_and_functions_stay_small_and_say_what_they_are(file: Path) -> None:
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    faults = []
    if ast.get_docstring(tree) is None:
        faults.append("no module docstring")
    if MAX_FILE_LINES < text.count("\n"):
        faults.append(f"{text.count(chr(10))} lines")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if BANNED_NAMES.search(node.name):
                faults.append(f"line {node.lineno}: the name {node.name}")
            is_function = not isinstance(node, ast.ClassDef)
            if is_function and node.end_lineno is not None and MAX_FUNCTION_LINES < node.end_lineno - node.lineno:
                faults.append(f"line {node.lineno}: {node.name} has {node.end_lineno - node.lineno} lines")
    assert not faults, "\n".join(faults)
