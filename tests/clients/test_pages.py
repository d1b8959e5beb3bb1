"""The configuration texts of the pages can be read by what reads them, and name a command that starts the server."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp.client import make_test_lsp_client

from clients.pages import block, blocks, pages
from e2e.editor import NOTHING, environment, prepared

pytestmark = pytest.mark.editors

SERVE = ["tierwise", "serve"]
READ_ALL = r"""
(with-temp-buffer
  (condition-case nil (while t (insert (read-string "") "\n")) (error nil))
  (goto-char (point-min))
  (condition-case nil (while t (read (current-buffer))) (end-of-file (princ "read to the end"))))
"""


def lisp(text: str) -> Any:
    """Nothing is read here: Emacs itself reads the text where there is one, else its brackets are counted."""
    emacs = shutil.which("emacs")
    if emacs is None:
        code = re.sub(r'"(?:\\.|[^"\\])*"|;[^\n]*', "", text)
        assert code.count("(") == code.count(")")
        return None
    command = [emacs, "--batch", "-Q", "--eval", READ_ALL]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert ended.stdout == "read to the end"
    return None


def kakoune(text: str) -> Any:
    """The table inside the option."""
    (table,) = re.findall(r"lsp_servers %\{\n(.*?)\n    \}", text, re.DOTALL)
    assert text.count("{") == text.count("}")
    return tomllib.loads(table)


READERS = {"toml": tomllib.loads, "json": json.loads, "elisp": lisp, "kak": kakoune, "rust": lambda _: None}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_text_can_be_read(page: Path) -> None:
    found = blocks(page.stem)
    assert found
    for language, text in found:
        READERS[language](text)
    assert "`tierwise config trust`" in page.read_text("utf-8")


def test_they_name_the_command() -> None:
    helix = tomllib.loads(block("helix", "toml"))["language-server"]["tierwise"]
    assert [helix["command"], *helix["args"]] == SERVE
    for language in tomllib.loads(block("helix", "toml"))["language"]:
        assert language["language-servers"][-1]["name"] == "tierwise"
    sublime = json.loads(block("sublime", "json"))["clients"]["tierwise"]
    assert sublime["command"] == SERVE
    kak = kakoune(block("kakoune", "kak"))["tierwise"]
    assert [kak["command"], *kak["args"]] == SERVE
    assert '(tierwise-server "tierwise" "serve")' in block("emacs", "elisp")
    zed = block("zed", "rust")
    assert 'which("tierwise")' in zed
    assert 'args: vec!["serve".into()]' in zed
    name = json.loads(block("zed", "json"))["languages"]["Python"]["language_servers"][-1]
    assert name in tomllib.loads(block("zed", "toml"))["language_servers"]


async def test_the_command_starts_the_server(tmp_path: Path) -> None:
    program = shutil.which("tierwise", path=str(Path(sys.executable).parent))
    assert program is not None
    client = make_test_lsp_client()
    await client.start_io(program, *SERVE[1:], env=environment(prepared(tmp_path / "ws", "")))
    answer = await client.initialize_session(types.InitializeParams(capabilities=NOTHING, root_uri=None))
    assert answer.server_info is not None
    assert answer.server_info.name == "tierwise"
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]
