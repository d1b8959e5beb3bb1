"""Which files of a project go into the sandbox, and which folders an interpreter needs."""

import sys
from pathlib import Path

from tierwise.checks.running.interpreters import find_interpreter, own_interpreter
from tierwise.checks.running.project_files import MAX_FILE_BYTES, gather, import_roots


def plant(root: Path, *paths: str) -> None:
    """Files whose content is their own path."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def test_code_and_small_data_are_gathered(tmp_path: Path) -> None:
    wanted = ["a.py", "pkg/b.py", "pkg/b.pyi", "tests/data.json", "pyproject.toml"]
    unwanted = [
        ".git/config.py",
        ".env",
        "node_modules/x.py",
        "pkg/__pycache__/b.py",
        "key.pem",
        "my_secrets.json",
        "x.so",
    ]
    plant(tmp_path, *wanted, *unwanted)
    plant(tmp_path, "env3/pyvenv.cfg", "env3/lib/x.py")
    (tmp_path / "big.json").write_bytes(b" " * (MAX_FILE_BYTES + 1))
    (tmp_path / "link.py").symlink_to("/etc/hostname")
    files = gather(tmp_path, "pkg/b.py")
    assert set(files) == set(wanted)
    assert files["pkg/b.py"] == b"pkg/b.py"
    assert next(iter(files)).startswith("pkg/")


def test_import_roots_stand_above_packages(tmp_path: Path) -> None:
    plant(tmp_path, "server/pkg/__init__.py", "server/pkg/sub/__init__.py", "server/pkg/sub/m.py", "tests/test_m.py")
    roots = import_roots(tmp_path, ["server/pkg/sub/m.py", "tests/test_m.py"])
    assert set(roots) == {str(tmp_path), str(tmp_path / "src"), str(tmp_path / "server"), str(tmp_path / "tests")}


def test_an_environment_needs_the_interpreter_it_was_made_from() -> None:
    found = own_interpreter()
    assert found is not None
    bases = {Path(sys.prefix), Path(sys.base_prefix).resolve()}
    for base in bases:
        is_system = base.is_relative_to("/usr")
        assert is_system or any(base.is_relative_to(folder) for folder in found.folders)


def test_no_such_interpreter(tmp_path: Path) -> None:
    assert find_interpreter(tmp_path / "python") is None
