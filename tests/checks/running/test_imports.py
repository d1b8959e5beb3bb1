"""New imports have to lead somewhere."""

import sys
from pathlib import Path

import pytest

from tierwise.checks import Accepted, Change
from tierwise.checks.running.imports import imports_resolve
from tierwise.text import Rejection

CASES = [
    ("", "import os, json.decoder\nfrom xml.etree import ElementTree\n", "accept"),
    ("", "import pytest\n", "accept"),
    ("", "import ours\nfrom ours.part import x\n", "accept"),
    ("", "from . import sibling\n", "accept"),
    ("", "import nowhere_to_be_found\n", "unresolved-import"),
    ("", "def f():\n    from nowhere_to_be_found.part import x\n", "unresolved-import"),
    ("import nowhere_to_be_found\n", "import nowhere_to_be_found\nx = 1\n", "accept"),
    ("", "try:\n    import nowhere_to_be_found\nexcept ImportError:\n    pass\n", "accept"),
    ("", "if TYPE_CHECKING:\n    import nowhere_to_be_found\n", "accept"),
    ("", "import (\n", "accept"),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
async def test_imports(before: str, after: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    verdict = await imports_resolve(Change("a.py", "python", before, after), tmp_path, sys.executable)
    assert (verdict.code if isinstance(verdict, Rejection) else "accept") == expected


async def test_an_editable_install_counts(tmp_path: Path) -> None:
    change = Change("a.py", "python", "", "import tierwise\n")
    assert await imports_resolve(change, tmp_path, sys.executable) == Accepted()


async def test_without_an_interpreter_nobody_looks(tmp_path: Path) -> None:
    verdict = await imports_resolve(Change("a.py", "python", "", "import pytest\n"), tmp_path, None)
    assert isinstance(verdict, Accepted)
    assert verdict.notes
