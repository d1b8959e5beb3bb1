"""Which formatter serves a file, given what the project says and what is installed."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tierwise.dispatch.native import FormatterFinder, bundled_formatter, find_python
from tierwise.dispatch.native.programs import narrow_search_path

BY_RUFF = "[tool.ruff]\nline-length = 90\n"
BY_BLACK = "[tool.black]\nline-length = 90\n"


def write_files(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def add_program(folder: Path, name: str) -> str:
    """An executable that formats nothing; these tests never run it."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder on PATH, outside the project, with every tool."""
    folder = tmp_path / "usr" / "bin"
    for name in ("ruff", "black", "prettier", "gofmt", "rustfmt", "clang-format"):
        add_program(folder, name)
    return folder


PRETTIER_IN_PACKAGE = "prettier, configured in package.json"
RUFF_IN_PROJECT = "ruff, configured in pyproject.toml"
BLACK_IN_PROJECT = "black, configured in pyproject.toml"
RUFF_FORMATS = BY_BLACK + "[tool.ruff.format]\nquote-style = 'single'\n"
SAYS_NOTHING = "[project]\nname = 'p'\n"

CHOICES: tuple[tuple[str, Mapping[str, str], str | None], ...] = (
    ("a.py", {"pyproject.toml": BY_RUFF}, RUFF_IN_PROJECT),
    ("a.py", {"ruff.toml": ""}, "ruff, configured in ruff.toml"),
    ("a.py", {".ruff.toml": ""}, "ruff, configured in .ruff.toml"),
    ("a.py", {"pyproject.toml": BY_BLACK}, BLACK_IN_PROJECT),
    ("a.py", {"pyproject.toml": BY_RUFF + BY_BLACK}, BLACK_IN_PROJECT),
    ("a.py", {"pyproject.toml": RUFF_FORMATS}, RUFF_IN_PROJECT),
    ("p/q/a.py", {"pyproject.toml": BY_RUFF, "p/pyproject.toml": BY_BLACK}, "black, configured in p/pyproject.toml"),
    ("p/a.py", {"pyproject.toml": BY_RUFF, "p/pyproject.toml": SAYS_NOTHING}, RUFF_IN_PROJECT),
    ("a.py", {"pyproject.toml": SAYS_NOTHING}, None),
    ("a.py", {"pyproject.toml": "[tool.ruff\n"}, None),
    ("a.py", {"pyproject.toml": "tool = 3\n"}, None),
    ("a.py", {"pyproject.toml": BY_RUFF + "# " + "x" * (1 << 20)}, None),
    ("a.py", {}, None),
    ("a.js", {".prettierrc": "{}"}, "prettier, configured in .prettierrc"),
    ("a.ts", {"prettier.config.mjs": ""}, "prettier, configured in prettier.config.mjs"),
    ("a.css", {"package.json": '{"prettier": {}}'}, PRETTIER_IN_PACKAGE),
    ("a.tsx", {"package.json": '{"devDependencies": {"prettier": "^3"}}'}, PRETTIER_IN_PACKAGE),
    ("a.js", {"package.json": '{"devDependencies": ["prettier"]}'}, None),
    ("a.js", {"package.json": "{"}, None),
    ("a.js", {"package.json": "[]"}, None),
    ("a.go", {"go.mod": "module m\n"}, "gofmt, chosen by go.mod"),
    ("src/a.rs", {"Cargo.toml": ""}, "rustfmt, chosen by Cargo.toml"),
    ("a.rs", {"rustfmt.toml": ""}, "rustfmt, configured in rustfmt.toml"),
    ("a.c", {".clang-format": ""}, "clang-format, configured in .clang-format"),
    ("a.c", {"pyproject.toml": BY_RUFF}, None),
    ("a.txt", {"pyproject.toml": BY_RUFF}, None),
)
LANGUAGES = {
    **{"py": "python", "js": "javascript", "ts": "typescript", "css": "css", "tsx": "typescriptreact"},
    **{"go": "go", "rs": "rust", "c": "c", "txt": "plaintext"},
}


@pytest.mark.parametrize(("name", "files", "source"), CHOICES)
def test_choice(root: Path, tools: Path, name: str, files: Mapping[str, str], source: str | None) -> None:
    write_files(root, files)
    finder = FormatterFinder({"PATH": str(tools)})
    found = finder.find(root / name, LANGUAGES[name.split(".")[1]], root, is_trusted=True, bundled=False)
    assert (found and found.source) == source


def test_choice_outside_the_project_does_not_count(root: Path, tools: Path) -> None:
    write_files(root.parent, {"pyproject.toml": BY_RUFF})
    assert FormatterFinder({"PATH": str(tools)}).find(root / "a.py", "python", root, is_trusted=True) is None


def test_environment_of_the_project_comes_first(root: Path, tools: Path) -> None:
    write_files(root, {"pyproject.toml": BY_RUFF, "package.json": '{"prettier": {}}'})
    ruff = add_program(root / ".venv" / "bin", "ruff")
    prettier = add_program(root / "web" / "node_modules" / ".bin", "prettier")
    finder = FormatterFinder({"PATH": str(tools)})
    python = finder.find(root / "pkg" / "a.py", "python", root, is_trusted=True)
    script = finder.find(root / "web" / "a.js", "javascript", root, is_trusted=True)
    assert python is not None
    assert script is not None
    assert (python.command[0], script.command[0]) == (ruff, prettier)


def test_missing_tool(root: Path) -> None:
    write_files(root, {"pyproject.toml": BY_BLACK})
    finder = FormatterFinder({"PATH": ""})
    assert finder.find(root / "a.py", "python", root, is_trusted=True) is None
    choice = finder.configured(root / "a.py", "python", root)
    assert choice is not None
    assert (choice.tool, choice.config) == ("black", root / "pyproject.toml")


def test_bundled_ruff_stands_in_for_a_ruff_that_is_not_installed(root: Path) -> None:
    write_files(root, {"pyproject.toml": BY_RUFF})
    finder = FormatterFinder({"PATH": ""})
    found = finder.find(root / "a.py", "python", root, is_trusted=True, bundled=True)
    assert found is not None
    assert found.is_bundled
    assert found.source == "the ruff that comes with Tierwise, configured in pyproject.toml"
    assert finder.find(root / "a.py", "python", root, is_trusted=True, bundled=False) is None


def test_bundled_formatter() -> None:
    found = bundled_formatter("python")
    assert found is not None
    assert found.is_bundled
    assert bundled_formatter("go") is None


def search_paths(root: Path, link: Path) -> tuple[str, ...]:
    """Ways in which PATH may lead into a workspace."""
    link.symlink_to(root / ".venv" / "bin")
    inner = root / ".venv" / "bin"
    return (str(inner), str(link), str(inner / ".." / "bin"), os.path.relpath(inner), ".", "")


@pytest.mark.parametrize(("name", "files", "source"), CHOICES)
def test_formatters_read_nothing_of_an_untrusted_workspace(
    root: Path, tools: Path, name: str, files: Mapping[str, str], source: str | None
) -> None:
    write_files(root, files)
    finder = FormatterFinder({"PATH": str(tools)})
    language = LANGUAGES[name.split(".")[1]]
    found = finder.find(root / name, language, root, is_trusted=False, bundled=True)
    reads_settings = source is not None and source.startswith(("prettier", "clang-format"))
    assert (found is None) is (source is None or reads_settings)
    if found is not None:
        assert not found.cwd.is_relative_to(root)
        assert not [argument for argument in found.command[1:] if str(root) in argument]


UNPLAIN = """
line-length = 90
extend = "/dev/zero"
target-version = "py311"
cache-dir = "/tmp"
indent-width = true
[format]
quote-style = "single"
line-ending = "x\\" --config /etc/passwd"
"""


def test_of_untrusted_settings_only_plain_values_are_taken(root: Path, tools: Path) -> None:
    write_files(root, {"ruff.toml": UNPLAIN, "b/pyproject.toml": "[tool.black]\nline-length = 90\ncode = 'x'\n"})
    finder = FormatterFinder({"PATH": str(tools)})
    ruff = finder.find(root / "a.py", "python", root, is_trusted=False)
    black = finder.find(root / "b" / "a.py", "python", root, is_trusted=False)
    assert ruff is not None
    assert black is not None
    given = [after for before, after in zip(ruff.command, ruff.command[1:], strict=False) if before == "--config"]
    assert given == [
        "line-length = 90",
        "indent-width = true",
        'target-version = "py311"',
        'format.quote-style = "single"',
    ]
    assert black.command[1:5] == ("--quiet", "--config", "/dev/null", "--line-length=90")


def test_programs_of_an_untrusted_workspace_are_never_found(root: Path, tools: Path) -> None:
    write_files(root, {"pyproject.toml": BY_BLACK})
    add_program(root / ".venv" / "bin", "black")
    for entry in search_paths(root, root.parent / "link"):
        found = FormatterFinder({"PATH": entry}).find(root / "a.py", "python", root, is_trusted=False)
        assert found is None, entry
        both = FormatterFinder({"PATH": os.pathsep.join((entry, str(tools)))})
        outside = both.find(root / "a.py", "python", root, is_trusted=False)
        assert outside is not None, entry
        assert outside.command[0] == str(tools / "black")
        assert outside.search_path == str(tools)


def test_link_from_path_into_an_untrusted_workspace(root: Path, tools: Path) -> None:
    write_files(root, {"pyproject.toml": BY_BLACK})
    inner = add_program(root / "bin", "black")
    (tools / "black").unlink()
    (tools / "black").symlink_to(inner)
    finder = FormatterFinder({"PATH": str(tools)})
    assert finder.find(root / "a.py", "python", root, is_trusted=False) is None
    assert finder.find(root / "a.py", "python", root, is_trusted=True) is not None


def test_the_search_path_of_the_process_leads_into_no_untrusted_workspace(
    root: Path, tools: Path, request: pytest.FixtureRequest
) -> None:
    add_program(root / ".venv" / "bin", "black")
    before = os.environ["PATH"]
    request.addfinalizer(lambda: os.environ.__setitem__("PATH", before))
    os.environ["PATH"] = os.pathsep.join((*search_paths(root, root.parent / "link"), str(tools)))
    assert shutil.which("black") == str(root / ".venv" / "bin" / "black")
    narrow_search_path((root,))
    assert os.environ["PATH"] == str(tools)
    assert shutil.which("black") == str(tools / "black")


def test_changed_configuration_is_read_again(root: Path, tools: Path) -> None:
    finder = FormatterFinder({"PATH": str(tools)})

    def name() -> str | None:
        found = finder.find(root / "a.py", "python", root, is_trusted=True)
        return None if found is None else found.name

    assert name() is None
    write_files(root, {"pyproject.toml": BY_RUFF})
    assert name() == "ruff"
    write_files(root, {"pyproject.toml": BY_BLACK + "\n"})
    assert name() == "black"
    (root / "pyproject.toml").unlink()
    assert name() is None


def test_rust_edition_and_settings(root: Path, tools: Path) -> None:
    write_files(
        root,
        {
            "Cargo.toml": "[workspace]\nmembers = ['crate']\n[workspace.package]\nedition = '2021'\n",
            "rustfmt.toml": "max_width = 80\n",
            "crate/Cargo.toml": "[package]\nname = 'c'\nedition.workspace = true\n",
            "old/Cargo.toml": "[package]\nname = 'o'\n",
        },
    )
    finder = FormatterFinder({"PATH": str(tools)})
    for folder, edition in (("crate", "2021"), ("old", "2015")):
        found = finder.find(root / folder / "src" / "a.rs", "rust", root, is_trusted=True)
        assert found is not None
        assert found.command[1:] == (
            *("--quiet", "--emit", "stdout", "--edition", edition),
            *("--config-path", str(root / "rustfmt.toml")),
        )


def test_interpreter(root: Path) -> None:
    assert find_python(root, is_trusted=True) is None
    write_files(root, {".venv/pyvenv.cfg": "", ".venv/bin/python": ""})
    assert find_python(root, is_trusted=True) == str(root / ".venv" / "bin" / "python")
    assert find_python(root, is_trusted=False) is None
