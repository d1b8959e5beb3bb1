"""Running formatters: real ones where they are installed, and programs that behave badly."""

import asyncio
import contextlib
import os
import select
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tierwise.dispatch.native import Formatter, FormatterFinder, bundled_formatter, format_text
from tierwise.dispatch.native.children import child_environment
from tierwise.text import Rejection

UGLY_PYTHON = "import os\ndef  f( a,b ):\n  return {'a':a,\n 'b' : b}\n"


def formatter(tmp_path: Path, script: str) -> Formatter:
    """A shell script in the place of a formatter."""
    program = tmp_path / "tool"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Formatter(
        name="tool",
        command=(str(program),),
        source="tool, for this test",
        is_bundled=False,
        cwd=tmp_path,
        search_path=os.defpath,
    )


async def run(tmp_path: Path, script: str, text: str = "text\n", timeout_s: float = 30.0) -> str | Rejection:
    return await format_text(formatter(tmp_path, script), text, tmp_path / "a.py", timeout_s)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@dataclass(frozen=True)
class Case:
    """What a real formatter makes of a text under some settings."""

    name: str
    language: str
    settings: Mapping[str, str]
    before: str
    after: str


REAL = {
    "ruff": Case(
        *("a.py", "python", {"pyproject.toml": "[tool.ruff]\nline-length = 30\n"}),
        "x = call(first_argument, second_argument)\n",
        "x = call(\n    first_argument,\n    second_argument,\n)\n",
    ),
    "black": Case(
        *("a.py", "python", {"pyproject.toml": "[tool.black]\nskip-string-normalization = true\n"}),
        "x = { 'a':1 }\n",
        "x = {'a': 1}\n",
    ),
    "prettier": Case(
        *("a.js", "javascript", {".prettierrc": '{"semi": false, "singleQuote": true}'}),
        'const a = {b:"c"};\n',
        "const a = { b: 'c' }\n",
    ),
    "gofmt": Case(
        *("a.go", "go", {"go.mod": "module m\n"}),
        "package m\nfunc  F( a int)int{\nreturn a}\n",
        "package m\n\nfunc F(a int) int {\n\treturn a\n}\n",
    ),
    "rustfmt": Case(
        *("a.rs", "rust", {"Cargo.toml": "[package]\nname='c'\nedition='2021'\n", "rustfmt.toml": "tab_spaces=2"}),
        "async  fn f( a:u8)->u8{ a }\n",
        "async fn f(a: u8) -> u8 {\n  a\n}\n",
    ),
    "clang-format": Case(
        *("a.c", "c", {".clang-format": "BasedOnStyle: LLVM\nIndentWidth: 8\n"}),
        "int  f( ) {\n  g();\nh();\n}\n",
        "int f() {\n        g();\n        h();\n}\n",
    ),
}


TOOLS = (Path(sys.executable).parent, Path(__file__).parents[2] / "client-vscode" / "node_modules" / ".bin")
WITH_TOOLS = {"PATH": os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])}
"""Where `make setup` put black, clang-format and prettier, then what the machine has."""


@pytest.mark.parametrize("is_trusted", [True, False], ids=["trusted", "untrusted"])
@pytest.mark.parametrize("tool", REAL)
async def test_real_formatter(tmp_path: Path, tool: str, *, is_trusted: bool) -> None:
    case = REAL[tool]
    path = tmp_path / case.name
    for file, text in case.settings.items():
        (tmp_path / file).write_text(text)
    found = FormatterFinder(WITH_TOOLS).find(path, case.language, tmp_path, is_trusted=is_trusted)
    if not is_trusted and tool in ("prettier", "clang-format"):
        assert found is None
        return
    if found is None:
        assert shutil.which(tool, path=WITH_TOOLS["PATH"]) is None
        pytest.skip(f"{tool} is not installed")
    assert await format_text(found, case.before, path, 60.0) == case.after
    assert await format_text(found, case.after, path, 60.0) == case.after
    assert names_in(tmp_path) == set(case.settings)


async def test_bundled_ruff_ignores_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 20\n")
    ruff = bundled_formatter("python")
    assert ruff is not None
    formatted = await format_text(ruff, UGLY_PYTHON, tmp_path / "a.py", 60.0)
    assert formatted == 'import os\n\n\ndef f(a, b):\n    return {"a": a, "b": b}\n'


async def test_syntax_error_is_told_in_the_tools_words(tmp_path: Path) -> None:
    ruff = bundled_formatter("python")
    assert ruff is not None
    refused = await format_text(ruff, "def f(:\n", tmp_path / "a.py", 60.0)
    assert isinstance(refused, Rejection)
    assert refused.code == "native-tool-failed"
    assert refused.detail.startswith("ruff could not format 'a.py': ")
    assert "Failed to parse" in refused.detail


BAD = [
    pytest.param("cat >/dev/null; exit 3", "native-tool-failed", "exit code 3", id="silent failure"),
    pytest.param(
        *(r"printf '\n\033[31merror:\033[0m\a no such setting.\nmore\n' >&2; exit 2", "native-tool-failed"),
        *("tool could not format 'a.py': error: no such setting",),
        id="colors and bells",
    ),
    pytest.param("cat >/dev/null", "native-tool-output", "with nothing", id="empty answer"),
    pytest.param(r"cat >/dev/null; printf '\377'", "native-tool-output", "not UTF-8", id="not text"),
    pytest.param("exec yes", "native-tool-output", "wrote more than", id="endless answer"),
    pytest.param("exec yes >&2", "native-tool-timeout", "did not finish within 0.2 s", id="endless complaint"),
    pytest.param("exec tail -f /dev/null", "native-tool-timeout", "did not finish", id="never ends"),
]


@pytest.mark.parametrize(("script", "code", "words"), BAD)
async def test_bad_tool(tmp_path: Path, script: str, code: str, words: str) -> None:
    timeout_s = 0.2 if code == "native-tool-timeout" else 30.0
    refused = await run(tmp_path, script, timeout_s=timeout_s)
    assert isinstance(refused, Rejection)
    assert refused.code == code
    assert words in refused.detail
    assert refused.detail.isprintable()


async def test_missing_program(tmp_path: Path) -> None:
    tool = formatter(tmp_path, "cat")
    (tmp_path / "tool").unlink()
    refused = await format_text(tool, "text\n", tmp_path / "a.py", 30.0)
    assert isinstance(refused, Rejection)
    assert refused.code == "native-tool-missing"


async def test_half_a_surrogate_pair(tmp_path: Path) -> None:
    refused = await run(tmp_path, "cat", "a = '\ud800'\n")
    assert isinstance(refused, Rejection)
    assert refused.code == "native-tool-input"


TEXTS = ["", "\n", "a\r\nb\r\n", "a\nb\r\nc\r", "form\x0cfeed\u2028and 🐍\x85\n", "no end of line"]


@pytest.mark.parametrize("text", TEXTS)
async def test_text_goes_through_unchanged(tmp_path: Path, text: str) -> None:
    assert await run(tmp_path, "cat", text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [("a\r\nb\r\n", "a\r\nb\r\n"), ("a\nb\r\n", "a\nb\n"), ("a\r\nb", "a\r\nb"), ("a\n", "a\n")],
)
async def test_line_endings_survive_a_tool_that_knows_one(tmp_path: Path, before: str, after: str) -> None:
    assert await run(tmp_path, r"tr -d '\r'", before) == after


async def test_large_text_does_not_block(tmp_path: Path) -> None:
    text = "x = 1\n" * 200_000
    assert await run(tmp_path, "cat", text) == text
    assert isinstance(await run(tmp_path, "echo refused >&2; exit 1", text), Rejection)


def test_environment_is_allow_listed() -> None:
    given = {"HOME": "/home/u", "PATH": "/evil", "OPENAI_API_KEY": "secret", "LD_PRELOAD": "x", "PYTHONPATH": "y"}
    assert child_environment(given, "/usr/bin") == {"HOME": "/home/u", "PATH": "/usr/bin", "NO_COLOR": "1"}


async def ended(fifo: int) -> bool:
    """Whether every process that held the other end is gone."""
    while (await asyncio.to_thread(select.select, [fifo], [], [], 10.0))[0]:
        if os.read(fifo, 100) == b"":
            return True
    return False


LEAVES_A_CHILD = "exec 9>fifo; echo started >&9; tail -f /dev/null & exec tail -f /dev/null"


@pytest.mark.parametrize("is_cancelled", [True, False], ids=["cancelled", "time is up"])
async def test_whole_group_is_ended(tmp_path: Path, *, is_cancelled: bool) -> None:
    os.mkfifo(tmp_path / "fifo")
    fifo = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        task = asyncio.create_task(run(tmp_path, LEAVES_A_CHILD, timeout_s=60.0 if is_cancelled else 0.5))
        if is_cancelled:
            assert (await asyncio.to_thread(select.select, [fifo], [], [], 10.0))[0]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            assert isinstance(await task, Rejection)
        assert await ended(fifo)
    finally:
        os.close(fifo)


def holders(marker: str) -> list[str]:
    """The processes whose command line names `marker`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if marker in entry.read_text(errors="replace"):
                found.append(entry.parent.name)
    return found


def all_gone(marker: str) -> bool:
    """Whether they go away; a killed process may take a moment to vanish."""
    deadline = time.monotonic() + 10.0
    while holders(marker):
        if deadline < time.monotonic():
            return False
    return True


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to look for processes")
async def test_cancelled_while_starting(tmp_path: Path) -> None:
    marker = str(tmp_path / "marker")
    for n_turns in range(12):
        task = asyncio.create_task(run(tmp_path, f"tail -f /dev/null {marker} 2>&1 & exec tail -f /dev/null {marker}"))
        for _ in range(n_turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(all_gone, marker)
