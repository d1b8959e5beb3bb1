"""OpenAI's chat completions over the openai SDK: one request, one stream, strictly read."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

# The SDK looks for httpx among the loaded modules at the end of a stream, and stumbles over one that another backend's
# connection has half loaded in its thread.
import httpx  # noqa: F401
import httpx2
import openai
from pydantic import BaseModel, ValidationError

from tierwise.backends.base import BackendError, ChatRequest, FailureKind, Usage
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.draft import Draft, make_usage
from tierwise.backends.egress import Gate
from tierwise.backends.failures import HttpFailure, error_of, failure_of_error, failure_of_status
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.openai_quirks import CHAT_PATH, Quirks, learn
from tierwise.backends.wire import LineGuard


class Delta(BaseModel):
    """The new part of a reply."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    """One of the replies; only the first was asked for."""

    index: int = 0
    delta: Delta | None = None
    finish_reason: str | None = None


class Chunk(BaseModel):
    """One event of a stream."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: dict[str, Any] | None = None


class ChatClient:
    """Sends chat requests to one address. Raises BackendError."""

    def __init__(self, gate: Gate, base_url: str, connect_s: float, quirks: Quirks) -> None:
        timeout = httpx2.Timeout(None, connect=connect_s)
        self._site = gate.door.site
        self._base_url = base_url.rstrip("/")
        self._http = client(gate, timeout)
        self._sdk = openai.AsyncOpenAI(
            api_key="added by the transport",
            base_url=base_url,
            http_client=self._http,
            timeout=timeout,
            max_retries=0,
        )
        self._first_quirks = quirks
        self._quirks: dict[str, Quirks] = {}

    async def stream(self, request: ChatRequest, draft: Draft, clocks: RunningClocks) -> None:
        """Fill the draft. Fields the server refuses are left out from then on."""
        quirks = self._quirks.get(request.model, self._first_quirks)
        while True:
            clocks.start()
            try:
                events = await self._open(quirks.body(request))
            except HttpFailure as err:
                learnt = learn(quirks, err)
                if learnt is None:
                    raise failure_of_status(self._site, request.model, err) from err
                quirks = learnt
            else:
                self._quirks[request.model] = quirks
                async with events:
                    await self._read(events, request, draft)
                return

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """What would be sent for a request."""
        return self._quirks.get(request.model, self._first_quirks).body(request)

    async def get(self, path: str, timeout_s: float) -> Any:
        """Fetch a JSON document beside the chat. Raises BackendError, HttpFailure, or TimeoutError."""
        async with asyncio.timeout(timeout_s):
            response = await self._http.get(self._base_url + path)
        try:
            return response.json()
        except ValueError as err:
            raise self._strange("something that is not JSON") from err

    async def aclose(self) -> None:
        """Close all connections."""
        await self._sdk.close()

    async def _open(self, body: dict[str, Any]) -> openai.AsyncStream[object]:
        # The SDK's own method builds its chunk types without checking them, so wrong shapes would pass as empty
        # replies; plain objects come through here and are checked below.
        return await self._sdk.post(
            CHAT_PATH, cast_to=object, body=body, stream=True, stream_cls=openai.AsyncStream[object]
        )

    async def _read(self, events: openai.AsyncStream[object], request: ChatRequest, draft: Draft) -> None:
        async with aclosing(self._chunks(events, request.model)) as chunks:
            async for chunk in chunks:
                take(chunk, draft)
        guard = events.response.extensions["guard"]
        draft.is_ended = isinstance(guard, LineGuard) and guard.has_done

    async def _chunks(self, events: openai.AsyncStream[object], model: str) -> AsyncGenerator[Chunk, None]:
        try:
            async for event in events:
                yield Chunk.model_validate(event)
        except openai.APIError as err:
            code = err.body.get("code") if isinstance(err.body, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
            raise failure_of_error(self._site, model, status, error_of({"error": err.body})) from err
        except ValidationError as err:
            raise self._strange("an event of an unknown shape") from err
        except ValueError as err:
            raise self._strange("an event that is not JSON") from err

    def _strange(self, what: str) -> BackendError:
        return BackendError(FailureKind.PROTOCOL, f"{self._site.name} sent {what}, so its reply was not used")


def take(chunk: Chunk, draft: Draft) -> None:
    """Put one event of a stream into the draft."""
    if chunk.model:
        draft.model = chunk.model
    if chunk.usage is not None:
        draft.usage = usage_of(chunk.usage) or draft.usage
    for choice in chunk.choices or ():
        if choice.index != 0:
            continue
        if choice.delta is not None:
            draft.add_reasoning(choice.delta.reasoning_content or choice.delta.reasoning or "")
            draft.add(choice.delta.content or "")
            draft.refusal += choice.delta.refusal or ""
        draft.finish = choice.finish_reason or draft.finish


def usage_of(counts: dict[str, Any]) -> Usage | None:
    """Counts in OpenAI's shape, with the places where other servers put the same figures."""
    prompt, completion = _details(counts, "prompt_tokens_details"), _details(counts, "completion_tokens_details")
    n_input, n_output = counts.get("prompt_tokens"), counts.get("completion_tokens")
    n_cached = prompt.get("cached_tokens", counts.get("prompt_cache_hit_tokens"))
    n_reasoning = completion.get("reasoning_tokens")
    if isinstance(n_input, int) and isinstance(n_output, int) and isinstance(n_reasoning, int):
        # Some servers leave reasoning out of the reply's count, though it is charged; the total gives them away.
        n_output += n_reasoning if counts.get("total_tokens") == n_input + n_output + n_reasoning else 0
    return make_usage(n_input, n_output, n_cached, n_reasoning)


def _details(counts: dict[str, Any], name: str) -> dict[str, Any]:
    details = counts.get(name)
    return details if isinstance(details, dict) else {}
