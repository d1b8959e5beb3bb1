"""Every canary fires when it should, or the silence of the others would prove nothing."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hostile.audit import Audit
from hostile.ground import Ground, ground
from hostile.making import SECRET, make
from hostile.opening import leaks, open_and_run, strayed
from hostile.project_tools import CORE, GIT, TOOLS
from hostile.repository import AREA, Repository
from hostile.window import CAPABILITIES, UNTRUSTED, Window

RUN: tuple[tuple[str, Sequence[str], str], ...] = (
    ("venv-ruff", (".venv/bin/ruff",), "venv-ruff"),
    ("prettier-plugin", ("node", "prettier.config.cjs"), "prettier-config"),
    (
        "pytest-plugins",
        (sys.executable, "-m", "pytest", "-q", "test_app.py"),
        "pytest-plugin",
    ),
    ("modules", (sys.executable, "-m", "tierwise", "--version"), "module-tierwise"),
    ("on-the-path", ("sh", "-c", "PATH=. git"), "path-git"),
    ("build-files", (sys.executable, "setup.py"), "setup"),
    ("npm-scripts", ("node", "vitest.config.js"), "vitest-config"),
)


@pytest.mark.parametrize(("name", "command", "mark"), RUN, ids=[mark for *_, mark in RUN])
def test_a_program_of_a_repository_leaves_its_mark(
    tmp_path: Path, name: str, command: Sequence[str], mark: str
) -> None:
    if shutil.which(command[0]) is None and "/" not in command[0]:
        pytest.skip(f"{command[0]} is not installed")
    repository = next(one for one in TOOLS if one.name == name)
    with ground(tmp_path) as around:
        make(tmp_path / name, repository.all_files, around.around)
        env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(command, cwd=tmp_path / name, input=b"", capture_output=True, timeout=60, check=False, env=env)
        assert mark in around.around.fired


def test_git_runs_what_a_repository_configures(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    with ground(tmp_path) as around:
        config = f"{CORE}\tfsmonitor = touch {around.around.marks}/monitor\n"
        make(tmp_path / "r", {**GIT, ".git/config": config, ".git/objects/x": "", "a.py": ""}, around.around)
        subprocess.run(["git", "status"], cwd=tmp_path / "r", capture_output=True, timeout=60, check=False)
        assert "monitor" in around.around.fired


DEEDS = """\
import socket, subprocess, pathlib
pathlib.Path("written").write_text("x")
subprocess.run(["true"])
try:
    socket.create_connection(("127.0.0.1", {port}), 5)
except OSError:
    pass
"""


@pytest.mark.parametrize("is_traced", [False, True], ids=["hook", "strace"])
def test_the_record_holds_every_kind_of_deed(tmp_path: Path, is_traced: bool) -> None:
    if is_traced and shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    with ground(tmp_path) as around:
        audit = Audit(tmp_path / "audit")
        code = DEEDS.format(port=around.canary.port)
        command = (*(audit.tracer if is_traced else ()), sys.executable, "-c", code)
        env = os.environ | ({} if is_traced else audit.environment)
        subprocess.run(command, cwd=tmp_path, env=env | {"AUDIT_FILE": str(tmp_path / "audit/audit.jsonl")}, check=True)
        found = audit.news()
        assert any(event.kind == "write" and event.what.endswith("written") for event in found)
        assert any(event.kind == "run" and event.what.endswith("true") for event in found)
        assert any(event.kind == "connect" and event.what == f"127.0.0.1:{around.canary.port}" for event in found)
        assert {event.kind for event in strayed_in(tmp_path, found, around)} >= {"write", "connect"}


def strayed_in(folder: Path, events: list[object], around: Ground) -> list[object]:
    """What a check would object to."""
    from hostile.opening import Opened

    opened = Opened(Repository(name="control", tries="everything"), folder / "r", events=events)  # type: ignore[arg-type]
    return list(strayed(opened, around, may_write=(folder / "home",)))


def test_a_server_that_is_called_counts_it(tmp_path: Path) -> None:
    """The user's own configuration may name any server, and what stands in the open file is sent."""
    with ground(tmp_path) as around:
        audit = Audit(tmp_path / "audit")
        with Window(tmp_path / "window", around.config, env=audit.environment) as window:
            window.initialize(options=UNTRUSTED, **CAPABILITIES)
            open_file = Repository(name="r", tries="nothing", files={"app.py": f"{AREA}# {SECRET}\n"})
            assert leaks(open_and_run(window, around, audit, open_file, tmp_path / "r"))
            url = around.around.url
            (tmp_path / "window-home" / "config.toml").write_text(around.config.replace(around.model_address, url[7:]))
            window.command("tierwise.reload")
            open_and_run(window, around, audit, Repository(name="s", tries="nothing"), tmp_path / "s")
            assert around.canary.n_calls > 0


def test_a_connection_is_counted(tmp_path: Path) -> None:
    with ground(tmp_path) as around:
        with socket.create_connection(("127.0.0.1", around.canary.port)) as calling:
            calling.settimeout(60)
            assert calling.recv(1) == b""
        assert around.canary.n_calls == 1
