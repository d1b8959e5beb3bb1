"""What a probe finds, for every kind of server."""

import json
from pathlib import Path

import pytest

from backends.check_backends import WIRES, options_for
from servers.fault import FaultServer
from tierwise.backends.base import FailureKind, Health
from tierwise.backends.options import AnyBackendOptions, LlamaCppOptions, ScriptedOptions
from tierwise.backends.registry import connect
from tierwise.config.availability import availability_of


async def probe(options: AnyBackendOptions, *models: str, key: str | None = None) -> Health:
    """Connect, probe, close."""
    backend = connect(options, key=key)
    try:
        return await backend.probe(models)
    finally:
        await backend.aclose()


@pytest.mark.parametrize("wire", WIRES)
async def test_a_server_that_has_the_model(wire: str) -> None:
    async with FaultServer() as server:
        server.book.models = {"qwen2.5-coder:7b": 32_768, "other:latest": 4096}
        health = await probe(options_for(wire, server), "qwen2.5-coder:7b", "other:latest")
    assert health.is_reachable
    assert health.models == ("qwen2.5-coder:7b", "other:latest")
    assert (health.words, health.failure) == ("", None)
    if wire == "ollama":
        assert health.windows == {"qwen2.5-coder:7b": 32_768, "other:latest": 4096}
        assert health.version == "0.30.0"


async def test_latest_goes_without_saying_for_ollama() -> None:
    async with FaultServer() as server:
        server.book.models = {"mistral:latest": 4096}
        assert (await probe(options_for("ollama", server), "mistral")).failure is None


@pytest.mark.parametrize(("wire", "words"), [("ollama", "`ollama pull absent:1b`"), ("openai", "configuration")])
async def test_a_server_without_the_model(wire: str, words: str) -> None:
    async with FaultServer() as server:
        server.book.models = {"there": 4096}
        health = await probe(options_for(wire, server), "there", "absent:1b")
    assert health.is_reachable
    assert health.failure is FailureKind.NO_MODEL
    assert "'absent:1b'" in health.words
    assert words in health.words


@pytest.mark.parametrize("wire", WIRES)
async def test_a_wrong_key(wire: str) -> None:
    async with FaultServer() as server:
        server.book.key = "right"
        health = await probe(options_for(wire, server, api_key_env="TEST_KEY"), key="wrong")
    assert health.failure is FailureKind.AUTHENTICATION
    assert "'TEST_KEY'" in health.words


@pytest.mark.parametrize(("wire", "words"), [("ollama", "`ollama serve`"), ("openai", "start the server")])
async def test_nobody_there(wire: str, words: str) -> None:
    async with FaultServer() as server:
        options = options_for(wire, server)
    health = await probe(options)
    assert not health.is_reachable
    assert health.failure is FailureKind.REFUSED
    assert words in health.words


async def test_something_else_at_ollamas_port() -> None:
    async with FaultServer() as server:
        options = options_for("ollama", server, host=server.openai_url)
        health = await probe(options, "m")
    assert health.failure is FailureKind.NO_MODEL or not health.models


async def test_a_scripted_backend_is_always_there(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"when": ".", "reply": "x"}]), encoding="utf-8")
    health = await probe(ScriptedOptions(type="scripted", script=str(script)), "anything")
    assert health == Health(is_reachable=True, version="scripted")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("org/model-GGUF:Q4_K_M", None),
        ("no-such-name", "neither a .gguf file nor a name like"),
        ("/nowhere/model.gguf", "there is no model file"),
        ("../up:x", "neither a .gguf file nor a name like"),
    ],
)
async def test_llamacpp_looks_before_it_starts(tmp_path: Path, model: str, words: str | None) -> None:
    program = tmp_path / "llama-server"
    program.write_text("", encoding="utf-8")
    options = LlamaCppOptions(type="llamacpp", binary=str(program))
    health = await probe(options, model, "other/model:Q8_0")
    assert health.is_reachable
    state, told = availability_of(options, model, has_key=False, health=health)
    assert state == ("ready" if words is None else "no-model")
    assert (words or "") in told
    assert availability_of(options, "other/model:Q8_0", has_key=False, health=health) == ("ready", "")


async def test_llamacpp_without_its_program(tmp_path: Path) -> None:
    health = await probe(LlamaCppOptions(type="llamacpp", binary=str(tmp_path / "absent")))
    assert not health.is_reachable
    assert health.failure is FailureKind.NOT_CONFIGURED
    assert "'binary'" in health.words
