"""Files that went away and are still imported."""

from pathlib import Path

import pytest

from tierwise.dispatch.planner.field import field_of
from tierwise.dispatch.planner.whole import left_behind
from tierwise.text import Snapshot


@pytest.mark.parametrize(
    ("gone", "importer", "code", "is_found"),
    [
        ("app/old.py", "app/main.py", "import app.old as o, sys\n", True),
        ("app/old.py", "app/main.py", "from app.old import f\n", True),
        ("app/old.py", "app/main.py", "from .old import f\n", True),
        ("app/old.py", "app/sub/main.py", "from ..old import f\n", True),
        ("src/app/old.py", "src/app/main.py", "from app.old import f\n", True),
        ("old.py", "main.py", "def g():\n    import old\n", True),
        ("old.py", "main.py", "from old import (\n    f,\n)\n", True),
        ("old.py", "main.py", "import older\nfrom app.old import f\n", False),
        ("old.py", "main.py", '"""import old\n"""\n', False),
        ("app/old.py", "other/main.py", "from .old import f\n", False),
        ("old.py", "main.py", "try:\n    import old\nexcept ImportError:\n    old = None\n", False),
    ],
)
def test_left_behind(gone: str, importer: str, code: str, is_found: bool, tmp_path: Path) -> None:
    texts = {gone: "def f(): ...\n", importer: code}
    snapshots = {path: Snapshot(uri=f"file:///{path}", text=text, language="python") for path, text in texts.items()}
    field = field_of(tmp_path, snapshots, {}, texts)
    field.take({gone: None})
    found = [(fault.path, fault.rejection.code) for fault in left_behind(field)]
    assert found == ([(importer, "still-imported")] if is_found else [])
