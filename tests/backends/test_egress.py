"""One way out: keys stay with their server, nothing opens connections beside it, what leaves is written down."""

import ast
import json
from pathlib import Path

import pytest

from backends.check_backends import WIRES, call, options_for, request
from backends.moving_keys import ENVIRONMENT, KEY, WAYS, Stage
from servers.fault import FaultServer
from tierwise.backends.account import Account, accounting
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.egress import Egress
from tierwise.backends.options import AnthropicOptions, OllamaOptions, OpenAIOptions
from tierwise.backends.origins import Origin
from tierwise.backends.registry import connect

PACKAGE = Path(__file__).parents[2] / "server" / "tierwise"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("way", WAYS)
async def test_no_way_moves_a_key(wire: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with FaultServer() as home, FaultServer() as thief:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login x password y\n", "utf-8")
        for name in ENVIRONMENT:
            monkeypatch.setenv(name, thief.url)
        stage = Stage(wire, home, thief, tmp_path)
        await WAYS[way](stage)
        stolen = json.dumps([[call.headers, call.path, call.body] for call in thief.book.calls])
        assert KEY not in stolen, way
        assert not thief.book.calls or way.startswith("editor settings")
        await stage.ask()
        sent = home.book.chats[-1].headers
    assert KEY in (sent.get("x-api-key", ""), sent.get("authorization", "").removeprefix("Bearer "))


def test_there_are_enough_ways() -> None:
    assert 25 <= len(WAYS)


@pytest.mark.parametrize(
    "url",
    [
        "https://models.example./v1",
        "https://mod\u0435ls.example/v1",
        "https://models.example\\@evil.example/v1",
        "https://user@models.example/v1",
        "https://@models.example/v1",
        "https://models.example/v1?x=1",
        "https://models.example/v1#x",
        "https://models.example:99999/v1",
        "https://models.example:x/v1",
        "https://models example/v1",
        "https://models.example/\tv1",
        "https://mod%65ls.example/v1",
        "https://[::1",
        "ftp://models.example/v1",
        "//models.example/v1",
        "models.example",
        "",
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Origin.of(url)


@pytest.mark.parametrize(
    ("url", "origin", "is_here"),
    [
        ("HTTPS://Models.Example/V1", "https://models.example:443", False),
        ("http://localhost:11434", "http://localhost:11434", True),
        ("http://[::1]:80/v1", "http://[::1]:80", True),
        ("http://127.9.9.9", "http://127.9.9.9:80", True),
        ("http://127.0.0.1.evil.example", "http://127.0.0.1.evil.example:80", False),
        ("http://localhost.evil.example", "http://localhost.evil.example:80", False),
        ("https://xn--mdels-jye.example", "https://xn--mdels-jye.example:443", False),
    ],
)
def test_origins(url: str, origin: str, is_here: bool) -> None:
    assert (str(Origin.of(url)), Origin.of(url).is_loopback) == (origin, is_here)


@pytest.mark.parametrize("wire", WIRES)
async def test_what_leaves_is_written_down(wire: str) -> None:
    egress = Egress()
    async with FaultServer() as server:
        backend = connect(options_for(wire, server), egress=egress)
        account = Account(model="m", n_tokens=7, files=("a.py", "b.py"))
        with accounting(account):
            await call(backend, request())
        await backend.aclose()
        n_bytes = int(server.book.chats[0].headers["content-length"])
    (sent,) = egress.sent
    assert account.sent == [sent]
    assert (sent.origin, sent.path, sent.n_bytes) == (server.url, server.book.chats[0].path, n_bytes)
    assert (sent.model, sent.n_tokens, sent.files, sent.is_on_this_machine) == ("m", 7, ("a.py", "b.py"), True)


@pytest.mark.parametrize(
    "options",
    [
        OpenAIOptions(type="openai", base_url="https://192.0.2.7/v1"),
        AnthropicOptions(type="anthropic", base_url="https://192.0.2.7"),
        OllamaOptions(type="ollama", host="http://192.0.2.7:11434"),
    ],
)
async def test_what_must_stay_is_held_back_at_the_gate(
    options: OpenAIOptions | AnthropicOptions | OllamaOptions,
) -> None:
    backend = connect(options)
    with accounting(Account(must_stay=True)):
        outcome = await call(backend, request())
    await backend.aclose()
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.NOT_CONFIGURED
    assert "nothing was sent" in outcome.error.words


async def test_a_local_server_that_passes_a_model_on_gets_nothing_that_must_stay() -> None:
    async with FaultServer() as server:
        server.book.remote_host = "https://ollama.com:443"
        backend = connect(options_for("ollama", server))
        kept = await call(backend, request(must_stay=True))
        assert server.book.chats == []
        health = await backend.probe(("qwen2.5-coder:7b",))
        sent = await call(backend, request())
        await backend.aclose()
    assert kept.error is not None
    assert "passes 'm' on to another machine" in kept.error.words
    assert health.passed_on == {"qwen2.5-coder:7b"}
    assert sent.completion is not None


def test_a_proxy_is_refused_where_it_could_read() -> None:
    options = OpenAIOptions(type="openai", base_url="http://192.0.2.7/v1", proxy="http://127.0.0.1:3128")
    with pytest.raises(BackendError, match="a proxy would read"):
        connect(options)


async def test_a_configured_proxy_sees_the_name_of_the_server_and_no_key() -> None:
    async with FaultServer() as proxy:
        options = OpenAIOptions(type="openai", base_url="https://models.example/v1", proxy=proxy.url)
        backend = connect(options, key=KEY)
        outcome = await call(backend, request())
        await backend.aclose()
        seen = [(call.method, call.path) for call in proxy.book.calls]
        assert KEY not in json.dumps([call.headers for call in proxy.book.calls])
    assert outcome.error is not None
    assert seen == [("CONNECT", "models.example:443")]


def test_connections_are_opened_in_one_place() -> None:
    openers = {"httpcore", "httpcore2", "urllib.request", "http.client", "ftplib", "smtplib", "telnetlib"}
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.name in ("egress.py", "network.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not openers & set(names), f"{file.name} imports {names}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                is_client = node.func.attr in ("AsyncClient", "Client", "AsyncHTTPTransport", "HTTPTransport")
                has_gate = any(keyword.arg == "transport" for keyword in node.keywords)
                assert not is_client or has_gate, f"{file.name}:{node.lineno} opens connections beside the gate"
                assert node.func.attr not in ("create_connection", "open_connection"), f"{file.name}:{node.lineno}"
