"""What leaves: the right fields, the key to its own origin only, nothing by way of the environment."""

import json
import os
import subprocess
import sys

import pytest

from backends.check_backends import WIRES, call, call_once, options_for, request
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.openai_compatible import OpenAIBackend
from tierwise.backends.options import OllamaOptions, OpenAIOptions
from tierwise.backends.registry import connect

TRAPS = {
    "OPENAI_API_KEY": "sk-environment",
    "OPENAI_ORG_ID": "org-environment",
    "OPENAI_PROJECT_ID": "proj-environment",
    "OLLAMA_API_KEY": "ollama-environment",
}


@pytest.mark.parametrize("wire", WIRES)
async def test_the_environment_moves_nothing(wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultServer() as server, FaultServer() as elsewhere:
        for name, value in TRAPS.items():
            monkeypatch.setenv(name, value)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
            monkeypatch.setenv(name, elsewhere.url)
        outcome = await call_once(options_for(wire, server), request())
        assert outcome.completion is not None
        assert elsewhere.book.calls == []
        sent = json.dumps(server.book.chats[0].headers)
    assert "environment" not in sent
    assert set(server.book.chats[0].headers) - {"anthropic-version"} == {
        *("host", "accept", "content-type", "content-length", "accept-encoding", "user-agent"),
    }


@pytest.mark.parametrize("wire", WIRES)
async def test_a_redirect_is_not_followed(wire: str) -> None:
    async with FaultServer() as server, FaultServer() as elsewhere:
        path = {"ollama": "/api/chat", "anthropic": "/v1/messages"}.get(wire, "/v1/chat/completions")
        server.book.queue.append(Scenario(fault="status", status=307, headers={"Location": elsewhere.url + path}))
        outcome = await call_once(options_for(wire, server, api_key_env="K"), request(), key="secret")
        assert elsewhere.book.calls == []
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.PROTOCOL
    assert "final address" in outcome.error.words


@pytest.mark.parametrize("wire", WIRES)
async def test_the_key_is_sent_and_a_wrong_one_is_named_by_its_variable(wire: str) -> None:
    async with FaultServer() as server:
        server.book.key = "right"
        options = options_for(wire, server, api_key_env="TEST_KEY")
        good = await call_once(options, request(), key="right")
        bad = await call_once(options, request(), key="wrong")
    assert good.completion is not None
    assert bad.error is not None
    assert bad.error.kind is FailureKind.AUTHENTICATION
    assert "'TEST_KEY'" in bad.error.words
    assert "wrong" not in bad.error.words


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        (OpenAIOptions(type="openai", base_url="http://models.example/v1"), "k", "https"),
        (OllamaOptions(type="ollama", host="http://192.0.2.7:11434"), "k", "https"),
        (OpenAIOptions(type="openai", base_url="https://models.example/v1", api_key_env="ABC_KEY"), None, "'ABC_KEY'"),
        (OpenAIOptions(type="openai", base_url="https://models.example/v1", keyring_service="abc"), None, "'abc'"),
    ],
)
def test_a_key_that_may_not_be_sent_or_is_missing(
    options: OpenAIOptions | OllamaOptions, key: str | None, words: str
) -> None:
    with pytest.raises(BackendError, match=words) as caught:
        connect(options, key=key)
    assert caught.value.kind is FailureKind.NOT_CONFIGURED


async def test_the_body_of_an_openai_request() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    async with FaultServer() as server:
        options = options_for("openai", server, extra_body={"thinking": {"type": "disabled"}})
        await call_once(options, request(schema=schema, max_output_tokens=77, temperature=0.5))
        body = server.book.chats[0].body
    assert body["max_tokens"] == 77
    assert body["temperature"] == 0.5
    assert body["stream_options"] == {"include_usage": True}
    assert body["response_format"]["json_schema"]["schema"] == schema
    assert body["thinking"] == {"type": "disabled"}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


async def test_the_body_of_an_ollama_request() -> None:
    schema = {"type": "object"}
    async with FaultServer() as server:
        options = options_for("ollama", server, keep_alive="3m")
        await call_once(options, request(schema=schema, max_output_tokens=77, window=8192))
        body = server.book.chats[0].body
    assert body["options"] == {"temperature": 0.0, "num_predict": 77, "num_ctx": 8192}
    assert (body["format"], body["keep_alive"], body["think"], body["stream"]) == (schema, "3m", False, True)
    assert body["truncate"] is False


@pytest.mark.parametrize(
    ("message", "dropped", "added"),
    [
        ("Unrecognized request argument supplied: stream_options", "stream_options", None),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature", None),
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported", "response_format", None),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", "max_tokens", "max_completion_tokens"),
    ],
)
async def test_a_field_the_server_refuses_is_left_out_from_then_on(
    message: str, dropped: str, added: str | None
) -> None:
    async with FaultServer() as server:
        backend = connect(options_for("openai", server))
        server.book.queue.append(Scenario(fault="status", status=400, message=message))
        for _ in range(2):
            assert (await call(backend, request(schema={"type": "object"}))).completion is not None
        first, second, third = (chat.body for chat in server.book.chats)
        await backend.aclose()
    assert dropped in first
    for body in (second, third):
        assert dropped not in body
        assert added is None or added in body


async def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    async with FaultServer() as server:
        message = "stream_options, temperature, response_format, max_tokens and max_completion_tokens are unknown"
        server.book.default = Scenario(fault="status", status=400, message=message)
        outcome = await call_once(options_for("openai", server), request(schema={}))
        assert len(server.book.chats) == 5
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.BAD_REQUEST


@pytest.mark.parametrize(("url", "field"), [("https://api.openai.com/v1", "max_completion_tokens")])
def test_openai_itself_gets_its_newer_limit_field(url: str, field: str) -> None:
    backend = connect(OpenAIOptions(type="openai", base_url=url, api_key_env="K"), key="k")
    assert isinstance(backend, OpenAIBackend)
    assert backend.first_quirks.limit_field == field


def test_connecting_is_what_imports_the_sdks() -> None:
    program = (
        "import sys, tierwise.backends.registry as r\n"
        "heavy = {'openai', 'ollama', 'httpx', 'httpx2'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "from tierwise.backends.options import OllamaOptions, OpenAIOptions\n"
        "r.connect(OllamaOptions(type='ollama'))\n"
        "r.connect(OpenAIOptions(type='openai', base_url='http://127.0.0.1:9/v1'))\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[]", "['httpx', 'httpx2', 'ollama', 'openai']"]
