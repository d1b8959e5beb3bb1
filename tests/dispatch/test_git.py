"""Git is asked, and does nothing beside answering, whatever a repository configures and the environment says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tierwise.dispatch.git import ask_git
from tierwise.dispatch.hiding import ignored
from tierwise.dispatch.listing import tracked
from tierwise.dispatch.repositories import repository_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
PROGRAMS = ("fsmonitor", "pager", "sshCommand", "askPass", "editor", "gitProxy", "alternateRefsCommand")
"""Settings of `core` that name a program."""


def repository(folder: Path, **files: str) -> Path:
    """A repository in which every setting that names a program names one that leaves a mark."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    mark = folder.parent / "marks"
    mark.mkdir()
    program = folder.parent / "program"
    program.write_text(f"#!/bin/sh\n: > {mark}/ran\nexit 1\n")
    program.chmod(0o755)
    (folder / "kept.py").write_text("x = 1\n")
    (folder / "left.log").write_text("")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / ".gitattributes").write_text("*.py filter=f diff=f merge=f\n")
    subprocess.run(["git", "-C", str(folder), "add", "kept.py"], check=True)
    core = "".join(f"\t{name} = {program}\n" for name in PROGRAMS)
    hooks = folder / ".git" / "hooks"
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    with (folder / ".git" / "config").open("a") as config:
        config.write(f"[core]\n{core}\thooksPath = {hooks}\n\tuntrackedCache = true\n[index]\n\tsparse = true\n")
        config.write(f'[filter "f"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n')
        config.write(f'[remote "origin"]\n\turl = ext::{program}\n\tpromisor = true\n\tuploadpack = {program}\n')
        config.write(f'[diff "f"]\n\ttextconv = {program}\n[alias]\n\tls-files = !{program}\n')
        config.write(f"[credential]\n\thelper = {program}\n[trace2]\n\teventTarget = {mark}/trace\n")
    (folder / "kept.py").write_text("x = 2\n")
    return folder


def test_git_answers_and_runs_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    before = sorted(tmp_path.rglob("*"))
    index = (folder / ".git" / "index").read_bytes()
    assert set(tracked(folder) or ()) == {"kept.py", ".gitignore", ".gitattributes"}
    assert ignored(folder, ["kept.py", "left.log"], is_trusted=True) == {"left.log"}
    assert repository_of(folder) is None
    assert sorted(tmp_path.rglob("*")) == before
    assert (folder / ".git" / "index").read_bytes() == index
    assert list((tmp_path / "marks").iterdir()) == []


def test_the_programs_would_have_run(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    subprocess.run(["git", "-C", str(folder), "status"], capture_output=True, check=False)
    assert (tmp_path / "marks" / "ran").exists()


LISTING = """\
import pathlib, sys
from tierwise.dispatch.listing import tracked
print(*tracked(pathlib.Path(sys.argv[1])))
"""


def test_variables_of_git_point_nowhere_else(tmp_path: Path) -> None:
    """As an editor has them that was started from a hook."""
    folder, other = repository(tmp_path / "r"), tmp_path / "other"
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    misleading = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / "index"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(tmp_path / "program"),
        "GIT_TRACE": str(tmp_path / "marks" / "trace"),
    }
    code = (
        "import pathlib, sys; from tierwise.dispatch.listing import tracked; print(*tracked(pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    ended = subprocess.run(command, env=os.environ | misleading, capture_output=True, text=True, check=True)
    assert set(ended.stdout.split()) == {"kept.py", ".gitignore", ".gitattributes"}
    assert list((tmp_path / "marks").iterdir()) == []


def test_where_git_cannot_say_nothing_is_said(tmp_path: Path) -> None:
    assert ask_git(tmp_path / "nowhere", "ls-files") is None
    assert ask_git(tmp_path, "no-such-command") is None
