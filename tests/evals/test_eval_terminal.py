"""`tierwise eval` at a real terminal: the bar is drawn and goes away, money is asked about, and a pipe gets neither."""

import contextlib
import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from e2e.loaded import tierwise
from evals.conftest import CODE

N_CASES = 3
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
DEAR = '[models."far/dear"]\ninput_usd_per_million = 5\noutput_usd_per_million = 25\n'


@pytest.fixture
def cases(folder: Path) -> Path:
    """Some cases in a file."""
    file = folder / "cases.jsonl"
    found = [
        {"id": f"doc-{n}", "action": "document", "language": "python", "path": "calc.py",
         "files": {"calc.py": f"# {n}\n" + CODE.replace("return", "$0return")}}
        for n in range(N_CASES)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(case) + "\n" for case in found), "utf-8")
    return file


def command(cases: Path, *arguments: str) -> list[str]:
    """The command line."""
    return tierwise("eval", str(cases), *arguments)


def environment(folder: Path) -> dict[str, str]:
    """The tests' own home and settings, and a terminal that can draw."""
    own = {"HOME": str(folder), "XDG_STATE_HOME": str(folder), "TIERWISE_CONFIG": str(folder / "config.toml")}
    return {**os.environ, **own, "TERM": "xterm", "COLUMNS": "100"}


def at_terminal(folder: Path, words: list[str], typed: str = "") -> tuple[int, str]:
    """Exit code, and every byte a terminal got; `typed` is answered to the question."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(folder)) as process:
        os.close(theirs)
        shown = b""
        # Linux ends the conversation with an error once the other side is gone.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
                if typed and b"[y/N]" in shown:
                    os.write(ours, typed.encode())
                    typed = ""
    os.close(ours)
    return process.returncode, shown.decode()


def left_standing(shown: str) -> str:
    """What is to be seen in the end, where lines were written over, gone back to and erased."""
    rows, row, column = [""], 0, 0
    for code, letter, char in re.findall(r"\x1b\[([0-9;?]*)([A-Za-z])|([^\x1b])", shown):
        if letter == "A":
            row = max(0, row - int(code or 1))
        elif letter == "K":
            rows[row] = ""
        elif char == "\r":
            column = 0
        elif char == "\n":
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif char:
            rows[row] = rows[row][:column].ljust(column) + char + rows[row][column + 1 :]
            column += 1
    return "\n".join(rows)


def test_the_bar_is_drawn_and_goes_away(folder: Path, cases: Path) -> None:
    code, shown = at_terminal(folder, command(cases, "--models", "demo/right,demo/wrong"))
    assert code == 0, shown
    drawn = _CONTROL.sub("", shown)
    assert "━" in drawn
    for n in (0, 2 * N_CASES):
        assert f"{n}/{2 * N_CASES}" in drawn
    assert re.search(r"[✓✗] doc-\d demo/(right|wrong)", drawn)
    assert "\x1b[?25l" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor is back"
    end = left_standing(shown)
    assert "━" not in end
    assert "demo/right" in end


def test_a_pipe_gets_no_bar(folder: Path, cases: Path) -> None:
    words = command(cases, "--models", "demo/right")
    ran = subprocess.run(words, capture_output=True, env=environment(folder), check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    for text in (ran.stdout.decode(), ran.stderr.decode()):
        assert "\x1b" not in text
        assert "━" not in text
    assert f"{N_CASES} runs with about" in ran.stderr.decode()


@pytest.mark.parametrize("answer", ["n\n", "\n"], ids=["no", "nothing"])
def test_money_is_asked_about_before_anything_is_spent(folder: Path, cases: Path, answer: str) -> None:
    config = folder / "config.toml"
    config.write_text(DEAR + config.read_text("utf-8"), "utf-8")
    code, shown = at_terminal(folder, command(cases, "--models", "far/dear"), answer)
    assert code == 1
    assert re.search(rf"{N_CASES} runs with about [\d,]+ tokens in and [\d,]+ out: about [\d.]+ ¢, at most", shown)
    assert "nothing was begun" in shown
    assert not list(folder.rglob("evals/*.jsonl"))


def test_without_a_terminal_money_needs_yes(folder: Path, cases: Path) -> None:
    config = folder / "config.toml"
    config.write_text(DEAR + config.read_text("utf-8"), "utf-8")
    words = command(cases, "--models", "far/dear")
    ran = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, env=environment(folder), check=False, timeout=300
    )
    assert ran.returncode == 1
    assert "add --yes to begin [not-agreed]" in ran.stderr.decode()
