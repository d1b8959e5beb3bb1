"""A real Emacs with the configuration of its page, against the real server with scripted models."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clients.pages import block
from nvim.setting_up import Case, set_up, surroundings
from nvim.test_nvim import has_exactly_the_reply, is_formatted, works_after_the_refactoring

pytestmark = pytest.mark.editors

ROAD = Path(__file__).with_name("road.el")
TIMEOUT_S = 400.0
WORDS = "It is being thought about, at some length, so that there is something to report. " * 6
HELD = {"when": r"Task: refactor\. Target: 'convert_temperature'", "reply": WORDS, "hold": True}
HAS_EGLOT = "(progn (require 'package) (package-initialize) (require 'eglot))"


def find_emacs() -> str:
    """An Emacs with Eglot. Skips the test where there is none."""
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("there is no Emacs here; on Debian: apt install emacs-nox elpa-eglot")
    asked = subprocess.run([emacs, "--batch", "--eval", HAS_EGLOT], capture_output=True, check=False)
    if asked.returncode:
        pytest.skip("this Emacs has no Eglot; on Debian: apt install elpa-eglot")
    return emacs


def test_the_road_of_an_action(tmp_path: Path) -> None:
    emacs = find_emacs()
    project = set_up(tmp_path, Case(rules=(HELD,), chunk_delay_s=0.02))
    config = tmp_path / "page.el"
    config.write_text(block("emacs", "elisp"))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "tierwise").write_text(f'#!/bin/sh\nexec {sys.executable} -m tierwise "$@"\n')
    (programs / "tierwise").chmod(0o755)
    env = surroundings(tmp_path) | {"ROAD_CONFIG": str(config), "ROAD_PROJECT": str(project)}
    env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
    ended = subprocess.run(
        [emacs, "--batch", "--no-init-file", "-l", str(ROAD)],
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    has_exactly_the_reply(project)
    is_formatted(project)
    works_after_the_refactoring(project)
    durations = (project / "unitkit" / "durations.py").read_text()
    assert "n_units: int = 2" in durations
    assert durations.endswith("# mine\n")
