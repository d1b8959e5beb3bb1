"""Files that went away and are still imported."""

from pathlib import Path

import pytest

from tierwise.dispatch.planner.field import field_of
from tierwise.dispatch.planner.left_behind import left_behind
from tierwise.text import Snapshot


@pytest.mark.parametrize(
    ("gone", "importer", "code", "is_found"),
    [
        ("app/old.py", "app/main.py", "import app.old as o, sys\n", True),
        ("app/old.py", "app/main.py", "from app.old import f\n", True),
        ("app/old.py", "app/main.py", "from .old import f\n", True),
        ("app/old.py", "main.py", "from app import old\n", True),
        ("app/old.py", "main.py", "from app import new, old as o\n", True),
        ("app/old.py", "main.py", "from app import (\n    new,\n    old,\n)\n", True),
        ("app/old.py", "app/main.py", "from . import old\n", True),
        ("app/old.py", "app/sub/main.py", "from .. import old\n", True),
        ("app/sub/old.py", "app/main.py", "from .sub import old\n", True),
        ("src/app/old.py", "tests/test_app.py", "def test():\n    from app import old\n", True),
        ("app/old/__init__.py", "main.py", "from app import old\n", True),
        ("old.py", "main.py", "from . import old\n", True),
        ("app/old.py", "main.py", "from app import older\nfrom app.new import old\nfrom other import old\n", False),
        ("app/old.py", "main.py", "from app import *\n", False),
        ("app/old.py", "main.py", "try:\n    from app import old\nexcept ImportError:\n    old = None\n", False),
        ("app/old.py", "main.py", "if TYPE_CHECKING:\n    from app import old\n", False),
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
    assert found_in(tmp_path, gone, {importer: code}) == ([importer] if is_found else [])


def found_in(root: Path, gone: str, kept: dict[str, str], added: dict[str, str] | None = None) -> list[str]:
    """The files that still import the one that went away."""
    texts = {gone: "f = 1\n"} | kept
    snapshots = {path: Snapshot(uri=f"file:///{path}", text=text, language="x") for path, text in texts.items()}
    field = field_of(root, snapshots, {}, texts)
    field.take({gone: None, **(added or {})})
    faults = list(left_behind(field))
    assert {fault.rejection.code for fault in faults} <= {"still-imported"}
    assert all(repr(gone) in fault.rejection.detail for fault in faults)
    return [fault.path for fault in faults]


@pytest.mark.parametrize(
    ("init", "is_found"),
    [
        ("", True),
        ("old = 1\n", False),
        ("def old(): ...\n", False),
        ("from .new import old\n", False),
        ("from .new import f as old\n", False),
        ("def __getattr__(name): ...\n", False),
        ("x = 1\n", True),
    ],
)
def test_what_a_package_declares_itself_is_still_there(init: str, is_found: bool, tmp_path: Path) -> None:
    kept = {"app/__init__.py": init, "app/new.py": "f = old = 1\n", "main.py": "from app import old\n"}
    assert found_in(tmp_path, "app/old.py", kept) == (["main.py"] if is_found else [])


def test_a_package_that_imports_what_went_away_is_at_fault_too(tmp_path: Path) -> None:
    kept = {"app/__init__.py": "from . import old\n", "main.py": "from app import old\n"}
    assert found_in(tmp_path, "app/old.py", kept) == ["app/__init__.py", "main.py"]


def test_a_module_that_became_a_package_is_still_there(tmp_path: Path) -> None:
    kept = {"main.py": "from app.old import f\nfrom app import old\n"}
    assert found_in(tmp_path, "app/old.py", kept, {"app/old/__init__.py": "f = 1\n"}) == []


@pytest.mark.parametrize(
    ("gone", "importer", "code", "is_found"),
    [
        ("src/old.ts", "src/main.ts", 'import { f } from "./old"\n', True),
        ("src/old.ts", "src/main.ts", 'import { f } from "./old.js"\n', True),
        ("src/old.js", "src/sub/main.js", "const f = require('../old')\n", True),
        ("src/old/index.tsx", "src/main.tsx", 'export * from "./old"\n', True),
        ("src/old.ts", "src/main.ts", 'import { f } from "old"\n', False),
        ("src/old.ts", "src/main.ts", 'import { f } from "./older"\n', False),
        ("src/old.ts", "src/main.ts", '// import { f } from "./old"\n', False),
        ("src/old.ts", "lib/main.ts", 'import { f } from "./old"\n', False),
    ],
)
def test_scripts_left_behind(gone: str, importer: str, code: str, is_found: bool, tmp_path: Path) -> None:
    assert found_in(tmp_path, gone, {importer: code}) == ([importer] if is_found else [])


def test_a_script_in_another_language_is_still_there(tmp_path: Path) -> None:
    assert found_in(tmp_path, "a/old.js", {"a/old.ts": "", "a/main.ts": 'import { f } from "./old.js"\n'}) == []
