"""However the session ends, the process is gone soon, with the right code, and leaves nobody behind."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.loaded import LoadedServer, shared
from e2e.models import MARKED
from e2e.raw import RawClient

LIMIT_S = 3.0
SCRIPTED = """
[tiers.local]
models = ["script/held"]
[tiers.bulk]
models = ["script/held"]
[tiers.top]
models = []
[backends.script]
type = "scripted"
script = "{script}"
"""


class Parent:
    """A process that stands for the editor; the pipes to the server are not its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)

    def __enter__(self) -> "Parent":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def says_goodbye(client: RawClient, _: Parent) -> int:
    """The orderly way."""
    client.request("bye", "shutdown")
    client.reply("bye")
    client.notify("exit")
    return 0


def exits_at_once(client: RawClient, _: Parent) -> int:
    """Without `shutdown`, which the protocol calls an error."""
    client.notify("exit")
    return 1


def closes_the_stream(client: RawClient, _: Parent) -> int:
    """The end of standard input."""
    assert client.process.stdin is not None
    client.process.stdin.close()
    return 1


def is_killed(_: RawClient, parent: Parent) -> int:
    """The editor dies, and somebody else still holds its end of the pipes."""
    parent.process.kill()
    return 1


def is_terminated(client: RawClient, _: Parent) -> int:
    """The polite signal."""
    client.process.terminate()
    return 1


ENDINGS = (says_goodbye, exits_at_once, closes_the_stream, is_killed, is_terminated)


def group_of(pid: int) -> list[int]:
    """The processes that belong to the group a server leads."""
    members = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == pid and fields[0] not in "ZX":
            members.append(int(status.parent.name))
    return members


def check_exit(
    root: Path, end: Callable[[RawClient, Parent], int], stage: int, loaded: LoadedServer | None = None
) -> float:
    """Bring a session to some stage and end it; the seconds until the process was gone."""
    script = root.parent / "script.json"
    script.write_text('[{"when": "", "reply": "held for ever", "hold": true}]', "utf-8")
    with Parent() as parent, RawClient(root, SCRIPTED.format(script=script), loaded=loaded) as client:
        client.initialize(parent.process.pid, workspace={"applyEdit": True})
        if stage:
            bring_to_work(client, stage)
        begun = time.monotonic()
        code = end(client, parent)
        client.process.wait(timeout=30)
        took = time.monotonic() - begun
        assert client.process.returncode == code, bytes(client.stderr)
        assert group_of(client.process.pid) == []
    return took


def bring_to_work(client: RawClient, n_running: int) -> None:
    """Let actions wait for a model that never ends its answer."""
    uri = (client.root / "a.py").as_uri()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": MARKED.replace("$0", "")}
    client.notify("textDocument/didOpen", {"textDocument": item})
    here = {"start": {"line": 1, "character": 8}, "end": {"line": 1, "character": 8}}
    for number in range(n_running):
        run = {"action": "document", "uri": uri, "range": here}
        params = {"command": "tierwise.run", "arguments": [run], "workDoneToken": f"t{number}"}
        client.request(f"run-{number}", "workspace/executeCommand", params)
    while True:
        message = client.messages.get(timeout=60)
        assert message is not None
        if message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "report":
            return


@pytest.mark.parametrize("end", ENDINGS)
def test_the_process_ends_in_the_middle_of_its_work(tmp_path: Path, end: Callable[[RawClient, Parent], int]) -> None:
    # One of them is started as a user's is; what follows the start is the same for all.
    loaded = None if end is says_goodbye else shared()
    assert check_exit(tmp_path / "ws", end, stage=2, loaded=loaded) <= LIMIT_S


def test_the_process_ends_before_it_is_loaded(tmp_path: Path) -> None:
    assert check_exit(tmp_path / "ws", closes_the_stream, stage=0) <= LIMIT_S


def test_a_client_that_reads_nothing_does_not_keep_the_process(tmp_path: Path) -> None:
    with Parent() as parent, RawClient(tmp_path / "ws", reads=False) as client:
        params: Any = {"processId": parent.process.pid, "rootUri": None, "capabilities": {}}
        client.request(0, "initialize", params)
        client.notify("initialized", {})
        for number in range(1, 3000):
            client.request(number, "no/such/method/but/with/a/name/that/takes/some/room")
        parent.process.kill()
        begun = time.monotonic()
        assert client.process.wait(timeout=30) == 1
        assert time.monotonic() - begun <= LIMIT_S


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_fifty_exits(tmp_path: Path, seed: int) -> None:
    """Those that end while they load are started anew, the others come from a process that has loaded already."""
    draw = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    times = []
    for _ in range(50):
        end, stage = draw.choice(ENDINGS), draw.randrange(4)
        times.append(check_exit(tmp_path / "ws", end, stage, shared() if stage else None))
    print(f"slowest of {len(times)}: {max(times):.2f} s")
    assert max(times) <= LIMIT_S


def test_a_session_that_never_began_ends_too(tmp_path: Path) -> None:
    with RawClient(tmp_path / "ws") as client:
        client.notify("exit")
        assert client.process.wait(timeout=30) == 1


@pytest.mark.parametrize("arguments", [["--tcp"], ["--tcp", "nonsense"], ["--tcp", "localhost:99999"], ["--what"]])
def test_wrong_usage_is_said_and_ends_with_two(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tierwise", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert b"usage: tierwise serve" in done.stderr
    assert done.stdout == b""
