"""Whatever a client sends, every request is answered and the server stays alive."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from e2e.loaded import shared
from e2e.models import CONFIG, PLAIN
from e2e.mutations import good_requests, mutated
from e2e.raw import RawClient
from tierwise.lsp.frames import encode_frame

NOWHERE = CONFIG.format(url="http://127.0.0.1:9/v1")
FULL: dict[str, Any] = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}, "dataSupport": True}
    },
}


def opened(client: RawClient, text: str = PLAIN) -> str:
    """Open a document; its URI."""
    uri = (client.root / "a.py").as_uri()
    client.notify(
        "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}
    )
    return uri


def check_alive(client: RawClient, uri: str, message_id: str = "alive") -> None:
    """The server still offers what it should."""
    here = {"start": {"line": 1, "character": 8}, "end": {"line": 1, "character": 8}}
    params = {"textDocument": {"uri": uri}, "range": here, "context": {"diagnostics": [], "triggerKind": 1}}
    client.request(message_id, "textDocument/codeAction", params)
    assert len(client.reply(message_id)["result"]) >= 3


def bombard(client: RawClient, n_requests: int, seed: int) -> list[int]:
    """Send mutated requests; the ids of those that were not answered exactly once."""
    draw = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    uri = opened(client)
    check_alive(client, uri)
    goods = good_requests(uri)
    answers = dict.fromkeys(range(1, n_requests + 1), 0)
    waiting = 0
    for number in answers:
        method, params = draw.choice(goods)
        message = mutated(draw, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        client.send(message if "id" in message else {**message, "id": number})
        waiting += 1
        if waiting == 200 or number == n_requests:
            collect(client, answers, number)
            waiting = 0
    check_alive(client, uri, "still alive")
    return [number for number, count in answers.items() if count != 1]


def collect(client: RawClient, answers: dict[int, int], last: int) -> None:
    """Take in replies until everything up to `last` has one."""
    while any(answers[number] == 0 for number in range(max(1, last - 400), last + 1)):
        message = client.messages.get(timeout=60)
        assert message is not None, f"the server has ended: {bytes(client.stderr)!r}"
        if "method" not in message and message.get("id") in answers:
            answers[message["id"]] += 1


def test_mutated_requests_are_all_answered(tmp_path: Path) -> None:
    with RawClient(tmp_path / "ws", NOWHERE, loaded=shared()).initialize(**FULL) as client:
        assert bombard(client, 1500, seed=1) == []
        assert client.n_strange_bytes == 0
        assert PLAIN.encode() not in client.stderr


@pytest.mark.slow
def test_twenty_thousand_mutated_requests_are_all_answered(tmp_path: Path) -> None:
    with RawClient(tmp_path / "ws", NOWHERE, loaded=shared()).initialize(**FULL) as client:
        assert bombard(client, 20_000, seed=2026) == []
        assert client.n_strange_bytes == 0


@pytest.mark.parametrize(
    "noise",
    [
        b"Content-Length: 100000000000\r\n\r\n",
        b"content-length: 2\r\n\r\n{}",
        b"Content-Length: 3\r\n\r\n{}",
        b"Content-Length: 5\r\n\r\n\xff\xfe\xfd\xfc\xfb",
        b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00" * 1000,
        encode_frame(b"[]") + encode_frame(b"7") + encode_frame(b'"x"'),
        encode_frame(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": 5}).encode()),
        encode_frame(json.dumps({"jsonrpc": "2.0", "id": "gone", "result": {}}).encode()),
    ],
)
def test_raw_noise_does_not_end_the_server(hostile: RawClient, noise: bytes) -> None:
    hostile.send(noise + b"\r\n")
    hostile.request("probe", "no/such/method")
    hostile.request("probe2", "no/such/method")
    assert hostile.reply("probe2")["error"]["code"] == -32601


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One server for all noise."""
    with RawClient(tmp_path_factory.mktemp("hostile") / "ws", NOWHERE).initialize(**FULL) as client:
        yield client
        check_alive(client, opened(client))


def test_a_lost_change_is_noticed_and_mended_by_opening_again(tmp_path: Path) -> None:
    with RawClient(tmp_path / "ws", NOWHERE, loaded=shared()).initialize(**FULL) as client:
        uri = opened(client)
        check_alive(client, uri, "before")
        broken = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": {"start": 5}, "text": "x"}]}
        client.notify("textDocument/didChange", broken)
        client.request(
            "run",
            "workspace/executeCommand",
            {"command": "tierwise.run", "arguments": [{"action": "format", "uri": uri}]},
        )
        assert client.reply("run")["result"]["code"] == "out-of-step"
        opened(client)
        check_alive(client, uri, "after")
