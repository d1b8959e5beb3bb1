"""A proposal written down is a diff that git takes from the workspace's folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tierwise.dispatch import FileChange
from tierwise.lsp.showing import write_diff
from tierwise.text import Snapshot


def change(path: Path, before: str | None, after: str | None) -> FileChange:
    """A change of one file, which is put on disk as it is before."""
    if before is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before.encode())
    snapshot = None if before is None else Snapshot(uri=path.as_uri(), text=before, language="python")
    return FileChange(path=path, uri=path.as_uri(), language="python", before=snapshot, after=after)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_applies_new_changed_and_deleted_files(tmp_path: Path) -> None:
    root = tmp_path / "root"
    changes = [
        change(root / "pack" / "changed.py", "one\r\ntwo", "one\r\n2"),
        change(root / "pack" / "gone.py", "x = 1\n", None),
        change(root / "tests" / "new.py", None, "é = '😀'\n"),
    ]
    diff = write_diff(changes, [root])
    command = ["git", "apply", "--whitespace=nowarn", str(diff)]
    subprocess.run(command, cwd=root, check=True, env={"PATH": "/usr/bin:/bin", "GIT_DIR": str(tmp_path / "none")})
    assert (root / "pack" / "changed.py").read_bytes() == b"one\r\n2"
    assert not (root / "pack" / "gone.py").exists()
    assert (root / "tests" / "new.py").read_text("utf-8") == "é = '😀'\n"
    assert diff.stat().st_mode & 0o077 == 0
    diff.unlink()
