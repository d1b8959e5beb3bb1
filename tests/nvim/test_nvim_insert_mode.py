"""Keys typed into a living Neovim while an edit arrives."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nvim.setting_up import REPOSITORY, Case, find_nvim, server_command, set_up, surroundings

pytestmark = pytest.mark.nvim

PATIENCE_S = 120.0
N_RUNNING = "luaeval('require([[tierwise.running]]).count()')"
IS_ASKING = "luaeval('require([[tierwise]]).statusline()') =~ 'medium'"
HAS_DOCSTRING = "search('The year and quarter', 'nw') > 0"


@dataclass(frozen=True)
class Editor:
    """A Neovim that listens on a socket."""

    nvim: Path
    socket: Path

    def ask(self, expression: str) -> str:
        """The value of a Vim expression; empty when the editor does not answer."""
        command = [str(self.nvim), "--server", str(self.socket), "--remote-expr", expression]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False).stdout.strip()

    def type(self, keys: str) -> None:
        """Press keys, in Vim's notation."""
        command = [str(self.nvim), "--server", str(self.socket), "--remote-send", keys]
        subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=True)

    def quit(self) -> None:
        """Leave without saving; the editor may be gone before it has answered, so only its own end tells."""
        command = [str(self.nvim), "--server", str(self.socket), "--remote-send", "<Esc>:qall!<CR>"]
        subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)

    def wait(self, expression: str, value: str) -> None:
        """Ask until the answer is the wanted one."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.ask(expression)) != value:
            assert time.monotonic() < deadline, f"{expression} stayed {found!r}, not {value!r}: {self.messages}"

    @property
    def messages(self) -> str:
        """What the editor told its user."""
        return self.ask("execute('messages')")


@contextmanager
def editing(tmp_path: Path, name: str, case: Case) -> Iterator[Editor]:
    """A Neovim with one file of the project open and the server ready."""
    project = set_up(tmp_path, case)
    words = ", ".join(f"'{word}'" for word in server_command())
    enable = f"lua vim.lsp.config('tierwise', {{ cmd = {{ {words} }} }}) vim.lsp.enable('tierwise')"
    editor = Editor(find_nvim(), tmp_path / "nvim.sock")
    command = [
        *(str(editor.nvim), "--clean", "--headless", "--listen", str(editor.socket)),
        *("--cmd", f"set runtimepath^={REPOSITORY / 'client-nvim'}", "--cmd", enable, name),
    ]
    process = subprocess.Popen(command, cwd=project, env=surroundings(tmp_path), stdin=subprocess.DEVNULL)
    try:
        editor.wait("luaeval('#vim.lsp.get_clients({ bufnr = 0 })')", "1")
        editor.wait("luaeval('vim.lsp.get_clients()[1].initialized')", "true")
        yield editor
        editor.quit()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


def test_edit_that_arrives_in_insert_mode_is_an_undo_step_of_its_own(tmp_path: Path) -> None:
    with editing(tmp_path, "unitkit/dates.py", Case(chunk_delay_s=0.7)) as editor:
        first = editor.ask("getline(1)")
        editor.type("/def quarter_of<CR><Cmd>Tierwise document<CR>")
        editor.wait(IS_ASKING, "1")
        editor.type("ggO# while")
        assert editor.ask(HAS_DOCSTRING) == "0"
        editor.wait(N_RUNNING, "0")
        assert editor.ask(HAS_DOCSTRING) == "1", editor.messages
        editor.type(" waiting<Esc>")
        assert editor.ask("getline(1)") == "# while waiting"
        editor.type("u")
        assert (editor.ask("getline(1)"), editor.ask(HAS_DOCSTRING)) == ("# while", "1")
        editor.type("u")
        assert (editor.ask("getline(1)"), editor.ask(HAS_DOCSTRING)) == ("# while", "0")
        editor.type("u")
        assert editor.ask("getline(1)") == first


def test_a_proposal_waits_until_the_user_stops_typing(tmp_path: Path) -> None:
    with editing(tmp_path, "unitkit/dates.py", Case(chunk_delay_s=0.7)) as editor:
        editor.type("/def quarter_of<CR><Cmd>Tierwise! document<CR>")
        editor.wait(IS_ASKING, "1")
        editor.type("ggO# while")
        editor.wait(N_RUNNING, "0")
        editor.type(" waiting")
        assert (editor.ask("tabpagenr('$')"), editor.ask("getline(1)")) == ("1", "# while waiting"), editor.messages
        editor.type("<Esc>")
        editor.wait("tabpagenr('$')", "2")
        editor.type(":write<CR>")
        editor.wait(HAS_DOCSTRING + " && tabpagenr('$') == 1", "1")
        assert editor.ask("getline(1)") == "# while waiting"
