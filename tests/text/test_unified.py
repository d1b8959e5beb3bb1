"""Unified diffs for people: the standard tool must be able to read them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tierwise.text.unified import unified_diff

CASES = {
    "middle": ("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nD\ne\nf\ng\nh\n"),
    "two groups": (
        "".join(f"{n}\n" for n in range(40)),
        "".join(f"{n}{'!' if n in (3, 30) else ''}\n" for n in range(40)),
    ),
    "no final line break": ("a\nb", "a\nc"),
    "from nothing": ("", "a\nb\n"),
    "to nothing": ("a\nb\n", ""),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.skipif(shutil.which("patch") is None, reason="the program patch is not installed")
def test_patch_understands_it(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    target = tmp_path / "f.txt"
    target.write_text(before)
    done = subprocess.run(
        ["patch", "-p1", "--posix", "-s"],
        input=unified_diff(before, after, "f.txt"),
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0
    assert (target.read_text() if target.exists() else "") == after


def test_the_text_of_a_small_diff() -> None:
    assert unified_diff("a\nb\nc", "a\nB\nc", "x.py") == (
        "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n\\ No newline at end of file\n"
    )


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("a\n", "a\n", "x") == ""
