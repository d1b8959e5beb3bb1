"""Vectors of sentences over both protocols, and every way a server can fail to make them."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from servers.vectors import VectorServer, counted
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.embedding import connect_embedder
from tierwise.backends.options import AnyBackendOptions, OllamaOptions, OpenAIOptions, ScriptedOptions
from tierwise.backends.vectors import Embedded, likeness

PROTOCOLS = ["ollama", "openai"]


def options_of(server: VectorServer, protocol: str) -> AnyBackendOptions:
    """A backend at this server."""
    if protocol == "ollama":
        return OllamaOptions(type="ollama", host=server.url)
    return OpenAIOptions(type="openai", base_url=f"{server.url}/v1")


async def embed(server: VectorServer, protocol: str, *texts: str, must_stay: bool = False) -> Embedded:
    """The vectors of some texts, within a test's patience."""
    async with aclosing(connect_embedder(options_of(server, protocol), "words")) as embedder, asyncio.timeout(30):
        return await embedder.embed(texts, must_stay=must_stay)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_each_text_gets_its_own_vector_of_length_one(protocol: str) -> None:
    async with VectorServer() as server:
        found = await embed(server, protocol, "sort the list", "Sort lists", "throw it away")
    assert found.n_tokens == 8
    for vector in found.vectors:
        assert likeness(vector, vector) == pytest.approx(1)
    first, second, third = found.vectors
    assert likeness(first, third) < likeness(first, second)
    assert server.asked[0][0] == {"ollama": "/api/embed", "openai": "/v1/embeddings"}[protocol]


def test_vectors_of_different_models_are_not_alike() -> None:
    assert likeness((1.0, 0.0), (1.0, 0.0, 0.0)) == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("404", FailureKind.PROTOCOL),
        ("500", FailureKind.SERVER_ERROR),
        ("429", FailureKind.RATE_LIMITED),
        ("307", FailureKind.PROTOCOL),
        ("html", FailureKind.PROTOCOL),
        ("fewer", FailureKind.PROTOCOL),
        ("zeros", FailureKind.PROTOCOL),
    ],
)
async def test_what_is_wrong_is_said(protocol: str, fault: str, kind: FailureKind) -> None:
    async with VectorServer(fault) as server:
        with pytest.raises(BackendError) as caught:
            await embed(server, protocol, "one", "two")
    assert caught.value.kind is kind
    assert "127.0.0.1" in caught.value.words


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_that_is_not_there_is_said(protocol: str) -> None:
    async with VectorServer() as server:
        pass
    with pytest.raises(BackendError) as caught:
        await embed(server, protocol, "one")
    assert caught.value.kind is FailureKind.REFUSED


async def test_a_model_that_a_local_server_passes_on_gets_nothing_that_must_stay() -> None:
    async with VectorServer(is_passed_on=True) as server:
        with pytest.raises(BackendError, match="nothing was sent"):
            await embed(server, "ollama", "a secret wish", must_stay=True)
        assert not server.texts
    async with VectorServer() as server:
        await embed(server, "ollama", "a secret wish", must_stay=True)
        assert server.texts == ["a secret wish"]


def test_a_backend_that_makes_no_vectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="'scripted' makes no vectors"):
        connect_embedder(ScriptedOptions(type="scripted", script=str(tmp_path)), "words")


def test_a_key_does_not_travel_unencrypted() -> None:
    with pytest.raises(BackendError, match="unencrypted"):
        connect_embedder(OpenAIOptions(type="openai", base_url="http://example.com/v1"), "words", key="k")


def test_the_test_servers_vectors_are_not_empty() -> None:
    assert any(counted("add"))
