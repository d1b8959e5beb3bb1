"""Windows that vanish, share a folder, live through changes of the clock or have no network: no orphan, no lost row."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from e2e.loaded import shared
from e2e.test_exits import group_of
from hostile.ground import Ground, ground
from hostile.window import CAPABILITIES, TRUSTED, Window
from servers.scenarios import Call, Scenario
from store.ledgers import sound_rows
from tierwise.lsp.frames import encode_frame
from tierwise.store.ledger import open_ledger

PLAIN = "def area_{number}(radius):\n    return 3 * radius\n"
DOCUMENTED = 'def area_{number}(radius):\n    """Return the area."""\n    return 3 * radius\n'
HERE = {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 5}}

SHIFTED = """\
import datetime, os, time
_file, _real, _time, _time_ns = os.environ["CLOCK_FILE"], datetime.datetime, time.time, time.time_ns
def _offset():
    with open(_file) as file:
        return float(file.read() or 0)
class datetime_(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return _real.fromtimestamp(_time() + _offset(), tz)
datetime.datetime = datetime_
time.time = lambda: _time() + _offset()
time.time_ns = lambda: _time_ns() + int(_offset() * 1e9)
"""
"""A `sitecustomize` that makes the wall clock go by what a file says, as if somebody had set it."""


def answered(call: Call) -> str:
    """The function that was asked about, documented."""
    number = call.messages[-1]["content"].rpartition("def area_")[2].partition("(")[0]
    return f"```python\n{DOCUMENTED.format(number=number)}```\n"


class Folder:
    """A folder with a model, on which windows are opened and closed."""

    def __init__(self, root: Path, around: Ground, config: str | None = None) -> None:
        self.root, self.around, self.config = root, around, config or around.config
        self.n_documents = 0
        around.book.reply = answered

    def window(self, **env: str) -> Window:
        """One more window."""
        # Another clock has to be there before anything is loaded.
        window = Window(self.root / "window", self.config, env=env, loaded=None if env else shared())
        window.initialize(options=TRUSTED, **CAPABILITIES)
        return window

    def begin(self, window: Window) -> int:
        """Start an action on a document of its own; the request's number."""
        self.n_documents += 1
        text = PLAIN.format(number=self.n_documents)
        path = window.root / f"file_{self.n_documents}.py"
        uri = window.open(path, text)
        arguments = {"action": "document", "uri": uri, "range": HERE}
        return window.begin("workspace/executeCommand", {"command": "tierwise.run", "arguments": [arguments]})

    def run(self, window: Window) -> Any:
        """Carry out an action; its result."""
        return window.reply(self.begin(window))["result"]

    def check_ledger(self) -> None:
        """Every call that was made has its row, and none is left open."""
        with self.window() as window:
            window.command("tierwise.stats")
            assert window.leave() == 0
        ledger = open_ledger(self.root / "window-home" / "ledger.sqlite3")
        try:
            ledger.sweep()
            rows = sound_rows(ledger)
        finally:
            ledger.close()
        assert len(rows) == len(self.around.book.chats)
        assert [row.id for row in rows] == list(range(1, len(rows) + 1))
        assert [row.outcome for row in rows if row.outcome == "running"] == []


@contextlib.contextmanager
def folder(tmp_path: Path, config: Callable[[Ground], str] | None = None) -> Iterator[Folder]:
    """Lay it out."""
    with ground(tmp_path) as around:
        yield Folder(tmp_path, around, None if config is None else config(around))


# Ends


def vanishes(window: Window) -> None:
    """The editor is gone without a word."""
    assert window.process.stdin is not None
    window.process.stdin.close()


def shuts_down_only(window: Window) -> None:
    """The editor forgets to say `exit`."""
    window.ask("shutdown", None)
    vanishes(window)


def exits_only(window: Window) -> None:
    """The editor forgets to say `shutdown`."""
    window.notify("exit")


def is_cut_off(window: Window) -> None:
    """The editor goes in the middle of a word."""
    message = encode_frame(json.dumps({"jsonrpc": "2.0", "id": "x", "method": "shutdown"}).encode())
    window.send(message[: len(message) // 2])
    vanishes(window)


def is_killed(window: Window) -> None:
    """The server itself is killed."""
    window.process.kill()


ENDS = (vanishes, shuts_down_only, exits_only, is_cut_off, is_killed)


def test_a_window_that_is_reloaded_leaves_nobody_and_loses_no_row(tmp_path: Path) -> None:
    with folder(tmp_path) as place:
        place.around.book.default = Scenario(fault="stall", delay_s=600)
        n_calls = 0
        for end in ENDS:
            with place.window() as window:
                place.begin(window)
                n_calls += 1
                wait_for(window, lambda wanted=n_calls: len(place.around.book.chats) == wanted)
                end(window)
                window.process.wait(timeout=60)
                assert group_of(window.process.pid) == []
        place.around.book.default = Scenario()
        place.check_ledger()
        assert len(place.around.book.chats) == n_calls


def wait_for(window: Window, is_met: Callable[[], bool]) -> None:
    """Wait for something that the server does without telling."""
    for _ in range(3000):
        if is_met():
            return
        window.command("tierwise.why")
    raise AssertionError("it never happened")


# Two windows, and clocks


def test_two_windows_share_a_folder_while_the_clock_is_set(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SHIFTED)
    env = {"PYTHONPATH": str(tmp_path / "site"), "CLOCK_FILE": str(clock)}
    day = 86_400
    with folder(tmp_path) as place, place.window(**env) as first, place.window(**env) as second:
        for offset in (0, 3600, -day, 10 * 365 * day, 0, -30 * day, 0.5):
            clock.write_text(str(offset))
            both = [(window, place.begin(window)) for window in (first, second)]
            for window, number in both:
                result = window.reply(number)["result"]
                assert (result["status"], result["code"]) == ("proposed", "not-applied"), result
        spent = [window.command("tierwise.stats")["total"]["nCalls"] for window in (first, second)]
        assert spent == [14, 14]
        assert [first.leave(), second.leave()] == [0, 0]
        assert [group_of(window.process.pid) for window in (first, second)] == [[], []]
        place.check_ledger()


def test_the_clock_really_moves(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text(str(10 * 365 * 86_400))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SHIFTED)
    env = {"PYTHONPATH": str(tmp_path / "site"), "CLOCK_FILE": str(clock)}
    with folder(tmp_path) as place, place.window(**env) as window:
        place.run(window)
        assert window.leave() == 0
        ledger = open_ledger(tmp_path / "window-home" / "ledger.sqlite3")
        (row,) = sound_rows(ledger)
        ledger.close()
        assert row.started_at > "2034"


# No network


def test_without_a_network_every_action_ends_with_a_sentence(tmp_path: Path) -> None:
    """The three ways in which there is none: refused, no such name, and packets that nobody answers."""
    with socket.socket() as free, socket.create_server(("127.0.0.1", 0)) as silent:
        free.bind(("127.0.0.1", 0))
        hosts = {
            "local": f"127.0.0.1:{free.getsockname()[1]}",
            "bulk": f"{'a' * 64}.invalid",
            "top": f"127.0.0.1:{silent.getsockname()[1]}",
        }

        def config(_: Ground) -> str:
            lines = ["[limits]\nmax_attempts = 3"]
            for tier, host in hosts.items():
                scheme = "https" if tier == "bulk" else "http"
                lines.append(
                    f'[tiers.{tier}]\nmodels = ["{tier}/m"]\n[backends.{tier}]\ntype = "openai"\n'
                    f'base_url = "{scheme}://{host}/v1"\nfirst_token_timeout_s = 0.5\nconnect_timeout_s = 0.5\n'
                    f'[models."{tier}/m"]\ninput_usd_per_million = 1\noutput_usd_per_million = 1\nwindow = 32768'
                )
            return "\n".join(lines) + "\n"

        with folder(tmp_path, config) as place, place.window() as window:
            asked: set[str] = set()
            for _ in range(3):
                window.told.clear()
                result = place.run(window)
                assert result["status"] == "refused", result
                assert result["code"] != "internal"
                asked |= {attempt["tier"] for attempt in result["attempts"]}
                assert len([words for words in window.told if result["message"] in words]) == 1
            assert asked == set(hosts)
            offered = window.command("tierwise.actions", {"uri": (window.root / "file_1.py").as_uri()})["actions"]
            assert len(offered) >= 3
            assert window.leave() == 0
            assert group_of(window.process.pid) == []
