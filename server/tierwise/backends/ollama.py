"""Ollama by `/api/chat`, the only one of its interfaces that honors the window, with the types of its SDK."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import ollama
from pydantic import BaseModel, Field, ValidationError

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Health, Outgoing
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.door import Door
from tierwise.backends.draft import Draft, make_usage
from tierwise.backends.drain import drain
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, ServerError, Site, failure_of_error, failure_of_status
from tierwise.backends.gate_httpx import GatedTransport
from tierwise.backends.options import OllamaOptions
from tierwise.backends.origins import Origin
from tierwise.backends.probing import PROBE_S, failed_probe, probed
from tierwise.backends.turns import Turns
from tierwise.backends.wire import JSON_LINES


class TagList(BaseModel):
    """What `/api/tags` answers."""

    class Tag(BaseModel):
        """One model on the server."""

        name: str

    models: list[Tag] = Field(default_factory=list)


class ShownModel(BaseModel):
    """What `/api/show` answers, as far as it matters here."""

    model_info: dict[str, Any] = Field(default_factory=dict)
    remote_host: str | None = None
    remote_model: str | None = None

    @property
    def is_passed_on(self) -> bool:
        """Whether the model runs on another machine."""
        return bool(self.remote_host or self.remote_model)

    @property
    def window(self) -> int | None:
        """The longest window of the model."""
        for name, value in self.model_info.items():
            if name.endswith(".context_length") and isinstance(value, int) and 0 < value:
                return value
        return None


class OllamaBackend:
    """One Ollama server with its key, if it needs one."""

    def __init__(self, options: OllamaOptions, key: str | None, egress: Egress) -> None:
        origin = Origin.of(options.host)
        self._options = options
        self._site = site_of(options, origin)
        self._turns = Turns(options.n_concurrent, self._site.name)
        door = Door(
            origin=origin,
            site=self._site,
            key=key,
            chat_path="/api/chat",
            stream_types=JSON_LINES,
            proxy=options.proxy_origin,
        )
        timeout = httpx.Timeout(None, connect=options.connect_timeout_s)
        transport = GatedTransport(egress.open(door))
        self._passed_on: dict[str, bool] = {}
        self._http = httpx.AsyncClient(
            base_url=options.host, transport=transport, trust_env=False, follow_redirects=False, timeout=timeout
        )

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream one reply. Raises BackendError, also when the server silently cut the prompt."""
        clocks = RunningClocks(self._options.clocks, request.deadline_s, self._site.name)
        draft = Draft(request, clocks, on_text, self._site.name)
        with draft.accounted():
            async with clocks, self._turns.one():
                clocks.start()
                if request.must_stay and await self._is_passed_on(request.model):
                    words = f"{self._site.name} passes {request.model!r} on to another machine, so nothing was sent"
                    raise BackendError(FailureKind.NOT_CONFIGURED, words)
                await self._stream(request, draft)
            draft.check_prompt_was_read()
            return draft.completion()

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What `complete` would send."""
        url = self._options.host.rstrip("/") + "/api/chat"
        is_here = self._options.keeps_on_this_machine(request.model)
        return Outgoing(url=url, body=self._body(request), is_on_this_machine=is_here)

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Ask for the version, the models, and the windows of those that are wanted."""
        try:
            async with asyncio.timeout(PROBE_S):
                version = await self._get("/api/version")
                tags = TagList.model_validate(await self._get("/api/tags"))
                names = tuple(tag.name for tag in tags.models)
                missing = [model for model in models if not has_model(names, model)]
                shown = {model: await self._shown(model) for model in models if model not in missing}
        except (HttpFailure, BackendError, TimeoutError) as err:
            return failed_probe(self._site, err)
        except ValidationError:
            words = f"{self._site.name} does not answer like Ollama: check this backend's host"
            return Health(is_reachable=True, words=words, failure=FailureKind.PROTOCOL)
        known = {model: window for model, found in shown.items() if (window := found.window) is not None}
        health = probed(self._site, names, known, missing, str(version.get("version", "")) or None)
        return replace(health, passed_on=frozenset(model for model, found in shown.items() if found.is_passed_on))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _stream(self, request: ChatRequest, draft: Draft) -> None:
        async with aclosing(self._parts(request)) as parts:
            async for part in parts:
                take(part, draft)
                if part.done:
                    await drain(parts)
                    return

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        """The request as JSON. The SDK's own method has no place for `truncate`, which makes an error of a prompt that
        would be cut; releases that do not know it ignore it.
        """
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "stream": True,
            "think": self._options.think,
            "options": model_options(request),
            "keep_alive": self._options.keep_alive,
            "truncate": False,
        }
        return body if request.schema is None else body | {"format": request.schema}

    async def _parts(self, request: ChatRequest) -> AsyncGenerator[ollama.ChatResponse, None]:
        try:
            async with self._http.stream("POST", "/api/chat", json=self._body(request)) as response:
                async for line in response.aiter_lines():
                    part = json.loads(line)
                    if error := part.get("error"):
                        raise failure_of_error(self._site, request.model, 500, ServerError(str(error)))
                    yield ollama.ChatResponse.model_validate(part)
        except HttpFailure as err:
            raise failure_of_status(self._site, request.model, err) from err
        except (ValueError, TypeError, AttributeError) as err:
            words = f"{self._site.name} sent a line of an unknown shape, so its reply was not used"
            raise BackendError(FailureKind.PROTOCOL, words) from err

    async def _get(self, path: str) -> dict[str, Any]:
        return self._document(await self._http.get(path))

    async def _is_passed_on(self, model: str) -> bool:
        """Whether this server only forwards what is sent to a model. Raises BackendError when it does not say."""
        if model not in self._passed_on:
            try:
                self._passed_on[model] = (await self._shown(model)).is_passed_on
            except HttpFailure as err:
                raise failure_of_status(self._site, model, err) from err
            except ValidationError as err:
                words = f"{self._site.name} does not say where {model!r} runs, so nothing was sent"
                raise BackendError(FailureKind.PROTOCOL, words) from err
        return self._passed_on[model]

    async def _shown(self, model: str) -> ShownModel:
        return ShownModel.model_validate(self._document(await self._http.post("/api/show", json={"model": model})))

    def _document(self, response: httpx.Response) -> dict[str, Any]:
        try:
            document = response.json()
        except ValueError:
            document = None
        if isinstance(document, dict):
            return document
        words = f"{self._site.name} does not answer like Ollama: check this backend's host"
        raise BackendError(FailureKind.PROTOCOL, words)


def model_options(request: ChatRequest) -> dict[str, Any]:
    """Ollama's runtime options for a request."""
    options: dict[str, Any] = {"temperature": request.temperature, "num_predict": request.max_output_tokens}
    return options if request.window is None else options | {"num_ctx": request.window}


def take(part: ollama.ChatResponse, draft: Draft) -> None:
    """Put one piece of a stream into the draft."""
    draft.model = part.model or draft.model
    draft.add_reasoning(part.message.thinking or "")
    draft.add(part.message.content or "")
    if part.done:
        draft.is_ended = True
        draft.finish = part.done_reason
        draft.usage = make_usage(part.prompt_eval_count, part.eval_count)


def has_model(names: tuple[str, ...], model: str) -> bool:
    """Whether a model is among those listed; a name without a tag means `latest`."""
    return model in names or (":" not in model and f"{model}:latest" in names)


def site_of(options: OllamaOptions, origin: Origin) -> Site:
    """Who is asked, in words."""
    is_keyed = options.needs_key
    elsewhere = "check the network connection and this backend's host"
    return Site(
        name=origin.host if is_keyed else f"Ollama at {origin.host}:{origin.port}",
        when_down="start it with `ollama serve`" if origin.is_loopback else elsewhere,
        when_key_refused=f"check {options.key_words}" if is_keyed else "run `ollama signin`, or set api_key_env",
        when_model_missing="name another one in the configuration" if is_keyed else "run `ollama pull {model}`",
    )
