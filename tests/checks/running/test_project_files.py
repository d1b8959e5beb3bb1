"""Which files of a project go into the sandbox, and which folders an interpreter needs."""

import os
import sys
from pathlib import Path

from tierwise.checks.frameworks import Framework
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


def test_what_is_left_out_stays_out(tmp_path: Path) -> None:
    plant(tmp_path, "a.py", "private/b.py", "prices.json", "big/deep/c.py", "vendor/d.go", "go.mod", "x.go", "web/e.ts")
    asked: list[str] = []

    def is_left_out(path: str) -> bool:
        asked.append(path)
        return path in ("private/", "prices.json")

    assert set(gather(tmp_path, "a.py", is_left_out=is_left_out)) == {"a.py", "big/deep/c.py"}
    assert {"private/", "big/", "big/deep/"} <= set(asked)
    assert "private/b.py" not in asked
    assert {"vendor/d.go", "go.mod", "x.go"} <= set(gather(tmp_path, "x.go", Framework.GO))
    assert "web/e.ts" in gather(tmp_path, "web/e.ts", Framework.VITEST)


def test_no_link_and_no_pipe_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    plant(outside, "secret.py")
    root = tmp_path / "root"
    plant(root, "a.py", "pkg/b.py")
    (root / "link.py").symlink_to(outside / "secret.py")
    (root / "linked").symlink_to(outside)
    (root / "dangling.py").symlink_to("nowhere")
    os.mkfifo(root / "pipe.py")
    os.link(outside / "secret.py", root / "pkg" / "c.py")
    assert set(gather(root, "a.py")) == {"a.py", "pkg/b.py", "pkg/c.py"}


def test_the_targets_own_folder_is_gathered_whatever_its_name(tmp_path: Path) -> None:
    plant(tmp_path, "build/a.py", "build/b.py", "dist/c.py")
    assert set(gather(tmp_path, "build/a.py")) == {"build/a.py", "build/b.py"}


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
