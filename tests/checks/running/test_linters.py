"""Names and diagnostics, by asking ruff."""

import pytest

from tierwise.checks import Accepted, Change
from tierwise.checks.running.diagnostics import diagnostic_gone
from tierwise.checks.running.names import names_defined
from tierwise.text import Rejection

NAMES = [
    ("python", "x = 1\n", "x = y\n", "undefined-name"),
    ("python", "x = y\n", "x = y + 1\n", "accept"),
    ("python", "x = y\n", "x = y + y\n", "undefined-name"),
    ("python", "x = 1\n", "import y\nx = y\n", "accept"),
    ("python", None, "x = y\n", "undefined-name"),
    ("python", "x = 1\n", None, "accept"),
    ("python", "x = 1\n", "__all__ = ['a']\n", "undefined-name"),
    ("python", "x = 1\n", "def f[T](a: T) -> T: ...\n", "accept"),
    ("go", "package a\n", "package b\n", "accept"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), NAMES)
async def test_names(language: str, before: str | None, after: str | None, expected: str) -> None:
    verdict = await names_defined(Change("a.py", language, before, after))
    assert _code(verdict) == expected


async def test_other_languages_are_told() -> None:
    verdict = await names_defined(Change("a.go", "go", "package a\n", "package a\nvar b = c\n"))
    assert verdict == Accepted(("undefined names are not looked for in go files",))


UNUSED = "import os\nx = 1\n"
DIAGNOSTICS = [
    (UNUSED, "x = 1\n", "F401", "Ruff", "accept"),
    (UNUSED, "import os\nx = 2\n", "F401", "Ruff", "diagnostic-stays"),
    (UNUSED, "import sys\nx = 2\n", "F401", "pyflakes", "new-diagnostic"),
    (UNUSED, "import os\nx = os.name + y\n", "F401", "ruff", "new-diagnostic"),
    (UNUSED, "x = (\n", "F401", "ruff", "new-diagnostic"),
    (UNUSED, "x = 1\n", "reportUnusedImport", "Pyright", "accept"),
    (UNUSED, "x = 1\n", "XYZ999", "ruff", "accept"),
]


@pytest.mark.parametrize(("before", "after", "code", "source", "expected"), DIAGNOSTICS)
async def test_diagnostics(before: str, after: str, code: str, source: str, expected: str) -> None:
    change = Change("a.py", "python", before, after)
    verdict = await diagnostic_gone(change, code=code, source=source, message="unused")
    assert _code(verdict) == expected


async def test_a_tool_that_was_not_asked_is_named() -> None:
    change = Change("a.py", "python", UNUSED, "x = 1\n")
    verdict = await diagnostic_gone(change, code="arg-type", source="mypy", message="x")
    assert verdict == Accepted(("mypy was not asked again",))


def _code(verdict: Accepted | Rejection) -> str:
    return verdict.code if isinstance(verdict, Rejection) else "accept"
