"""Small projects with the tools a project would have: links to those of this repository and of this machine."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tierwise.checks import Accepted, Change
from tierwise.checks.running.inquiry import Inquiry, Reported
from tierwise.dispatch.native.toolbox import ProjectTools
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

NODE = Path(__file__).parents[2] / "node" / "node_modules"
_SCRIPTS = Path(sys.prefix) / "bin"
_NODE_PROGRAMS = {
    "eslint": ("eslint", "eslint/bin/eslint.js"),
    "typescript": ("tsc", "typescript/bin/tsc"),
    "typescript-7": ("tsc", "typescript-7/bin/tsc"),
    "pyright": ("pyright-langserver", "pyright/langserver.index.js"),
}
_ON_PATH = ("go", "gofmt", "shellcheck")


def equip(root: Path, *tools: str) -> None:
    """Give a project tools; a test whose tool this machine lacks is skipped."""
    for tool in tools:
        if tool in _NODE_PROGRAMS:
            _link_package(root, tool)
        elif tool in _ON_PATH:
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed here; 'apt-get install golang-go shellcheck' installs it")
        elif tool == "go vet":
            equip(root, "go")
            if not _has_new_go():
                pytest.skip("go vet of this release reads files only as they are on disk; install Go 1.24 or newer")
        else:
            _link(root / ".venv" / "bin" / tool, _SCRIPTS / tool)


def _has_new_go() -> bool:
    said = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"go1\.(\d+)", said)
    return version is not None and 24 <= int(version[1])


def _link_package(root: Path, tool: str) -> None:
    program, path = _NODE_PROGRAMS[tool]
    if not (NODE / path).is_file() or shutil.which("node") is None:
        pytest.skip(f"{tool} is not installed here; 'make .make/tools' installs it")
    _link(root / "node_modules" / ".bin" / program, NODE / path)
    _link(root / "node_modules" / tool, NODE / tool)


def _link(link: Path, target: Path) -> None:
    assert target.exists(), f"{target} is missing; 'make setup' installs it"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(target)


def write(root: Path, files: Mapping[str, str]) -> None:
    """Put files into a project."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8", newline="")


def toolbox(root: Path, *, is_trusted: bool = True) -> ProjectTools:
    """The tools of a project; what they keep lies beside it."""
    return ProjectTools(root=root, is_trusted=is_trusted, cache=root.parent / f"{root.name}-cache")


def inquire(root: Path, path: str, before: str | None, after: str | None, **more: object) -> Inquiry:
    """An inquiry about one change, in a trusted project unless said otherwise."""
    is_trusted = bool(more.pop("is_trusted", True))
    change = Change(path, language_of(path), before, after)
    return Inquiry(change, toolbox(root, is_trusted=is_trusted), **more)  # type: ignore[arg-type]


def reported(source: str, code: str, message: str, line: int = 1) -> Reported:
    """A diagnostic as an editor has it."""
    return Reported(code=code, source=source, message=message, line=line)


def code_of(verdict: Accepted | Rejection) -> str:
    """The code of a rejection, or `accept`."""
    return verdict.code if isinstance(verdict, Rejection) else "accept"


def everything_in(root: Path) -> dict[str, bytes]:
    """All files of a project and what they hold."""
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
