"""What a change may add, who is asked, and what is said when nobody can be."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from checks.running.tooled import code_of, equip, inquire, reported, toolbox, write
from tierwise.checks import Accepted
from tierwise.checks.running.diagnostics import diagnostic_gone, no_new_diagnostics
from tierwise.checks.running.inquiry import Compared, Inquiry
from tierwise.checks.running.tools.base import NotAsked, Place, Ran
from tierwise.checks.running.tools.language_server import ask_server
from tierwise.checks.running.tools.mypy import ask_mypy
from tierwise.checks.running.tools.ruff import ask_ruff
from tierwise.text import Rejection

RUFF = {"ruff.toml": 'lint.select = ["F", "B", "E501"]\n'}
LONG = f"x = '{'x' * 100}'\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x = 1\n", "x = 2\n", "accept"),
        ("x = 1\n", "def f(a=[]):\n    return a\n", "new-diagnostic"),
        ("def f(a=[]):\n    return a\n", "# Moved.\n\n\ndef f(a=[]):\n    return a\n", "accept"),
        ("def f(a=[]):\n    return a\n", "def f(b=[]):\n    return b\n", "accept"),
        ("def f(a=[]):\n    return a\n", "def f(a=[], b=[]):\n    return a + b\n", "new-diagnostic"),
        ("x = 1\n", LONG, "accept"),
        (None, "import os\n", "new-diagnostic"),
        ("x = 1\n", None, "accept"),
    ],
)
async def test_a_refactoring_adds_nothing(before: str | None, after: str | None, expected: str, tmp_path: Path) -> None:
    write(tmp_path, RUFF)
    verdict = await no_new_diagnostics(inquire(tmp_path, "a.py", before, after))
    assert code_of(verdict) == expected
    if after == LONG:
        assert isinstance(verdict, Accepted)
        assert "ruff reports something new: line 1: Line too long" in verdict.notes[0]


async def test_nobody_is_asked_who_is_not_configured_or_not_trusted(tmp_path: Path) -> None:
    after = "def f(a=[]):\n    return a\n"
    assert await no_new_diagnostics(inquire(tmp_path, "a.py", "x = 1\n", after)) == Accepted()
    write(tmp_path, RUFF)
    verdict = await no_new_diagnostics(inquire(tmp_path, "a.py", "x = 1\n", after, is_trusted=False))
    words = "the project's tools (ruff) were not asked about the change, because the workspace is not trusted"
    assert verdict == Accepted((words,))


async def test_a_fix_is_shown_to_every_configured_tool(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\n", "a.py": "x: int = 1\nimport os\n"})
    equip(tmp_path, "mypy")
    inquiry = inquire(tmp_path, "a.py", "x: int = 1\nimport os\n", "x: int = '1'\n")
    verdict = await diagnostic_gone(inquiry, reported("Ruff", "F401", "`os` imported but unused", 2))
    assert isinstance(verdict, Rejection)
    assert verdict.code == "new-diagnostic"
    assert "mypy reports a new problem: line 1: Incompatible types in assignment" in verdict.detail


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", "import os\n", "import os  # noqa: F401\n"),
        ("a.py", "x = f()\n", "x = f()  # type: ignore[name-defined]\n"),
        ("a.py", "x = f()\n", "x = f()  # pyright: ignore\n"),
        ("a.ts", "let x = y;\n", "// @ts-expect-error\nlet x = y;\n"),
        ("a.js", "a == b\n", "/* eslint-disable eqeqeq */\na == b\n"),
        ("a.go", "package a\n", "package a //nolint\n"),
        ("a.sh", "ls $1\n", "# shellcheck disable=SC2086\nls $1\n"),
    ],
)
async def test_silencing_is_no_mending(path: str, before: str, after: str, tmp_path: Path) -> None:
    inquiry = inquire(tmp_path, path, before, after)
    assert code_of(await diagnostic_gone(inquiry, reported("any", "any", "any"))) == "diagnostic-silenced"
    already = inquire(tmp_path, path, after, after + "\n")
    assert code_of(await diagnostic_gone(already, reported("any", "any", "any"))) == "accept"


@pytest.mark.parametrize(
    ("path", "source", "is_trusted", "words"),
    [
        ("a.py", "mypy", True, "mypy is not installed in the project; add it to the project's environment"),
        ("a.ts", "ts", True, "typescript is not installed in the project"),
        ("a.js", "eslint", True, "eslint is not installed in the project; run the project's 'npm install'"),
        ("a.py", "Pylance", True, "pyright is not installed in the project"),
        ("a.py", "mypy", False, "the workspace is not trusted"),
        ("a.rs", "rust-analyzer", True, "'cargo check' would build the whole crate"),
        ("a.rb", "rubocop", True, "Tierwise cannot ask it about a text that is not saved"),
        ("a.py", "", True, "the diagnostic does not say which tool it comes from"),
    ],
)
async def test_why_a_tool_was_not_asked_is_told(
    path: str, source: str, is_trusted: bool, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    inquiry = inquire(tmp_path, path, "x\n", "x\n\n", is_trusted=is_trusted)
    verdict = await diagnostic_gone(inquiry, reported(source, "c", "m"))
    assert isinstance(verdict, Accepted)
    assert "was not asked again, because" in verdict.notes[0]
    assert words in verdict.notes[0]


async def test_a_tool_that_never_said_so_is_not_believed(tmp_path: Path) -> None:
    inquiry = inquire(tmp_path, "a.py", "x = 1\n", "x = 2\n")
    verdict = await diagnostic_gone(inquiry, reported("Ruff", "F401", "`os` imported but unused"))
    assert isinstance(verdict, Accepted)
    assert "did not report the problem when asked here" in verdict.notes[0]


async def test_a_code_nobody_knows_does_not_keep_the_tool_from_looking(tmp_path: Path) -> None:
    inquiry = inquire(tmp_path, "a.py", "x = 1\n", "import os\nx = 1\n", code="XYZ999")
    assert code_of(await diagnostic_gone(inquiry, reported("ruff", "XYZ999", "?"))) == "new-diagnostic"


async def test_line_ends_of_the_document_reach_the_tool(tmp_path: Path) -> None:
    write(tmp_path, {"eslint.config.mjs": 'export default [{ rules: { "linebreak-style": [2, "windows"] } }];\n'})
    equip(tmp_path, "eslint")
    inquiry = inquire(tmp_path, "a.js", "f();\r\ng();\r\n", "f();\r\nh();\ng();\r\n")
    assert await no_new_diagnostics(inquiry) == Accepted()


async def test_a_project_whose_mypy_writes_reports_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nhtml_report = out\n", "a.py": "x = 1\n"})
    equip(tmp_path, "mypy")
    answer = await inquire(tmp_path, "a.py", "x = 1\n", "x = 2\n").ask(ask_mypy)
    assert isinstance(answer, NotAsked)
    assert "write reports" in answer.reason


async def test_broken_settings_are_told_in_the_words_of_the_tool(tmp_path: Path) -> None:
    write(tmp_path, {"eslint.config.mjs": "export default [{ rules: { nothing: 2 } }];\n"})
    equip(tmp_path, "eslint")
    verdict = await no_new_diagnostics(inquire(tmp_path, "a.js", "f();\n", "g();\n"))
    assert isinstance(verdict, Accepted)
    assert verdict.notes[0].startswith("eslint was not asked about the change, because it failed:")


async def test_each_tool_is_asked_once(tmp_path: Path) -> None:
    n_asked = 0

    async def ask(place: Place, texts: object, box: object) -> tuple[tuple[()], ...]:
        nonlocal n_asked
        n_asked += 1
        return ((), ())

    inquiry = inquire(tmp_path, "a.py", "x\n", "y\n")
    assert await inquiry.ask(ask) == await inquiry.ask(ask) == Compared((), ())  # type: ignore[arg-type]
    assert n_asked == 1


SLOW = "#!/bin/sh\necho $$ > {started}\nexec sleep 600\n"


def slow_program(root: Path, name: str) -> "asyncio.Future[int]":
    """Give a project a program that never ends; the number of its process, once it has started."""
    program, started = root / ".venv" / "bin" / name, root.parent / "started"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SLOW.format(started=started), "utf-8")
    program.chmod(0o755)
    os.mkfifo(started)
    return asyncio.ensure_future(asyncio.to_thread(lambda: int(started.read_text("utf-8"))))


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_slow_tool_is_ended_and_told(tmp_path: Path) -> None:
    root = tmp_path / "project"
    started = slow_program(root, "ruff")
    box = toolbox(root)
    ran = await box.run([str(root / ".venv" / "bin" / "ruff")], cwd=root, timeout_s=0.5)
    assert isinstance(ran, Rejection)
    assert "did not finish within 0.5 s" in ran.detail
    assert not is_alive(await started)


@pytest.mark.parametrize("kind", ["run", "talk"])
async def test_cancelling_leaves_no_tool_behind(kind: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    started = slow_program(root, "ruff")
    place = Place(root / "a.py", root, "python")
    command = (str(root / ".venv" / "bin" / "ruff"),)
    asking = (
        ask_ruff(place, ("x\n",), toolbox(root))
        if kind == "run"
        else ask_server(command, place, ("x\n",), toolbox(root), {})
    )
    task = asyncio.ensure_future(asking)
    pid = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_alive(pid)


@pytest.mark.parametrize(
    "said", ["", "nonsense\n\n", "Content-Length: 5\\r\\n\\r\\n{{}}{{}}", "Content-Length: x\\r\\n\\r\\n"]
)
async def test_a_server_that_speaks_something_else(said: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    program = root / ".venv" / "bin" / "server"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '{said}'\n", "utf-8")
    program.chmod(0o755)
    answer = await ask_server((str(program),), Place(root / "a.py", root, "python"), ("x\n",), toolbox(root), {})
    assert isinstance(answer, NotAsked)
    assert "not the language server protocol" in answer.reason


async def test_a_program_that_is_gone(tmp_path: Path) -> None:
    place = Place(tmp_path / "a.py", tmp_path, "python")
    answer = await ask_server((str(tmp_path / "none"),), place, ("x\n",), toolbox(tmp_path), {})
    assert answer == NotAsked("it cannot be started (No such file or directory)")


async def test_tools_get_no_keys_and_no_network_settings(tmp_path: Path) -> None:
    program = tmp_path / "show"
    program.write_text("#!/bin/sh\nenv\n", "utf-8")
    program.chmod(0o755)
    ran = await toolbox(tmp_path).run([str(program)], cwd=tmp_path, environment={"GOPROXY": "off"})
    assert isinstance(ran, Ran)
    names = {line.split("=")[0] for line in ran.output.decode().split("\n") if "=" in line}
    assert "GOPROXY" in names
    assert not {name for name in names if "KEY" in name or "TOKEN" in name or "proxy" in name.lower()} - {"GOPROXY"}


def test_an_inquiry_names_the_file_absolutely(tmp_path: Path) -> None:
    inquiry: Inquiry = inquire(tmp_path, "a/../b.py", "", "")
    assert inquiry.place.path == tmp_path / "b.py"


async def test_vet_that_reads_the_disk_is_not_believed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    equip(root, "go")
    write(root, {"go.mod": "module example.org/a\n\ngo 1.19\n"})
    # A stand-in for releases whose vet knows nothing of overlays: it never tells of the fault that was added.
    program = root / ".venv" / "bin" / "go"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\n[ "$1" = vet ] && echo "{{}}" && exit 0\nexec {shutil.which("go")} "$@"\n', "utf-8")
    program.chmod(0o755)
    verdict = await no_new_diagnostics(inquire(root, "a.go", "package a\n", "package a\n\nvar b = 1\n"))
    assert isinstance(verdict, Accepted)
    (note,) = verdict.notes
    assert "vets files only as they are on disk; install a newer one" in note
